"""The chest and its findings as geometric solids."""

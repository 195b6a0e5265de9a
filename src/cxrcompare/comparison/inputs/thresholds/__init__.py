"""Thresholds of the compared models: given, chosen on validation, or 0.5."""

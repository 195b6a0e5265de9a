"""Comparison of models: paired differences, adjusted p-values, ranks, seeds, readers."""

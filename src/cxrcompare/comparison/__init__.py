"""Models compared: paired differences, adjusted p-values, ranks, seeds, readers."""

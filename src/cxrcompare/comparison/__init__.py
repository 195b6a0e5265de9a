"""Models against each other: paired differences, multiplicity, ranks, seeds, readers."""

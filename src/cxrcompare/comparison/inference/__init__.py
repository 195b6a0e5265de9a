"""Estimates, paired differences, multiplicity, ranks: arrays in, rows of results out."""

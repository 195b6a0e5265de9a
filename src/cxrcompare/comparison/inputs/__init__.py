"""Inputs of a comparison: reads and aligns files, adds baselines and thresholds."""

"""Comparison bundles: inputs and result of a comparison in one file that others recompute."""

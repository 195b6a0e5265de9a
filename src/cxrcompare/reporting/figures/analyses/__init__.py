"""Figures of the further analyses: operating points, calibration, groups, sites, pooling."""

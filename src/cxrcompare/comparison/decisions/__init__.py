"""Decisions with a model: net benefit, use at a site, operating points and calibration."""

"""A number with its interval: metrics, resampling, calibration, operating points."""

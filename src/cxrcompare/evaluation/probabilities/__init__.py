"""Probabilities: calibration error, recalibration and net benefit."""

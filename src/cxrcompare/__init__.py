"""Statistically sound comparison of chest-radiograph classifiers."""

__version__ = "0.1.0"

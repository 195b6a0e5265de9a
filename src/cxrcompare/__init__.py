"""Compare chest-radiograph classifiers, and be right."""

__version__ = "0.1.0"

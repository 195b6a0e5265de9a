"""Ensembles of models as further models: chosen sets, seeds, and the best subset on validation."""

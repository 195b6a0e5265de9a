"""Baselines: models that use no image, as rows beside the networks."""

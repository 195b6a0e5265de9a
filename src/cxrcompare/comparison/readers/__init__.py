"""Human readers: comparison with models, and their agreement."""

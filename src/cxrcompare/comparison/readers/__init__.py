"""Human readers: comparison with models, and reader bootstrap of the reference standard."""

"""Human readers: compared with models, and as the source of the reference standard."""

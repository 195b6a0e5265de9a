"""Pooling: random effects over sites and over findings."""

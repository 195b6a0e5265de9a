"""Influence functions: estimates, paired tests and equivalence tests, clustered by patient."""

"""Uncertainty policies, patient-disjoint splits, and the reference labels."""

"""Uncertainty policies, patient-disjoint splits, and reference labels."""

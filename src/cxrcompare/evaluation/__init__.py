"""Metrics, intervals and tests as pure functions of arrays."""

"""Metrics with intervals, as pure functions of arrays."""

"""Regions of findings: masks and boxes as published, on the grid of the measures."""

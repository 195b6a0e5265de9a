"""Simulation of a radiograph from solids: projection, detector, masks."""

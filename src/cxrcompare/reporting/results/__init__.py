"""A finished comparison, ready to look up: estimates, tables of cells, numbers as text."""

"""Lookup of results by name, tables of formatted cells, and formatting of numbers."""

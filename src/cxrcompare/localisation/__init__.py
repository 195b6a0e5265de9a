"""Localisation: maps of networks measured against the regions of findings, with paired tests."""

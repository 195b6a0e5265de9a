"""Estimates with intervals for every run and architecture."""

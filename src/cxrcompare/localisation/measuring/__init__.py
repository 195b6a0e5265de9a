"""Measures of maps against regions, with intervals and paired tests; agreement of maps."""

"""Checks of ids, scores and metadata for mistakes that change results without an error."""

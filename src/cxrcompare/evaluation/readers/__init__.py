"""Readers: points beside ROC curves, a panel as a random factor, and agreement."""

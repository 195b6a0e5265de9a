"""Solids, tubes and clouds on rays: geometry and its compiled loops."""

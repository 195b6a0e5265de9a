"""The section on localisation: maps against regions, occluded parts, and random weights."""

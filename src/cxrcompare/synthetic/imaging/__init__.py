"""From solids to a radiograph: projection, detector, masks."""

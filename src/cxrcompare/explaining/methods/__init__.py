"""Other methods that explain a logit, as contrasts to the exact map, and randomised networks."""

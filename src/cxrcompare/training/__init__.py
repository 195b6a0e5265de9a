"""One network trained on one store with one seed, and what it predicts."""

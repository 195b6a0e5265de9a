"""Training of one network on one image store with one seed, and its predictions."""

"""Two references of one test set, and the known error rates of a labeller."""

"""Training objectives: losses, and the meaning of the logits."""

"""What a run minimises: losses, and what the logits mean."""

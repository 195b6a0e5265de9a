"""From what the labels say to what is learnt and what is true: policies and splits."""

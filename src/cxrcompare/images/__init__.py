"""Image files decoded once into a memory-mapped image store."""

"""Pixels: decoding files, and the memory-mapped image store."""

"""Decoding of one file to one grey image: decoders, grey levels, resizing, isolated workers."""

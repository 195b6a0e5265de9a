"""One file to one grey image: decoders, grey levels, resizing, and isolated workers."""

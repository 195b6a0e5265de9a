"""Weight files: found, read without running any code of theirs, and converted."""

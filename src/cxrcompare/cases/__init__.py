"""Cases to look at: studies selected by rule, and the file of their images, maps and scores."""

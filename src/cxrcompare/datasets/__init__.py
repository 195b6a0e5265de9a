"""One module per data set, each reading a folder into an ImageTable."""

"""What the data set modules share: label files, mappings, image files and views."""

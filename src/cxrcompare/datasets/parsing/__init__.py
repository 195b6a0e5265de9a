"""Code shared by the data set modules: label files, mappings, image files and views."""

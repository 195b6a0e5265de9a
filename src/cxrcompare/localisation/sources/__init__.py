"""Regions as published: masks of the sample and of CheXlocalize, boxes of NIH and VinDr-CXR."""

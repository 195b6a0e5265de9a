"""Finds cropped and mirrored copies of images in other splits."""

"""The input pipeline: rows of the image store, targets, augmentation and loader threads."""

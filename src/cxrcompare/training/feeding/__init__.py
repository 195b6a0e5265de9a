"""From the image store to batches: rows and targets, augmentation, loader threads."""

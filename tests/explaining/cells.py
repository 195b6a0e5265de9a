"""A network for tests whose map is known: the mean of each part of an image."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np


class Cells:
    """A network whose map is the mean of each 16 x 16 part of an image, and whose bias is 3."""

    def __init__(self, size=32):
        cells = size // 16
        shapes = (None, 1), (None, cells, cells, 1)
        self.output = [SimpleNamespace(shape=shape) for shape in shapes]

    def predict_on_batch(self, images):
        count, size = images.shape[:2]
        parts = images.astype(np.float32).reshape(count, size // 16, 16, size // 16, 16)
        plain = parts.mean((2, 4))[..., None]
        return plain.mean((1, 2)) + 3, plain

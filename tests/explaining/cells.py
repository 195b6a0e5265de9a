"""A network for tests whose map is known: the mean of each part of an image."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np


class Cells:
    """A network whose map is the mean of each 16 x 16 part of an image, and whose bias is 3."""

    output = SimpleNamespace(shape=(None, 1))

    def predict_on_batch(self, images):
        count, size = images.shape[:2]
        parts = images.astype(np.float32).reshape(count, size // 16, 16, size // 16, 16)
        plain = parts.mean((2, 4))[..., None]
        return plain.mean((1, 2)) + 3, plain

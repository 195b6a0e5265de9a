"""A contact sheet: a PNG with some images of a store, for visual inspection."""

from __future__ import annotations

import io
import math
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from cxrcompare.errors import InputError
from cxrcompare.filesystem.files import replacing
from cxrcompare.images.store import ImageStore

TILE = 256
GAP = 4
TITLE = 16
"""Height in pixels of the line that marks synthetic images."""


def preview(store: ImageStore, count: int, path: str | os.PathLike[str]) -> Path:
    """Writes a PNG with a grid of `count` images, evenly spread over the store.

    Synthetic images are marked as such.

    Args:
        store: The store.
        count: Number of images, 1 or more; all images if the store has fewer.
        path: Path of the PNG.

    Returns:
        The PNG's path.

    Raises:
        InputError: `count` is below 1.
    """
    if count < 1:
        raise InputError(f"`count` must be 1 or more. Received: count={count}")
    rows = np.unique(np.linspace(0, len(store) - 1, min(count, len(store))).round().astype(int))
    tile = min(TILE, store.pixels.shape[1])
    columns = math.ceil(math.sqrt(len(rows)))
    lines = math.ceil(len(rows) / columns)
    top = TITLE if store.table.notes.get("synthetic") else 0
    sheet = Image.new("L", (columns * (tile + GAP) + GAP, lines * (tile + GAP) + GAP + top), 64)
    if top:
        ImageDraw.Draw(sheet).text((GAP, 2), "synthetic: no patient's radiographs", fill=255)
    for index, row in enumerate(rows):
        line, column = divmod(index, columns)
        image = Image.fromarray(np.asarray(store.pixels[row]))
        image = image.resize((tile, tile), Image.Resampling.BOX)
        sheet.paste(image, (GAP + column * (tile + GAP), GAP + top + line * (tile + GAP)))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    with replacing(path) as partial:
        partial.write_bytes(buffer.getvalue())
    return Path(path)

"""A contact sheet: some pictures of a store, side by side, for people to look at."""

from __future__ import annotations

import io
import math
import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from cxrcompare.errors import InputError
from cxrcompare.files import replacing
from cxrcompare.images.store import ImageStore

TILE = 256
GAP = 4
TITLE = 16
"""Rows that say so where the pictures are synthetic."""


def preview(store: ImageStore, count: int, path: str | os.PathLike[str]) -> Path:
    """Writes a PNG with `count` pictures, evenly spread over the store, in rows.

    Synthetic pictures are marked as such.

    Args:
        store: The store.
        count: How many pictures, 1 or more; all where the store has fewer.
        path: The PNG's place.

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
    for place, row in enumerate(rows):
        line, column = divmod(place, columns)
        picture = Image.fromarray(np.asarray(store.pixels[row]))
        picture = picture.resize((tile, tile), Image.Resampling.BOX)
        sheet.paste(picture, (GAP + column * (tile + GAP), GAP + top + line * (tile + GAP)))
    buffer = io.BytesIO()
    sheet.save(buffer, "PNG")
    with replacing(path) as partial:
        partial.write_bytes(buffer.getvalue())
    return Path(path)

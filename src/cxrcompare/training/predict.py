"""predict: a finished run's probabilities for a store's split, image files, folders or DICOM."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare import files, models, output_checks, progress
from cxrcompare.errors import InputError
from cxrcompare.images.decode import ImageError, load
from cxrcompare.images.store import open_store
from cxrcompare.predictions import write_predictions
from cxrcompare.training import device

BATCH = 32
SUFFIXES: frozenset[str] = frozenset({".jpg", ".jpeg", ".png", ".dcm", ".dicom", ""})
"""What is taken from a folder, by the end of the name in lower case; its content decides then."""


def predict(
    run: str | os.PathLike[str],
    input: str | os.PathLike[str],
    out: str | os.PathLike[str],
    split: str = "test",
) -> None:
    """Writes a CSV of probabilities, a row per image.

    Args:
        run: The folder of a finished training.
        input: An image store, an image or DICOM file, or a folder of such files.
        out: The predictions, .csv; a new file.
        split: The split of a store.

    Raises:
        InputError: `out` exists, `run` is no finished run, or `input` holds nothing that can be
            read.
    """
    run, input, out = Path(run), Path(input), Path(out)
    output_checks.check_new_file(out)
    config = _config(run)
    device.start()
    model = models.load(run / "model.keras")
    size, findings = int(config["image_size"]), tuple(config["findings"])
    if (input / "store.json").is_file():
        store = open_store(input)
        rows = np.flatnonzero(store.table.rows["split"] == split)
        if not len(rows):
            raise InputError(f"{input}: must hold images of the split {split!r}. Received: none")
        from cxrcompare.training.batches import plain_batches

        batches = plain_batches(store.pixels, rows, BATCH, size)
        known = store.table.rows.iloc[rows]
        ids = {
            f"{name}_ids": known[f"{name}_id"].tolist() for name in ("image", "study", "patient")
        }
    else:
        paths = _images(input)
        batches = _file_batches(paths, size)
        root = input if input.is_dir() else input.parent
        ids = {"image_ids": [path.relative_to(root).as_posix() for path in paths]}
    values = _probabilities(model, batches, len(ids["image_ids"]))
    write_predictions(out, findings, values, **ids)


def _config(run: Path) -> dict[str, Any]:
    if not (run / "summary.json").is_file():
        raise InputError(f"{run}: must be the folder of a finished training, with summary.json")
    config: dict[str, Any] = files.read_json(run / "config.json")
    return config


def _images(input: Path) -> list[Path]:
    if input.is_file():
        return [input]
    if not input.is_dir():
        raise InputError(f"{input}: must be an image store, a file or a folder. Received: nothing")
    found = sorted(
        path
        for path in input.rglob("*")
        if path.is_file() and path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )
    if not found:
        raise InputError(f"{input}: must hold JPEG, PNG or DICOM files. Received: none")
    return found


def _file_batches(paths: Sequence[Path], size: int) -> Iterator[np.ndarray]:
    """Yields pictures as a store would hold them, in full batches; the last is filled up."""
    from cxrcompare.training.batches import ahead

    def make(index: int) -> np.ndarray:
        chunk = paths[index * BATCH : (index + 1) * BATCH]
        pixels = np.zeros((BATCH, size, size, 1), np.uint8)
        for place, path in enumerate(chunk):
            try:
                pixels[place, :, :, 0] = load(path, size)
            except ImageError as error:
                raise InputError(f"{path}: {error}") from error
        return pixels

    return ahead(make, -(-len(paths) // BATCH))


def _probabilities(model: Any, batches: Iterator[np.ndarray], count: int) -> np.ndarray:
    from cxrcompare.training.losses import bce
    from cxrcompare.training.record import probabilities
    from cxrcompare.training.step import Update, compile_step

    model.trainable = False
    step = compile_step(model, bce, Update((), ()))
    logits = []
    with progress.track("predict", count, "images") as advance:
        for pixels in batches:
            logits.append(step.predict(pixels))
            advance(min(len(pixels), count - BATCH * (len(logits) - 1)))
    return probabilities(np.concatenate(logits)[:count])

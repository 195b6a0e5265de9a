"""MapFile: the maps of one run for some images, and their npz file."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.filesystem import files
from cxrcompare.predictions.npz import LARGEST, read_npz

METHODS = ("cam", "hirescam", "grad-cam++", "integrated-gradients", "occlusion")
"""The names of the methods that make maps; see `docs/explaining.md`."""

_TEXTS = ("model", "run", "seed", "method", "checkpoint_hash")
_ARRAYS = ("id", "finding", "map", "logit", "offset")
KEYS = (*_ARRAYS, *_TEXTS, "image_size", "shifts")
"""The arrays of a map file."""


@dataclass(frozen=True)
class MapFile:
    """The maps of one run, one method, for n images and k findings.

    Attributes:
        ids: n ids of the images, each once.
        findings: k findings, each once.
        maps: (n, k, h, w) float32, finite; a positive value raises the logit. Cells cover the image
            evenly, row 0 at the top, column 0 at the left.
        logits: (n, k) float32.
        offsets: (n, k) float32: the logit is the mean of an exact map plus this; NaN for methods
            whose maps have no such property.
        model: The network's name.
        run: The name of the run's folder.
        seed: The run's seed as text; empty if unknown.
        method: One of `METHODS`.
        image_size: Side of the network's input in pixels.
        shifts: Number of shifted inputs per axis that the map was put together from; 1 for none.
        checkpoint_hash: SHA-256 of the network's file; empty if there is none.
    """

    ids: tuple[str, ...]
    findings: tuple[str, ...]
    maps: np.ndarray
    logits: np.ndarray
    offsets: np.ndarray
    model: str
    run: str
    seed: str
    method: str
    image_size: int
    shifts: int = 1
    checkpoint_hash: str = ""

    def __post_init__(self) -> None:
        """Checks shapes, ids and values.

        Raises:
            InputError: An id or a finding is repeated, a shape does not match, or a map or a logit
                is not finite.
        """
        for what, names in (("id", self.ids), ("finding", self.findings)):
            if not names or len(set(names)) < len(names) or "" in names:
                raise InputError(
                    f"maps must have one or more {what}s, each once and not empty. "
                    f"Received: {len(names)}, {len(set(names))} different"
                )
        shape = (len(self.ids), len(self.findings))
        if self.maps.ndim != 4 or self.maps.shape[:2] != shape or 0 in self.maps.shape:
            raise InputError(f"maps must be {shape} + (h, w). Received: {self.maps.shape}")
        for what, array in (("logits", self.logits), ("offsets", self.offsets)):
            if array.shape != shape:
                raise InputError(f"{what} must be {shape}. Received: {array.shape}")
        if self.method not in METHODS:
            raise InputError(
                f"`method` must be one of {', '.join(METHODS)}. Received: {self.method}"
            )
        if self.image_size < 1 or self.shifts < 1:
            raise InputError(
                "`image_size` and `shifts` must be 1 or more. "
                f"Received: {self.image_size} and {self.shifts}"
            )
        if not np.isfinite(self.logits).all() or not _all_finite(self.maps):
            raise InputError("maps and logits must be finite. Received: NaN or infinity")


def write_maps(path: str | os.PathLike[str], maps: MapFile) -> None:
    """Writes a map file, whole or not at all; maps of any size, in bounded memory.

    Args:
        path: The npz file.
        maps: The maps.

    Raises:
        InputError: The arrays are larger than a reader accepts.
    """
    if maps.maps.nbytes > LARGEST // 2:
        raise InputError(
            f"{path}: maps must have at most {LARGEST // 2:,} bytes. "
            f"Received: {maps.maps.nbytes:,}; explain fewer images or findings"
        )
    with files.replacing(path) as partial, partial.open("wb") as file:
        np.savez(
            file,
            id=np.asarray(maps.ids),
            finding=np.asarray(maps.findings),
            map=np.ascontiguousarray(maps.maps, np.float32),
            logit=np.asarray(maps.logits, np.float32),
            offset=np.asarray(maps.offsets, np.float32),
            model=np.asarray(maps.model),
            run=np.asarray(maps.run),
            seed=np.asarray(maps.seed),
            method=np.asarray(maps.method),
            checkpoint_hash=np.asarray(maps.checkpoint_hash),
            image_size=np.asarray(maps.image_size),
            shifts=np.asarray(maps.shifts),
        )


def read_maps(path: str | os.PathLike[str]) -> MapFile:
    """Reads a map file of any program; keys other than `KEYS` are ignored.

    `offset`, `shifts` and `checkpoint_hash` may be missing.

    Raises:
        InputError: The file is not an npz file, a key is missing, or a value is wrong.
    """
    path = Path(path)
    arrays = read_npz(path)
    absent = [key for key in KEYS[:-1] if key not in arrays]
    absent = [key for key in absent if key not in ("offset", "checkpoint_hash")]
    if absent:
        raise InputError(
            f"{path}: a map file must have the arrays {', '.join(KEYS)}. "
            f"Received: none of the name {absent[0]}"
        )
    try:
        logits = np.asarray(arrays["logit"], np.float32)
        return MapFile(
            ids=_texts(arrays["id"]),
            findings=_texts(arrays["finding"]),
            maps=np.asarray(arrays["map"], np.float32),
            logits=logits,
            offsets=np.asarray(arrays.get("offset", np.full_like(logits, np.nan)), np.float32),
            image_size=int(arrays["image_size"]),
            shifts=int(arrays.get("shifts", 1)),
            **{name: str(arrays.get(name, "")) for name in _TEXTS},
        )
    except (ValueError, TypeError) as error:  # InputError is a ValueError
        raise InputError(f"{path}: {error}") from error


def _texts(array: np.ndarray) -> tuple[str, ...]:
    if array.ndim != 1 or array.dtype.kind not in "US":
        raise InputError(
            f"ids and findings must be one row of text. Received: {array.shape} {array.dtype}"
        )
    return tuple(array.astype(str).tolist())


def _all_finite(maps: np.ndarray) -> bool:
    """Returns whether all values are finite; reads a few images at a time."""
    step = max(1, (1 << 24) // max(1, maps[0].size))
    return all(np.isfinite(maps[at : at + step]).all() for at in range(0, len(maps), step))

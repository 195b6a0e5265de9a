"""Maps in npz files."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.explaining.map_making import WORDS
from cxrcompare.explaining.maps import Maps
from cxrcompare.filesystem import files
from cxrcompare.predictions.npz import read_npz

_FORMAT = 1
_ARRAYS = ("id", "finding", "map", "logit", "run", "image_size", "fineness", "format")


def write_maps(maps: Maps, path: str | os.PathLike[str]) -> None:
    """Writes an npz file atomically.

    Its arrays are `id` (N), `finding` (F), `map` (N, F, H, W), `logit` (N, F), `run`, `image_size`
    in pixels, `fineness`, and `format`, the version of this list; and, for other programs, `model`,
    `seed`, `method` in words, `made_by`, the method's name, and `checkpoint`, the SHA-256 of the
    network's file. The maps are written in parts, so that they need no memory.
    """
    with files.replacing(path) as partial, partial.open("wb") as file:
        np.savez_compressed(
            file,
            allow_pickle=False,
            id=np.array(maps.ids),
            finding=np.array(maps.findings),
            map=maps.values,
            logit=maps.logits,
            run=np.array(maps.run),
            image_size=np.array(maps.image_size),
            fineness=np.array(maps.fineness),
            model=np.array(maps.model),
            seed=np.array(maps.seed),
            method=np.array(maps.method),
            made_by=np.array(maps.made_by),
            checkpoint=np.array(maps.checkpoint),
            format=np.array(_FORMAT),
        )


def read_maps(path: str | os.PathLike[str]) -> Maps:
    """Reads a file of `write_maps`.

    Raises:
        InputError: It is no such file, or its arrays do not fit each other.
    """
    path = Path(path)
    arrays = read_npz(path)
    lacking = [name for name in _ARRAYS if name not in arrays]
    if lacking:
        raise InputError(f"{path}: must have the arrays {', '.join(_ARRAYS)}. Lacking: {lacking}")
    values, logits = arrays["map"], arrays["logit"]
    shape = (arrays["id"].size, arrays["finding"].size)
    if values.ndim != 4 or values.shape[:2] != shape or logits.shape != shape:
        raise InputError(
            f"{path}: `map` must be (ids, findings, height, width) and `logit` (ids, findings), "
            f"for {shape[0]} ids and {shape[1]} findings. "
            f"Received: {values.shape} and {logits.shape}"
        )
    if not (np.isfinite(values).all() and np.isfinite(logits).all()):
        raise InputError(f"{path}: `map` and `logit` must be finite. Received: other values")
    numbers = {name: arrays[name] for name in ("image_size", "fineness", "format")}
    if any(one.shape != () or one.dtype.kind not in "iu" for one in numbers.values()):
        raise InputError(f"{path}: {', '.join(numbers)} must be whole numbers")
    if int(numbers["format"]) != _FORMAT:
        raise InputError(f"{path}: `format` must be {_FORMAT}. Received: {numbers['format']}")
    made_by = str(arrays.get("made_by", "class-map"))
    if made_by not in WORDS:
        raise InputError(f"{path}: `made_by` must be of {', '.join(WORDS)}. Received: {made_by}")
    return Maps(
        str(arrays["run"]),
        tuple(map(str, arrays["id"].ravel())),
        tuple(map(str, arrays["finding"].ravel())),
        values,
        logits,
        int(numbers["image_size"]),
        int(numbers["fineness"]),
        str(arrays.get("checkpoint", "")),
        made_by,
    )

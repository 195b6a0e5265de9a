"""Reads PyTorch checkpoints as arrays, without PyTorch and without running code of the file.

`.safetensors`: a table of contents in JSON and raw numbers. `.pth`: a pickle that refers to raw
numbers, which are other members of the zip archive or, in old files, follow the pickle. The pickle
is never loaded: its instructions are interpreted one by one, and any instruction beyond tensors in
dictionaries is refused.

`.pth` is read because torchvision publishes the ImageNet weights of ResNet34 in this format only,
as `resnet34-b627a593.pth`. The hash in that name identifies the file. A conversion to another
format would need PyTorch once on the machine of each user, and the converted file would have no
published hash.
"""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare.errors import InputError, reason
from cxrcompare.models.weight_files.checkpoint_pickle import LIMIT, read_pickle

_SAFETENSORS = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "i1",
    "U8": "u1",
    "BOOL": "?",
}
_OLD_MAGIC = 0x1950A86A20F9469CFC6C


def read_checkpoint(path: str | os.PathLike[str]) -> dict[str, np.ndarray]:
    """Returns the tensors of a `.safetensors`, `.pth` or `.pt` file by name.

    A `.pth` file must contain a dictionary of tensors (a state dict), or one under `state_dict` or
    `model`. The prefix `module.` is removed from names.

    Args:
        path: The file.

    Raises:
        InputError: The file cannot be read, is truncated, or contains anything but tensors.
    """
    path = Path(path)
    try:
        if path.suffix.lower() == ".safetensors":
            return _read_safetensors(path)
        tensors = _read_zip(path) if zipfile.is_zipfile(path) else _read_old(path)
        for key in ("state_dict", "model"):
            if isinstance(tensors, dict) and isinstance(tensors.get(key), dict):
                tensors = tensors[key]
        return _state(tensors)
    except Exception as error:  # zipfile, zlib and pickletools can raise any exception
        raise InputError(
            f"{path}: must be a checkpoint of tensors. Received: {reason(error)}"
        ) from error


def _state(tensors: Any) -> dict[str, np.ndarray]:
    if not isinstance(tensors, dict) or not tensors:
        raise ValueError(f"a {type(tensors).__name__} instead of a state dict")
    for name, tensor in tensors.items():
        if not isinstance(name, str) or not isinstance(tensor, np.ndarray):
            raise ValueError(f"{name!r} is no tensor")
    return {name.removeprefix("module."): tensor for name, tensor in tensors.items()}


def _read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """Reads Hugging Face's format: 8 bytes with the header's length, header in JSON, data."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > size - 8:
            raise ValueError("a header longer than the file")
        header = json.loads(file.read(length))
    header.pop("__metadata__", None)
    data = np.memmap(path, np.uint8, "r", offset=8 + length) if size > 8 + length else b""
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        kind, shape = entry["dtype"], tuple(entry["shape"])
        if not 0 <= begin <= end <= len(data):
            raise ValueError(f"{name} is outside the file")
        raw = bytes(data[begin:end])
        if kind == "BF16":  # the upper half of a float32
            wide = np.frombuffer(raw, "<u2").astype("<u4") << 16
            tensors[name] = wide.view("<f4").reshape(shape)
        elif kind in _SAFETENSORS:
            tensors[name] = np.frombuffer(raw, _SAFETENSORS[kind]).reshape(shape)
        else:
            raise ValueError(f"{name} has the type {kind}")
    return _state(tensors)


def _read_zip(path: Path) -> Any:
    """Reads the format of torch.save since 1.6: <folder>/data.pkl and one file per storage."""
    with zipfile.ZipFile(path) as archive:
        tables = [name for name in archive.namelist() if name.endswith("/data.pkl")]
        if len(tables) != 1:
            raise ValueError("a zip archive without one data.pkl")
        folder = tables[0].removesuffix("data.pkl")
        if (
            f"{folder}byteorder" in archive.namelist()
            and archive.read(f"{folder}byteorder") != b"little"
        ):
            raise ValueError("big-endian numbers")

        def storage(kind: str, key: str, count: int) -> np.ndarray:
            info = archive.getinfo(f"{folder}data/{key}")
            if info.file_size != count * np.dtype(kind).itemsize or info.file_size > LIMIT:
                raise ValueError(f"a storage of {info.file_size} bytes for {count} numbers")
            return np.frombuffer(archive.read(info), kind)

        info = archive.getinfo(tables[0])
        if info.file_size > LIMIT:
            raise ValueError("a table of contents that is too long")
        return read_pickle(io.BytesIO(archive.read(info)), storage)


def _read_old(path: Path) -> Any:
    """Reads the format of torch.save before 1.6: five pickles, then length and data of storages."""
    with path.open("rb") as file:
        if read_pickle(file, _refuse) != _OLD_MAGIC:
            raise ValueError("a file of another format")
        for _ in ("protocol", "system"):
            read_pickle(file, _refuse)
        wanted: dict[str, tuple[str, int, np.ndarray]] = {}

        def storage(kind: str, key: str, count: int) -> np.ndarray:
            if count * np.dtype(kind).itemsize > path.stat().st_size:
                raise ValueError(f"a storage of {count} numbers")
            if key not in wanted:
                wanted[key] = (kind, count, np.zeros(count, kind))
            return wanted[key][2]

        tensors = read_pickle(file, storage)
        for key in read_pickle(file, _refuse):
            kind, count, values = wanted[key]
            if int.from_bytes(file.read(8), "little") != count:
                raise ValueError("a storage of another length")
            values[:] = np.frombuffer(file.read(count * np.dtype(kind).itemsize), kind)
        return tensors


def _refuse(kind: str, key: str, count: int) -> np.ndarray:
    raise ValueError("an unexpected reference to numbers")

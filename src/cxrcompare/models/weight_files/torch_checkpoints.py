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
import math
import os
import pickletools
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from cxrcompare.errors import InputError, reason

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
_STORAGES = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}
_OLD_MAGIC = 0x1950A86A20F9469CFC6C
_LIMIT = 4 << 30
"""Largest size in bytes of a file's table of contents or of an array."""

Storage = Callable[[str, str, int], np.ndarray]
"""(type, key, count) -> the numbers of the storage with that key."""


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
            if info.file_size != count * np.dtype(kind).itemsize or info.file_size > _LIMIT:
                raise ValueError(f"a storage of {info.file_size} bytes for {count} numbers")
            return np.frombuffer(archive.read(info), kind)

        info = archive.getinfo(tables[0])
        if info.file_size > _LIMIT:
            raise ValueError("a table of contents that is too long")
        return _read_pickle(io.BytesIO(archive.read(info)), storage)


def _read_old(path: Path) -> Any:
    """Reads the format of torch.save before 1.6: five pickles, then length and data of storages."""
    with path.open("rb") as file:
        if _read_pickle(file, _refuse) != _OLD_MAGIC:
            raise ValueError("a file of another format")
        for _ in ("protocol", "system"):
            _read_pickle(file, _refuse)
        wanted: dict[str, tuple[str, int, np.ndarray]] = {}

        def storage(kind: str, key: str, count: int) -> np.ndarray:
            if count * np.dtype(kind).itemsize > path.stat().st_size:
                raise ValueError(f"a storage of {count} numbers")
            if key not in wanted:
                wanted[key] = (kind, count, np.zeros(count, kind))
            return wanted[key][2]

        tensors = _read_pickle(file, storage)
        for key in _read_pickle(file, _refuse):
            kind, count, values = wanted[key]
            if int.from_bytes(file.read(8), "little") != count:
                raise ValueError("a storage of another length")
            values[:] = np.frombuffer(file.read(count * np.dtype(kind).itemsize), kind)
        return tensors


def _refuse(kind: str, key: str, count: int) -> np.ndarray:
    raise ValueError("an unexpected reference to numbers")


def _read_pickle(file: BinaryIO, storage: Storage) -> Any:
    """Returns the content of a pickle of dictionaries, lists, numbers, text and tensors."""
    stack: list[Any] = []
    memory: dict[Any, Any] = {}
    for instruction, value, _ in pickletools.genops(file):
        name = instruction.name
        if name in ("PROTO", "FRAME"):
            continue
        if name == "STOP":
            return stack.pop()
        if name in _NEW:
            stack.append(_NEW[name]())
        elif name in _VALUES:
            stack.append(value)
        elif name in ("BINPUT", "LONG_BINPUT", "PUT"):
            memory[value] = stack[-1]
        elif name == "MEMOIZE":
            memory[len(memory)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET", "GET"):
            stack.append(memory[value])
        elif name == "GLOBAL":
            stack.append(_Name(value))
        elif name == "STACK_GLOBAL":
            second, first = stack.pop(), stack.pop()
            stack.append(_Name(f"{first} {second}"))
        elif name in ("TUPLE1", "TUPLE2", "TUPLE3"):
            stack[-int(name[-1]) :] = [tuple(stack[-int(name[-1]) :])]
        elif name == "TUPLE":
            stack.append(tuple(_above_mark(stack)))
        elif name == "APPEND":
            item = stack.pop()
            stack[-1].append(item)
        elif name == "APPENDS":
            items = _above_mark(stack)
            stack[-1].extend(items)
        elif name in ("SETITEM", "SETITEMS"):
            items = _above_mark(stack) if name == "SETITEMS" else [stack.pop(), stack.pop()][::-1]
            stack[-1].update(zip(items[::2], items[1::2], strict=True))
        elif name == "BINPERSID":
            stack.append(_numbers(stack.pop(), storage))
        elif name == "REDUCE":
            arguments = stack.pop()
            stack.append(_call(stack.pop(), arguments))
        elif name == "BUILD":  # attributes of a dictionary, such as `_metadata`: ignored
            stack.pop()
        else:
            raise ValueError(f"a pickle with the instruction {name}")
    raise ValueError("a pickle without an end")


class _Name(str):
    """A global that a pickle refers to, as "module name". It is never imported."""

    __slots__ = ()


_MARK = object()
_NEW: dict[str, Callable[[], Any]] = {
    "MARK": lambda: _MARK,
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
}
_VALUES = frozenset(
    (
        "BININT",
        "BININT1",
        "BININT2",
        "INT",
        "LONG",
        "LONG1",
        "LONG4",
        "BINFLOAT",
        "FLOAT",
        "BINUNICODE",
        "SHORT_BINUNICODE",
        "BINUNICODE8",
        "UNICODE",
        "BINSTRING",
        "SHORT_BINSTRING",
    )
)


def _above_mark(stack: list[Any]) -> list[Any]:
    from_end = next((n for n, x in enumerate(reversed(stack)) if x is _MARK), None)
    if from_end is None:
        raise ValueError("a pickle without a mark")
    mark = len(stack) - 1 - from_end
    items = stack[mark + 1 :]
    del stack[mark:]
    return items


def _numbers(reference: Any, storage: Storage) -> np.ndarray:
    """Returns the numbers that a tensor refers to."""
    tag, kind, key, _, count, *_ = reference
    name = kind.removeprefix("torch ") if isinstance(kind, _Name) else ""
    if tag != "storage" or name not in _STORAGES or not 0 <= count <= _LIMIT:
        raise ValueError(f"a pickle that refers to {tag} {kind}")
    return storage(_STORAGES[name], str(key), count)


def _call(name: Any, arguments: Any) -> Any:
    """Returns the result of a call in a pickle; only three functions are allowed."""
    if isinstance(name, _Name):
        if name == "collections OrderedDict":
            return dict(*arguments)
        if name == "torch._utils _rebuild_tensor_v2":
            return _tensor(*arguments)
        if name == "torch._utils _rebuild_parameter":
            return arguments[0]
    raise ValueError(f"a pickle that calls {name}")


def _tensor(numbers: Any, offset: Any, shape: Any, stride: Any, *_: Any) -> np.ndarray:
    """Returns a view of a storage; a tensor that exceeds its storage is an error."""
    offset, shape, stride = int(offset), tuple(map(int, shape)), tuple(map(int, stride))
    if not isinstance(numbers, np.ndarray) or len(shape) > 16 or math.prod(shape) > numbers.size:
        raise ValueError("a tensor that is larger than its storage")
    last = offset + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))
    inside = offset >= 0 and all(x >= 0 for x in (*shape, *stride)) and last < numbers.size
    if not math.prod(shape):
        return np.zeros(shape, numbers.dtype)
    if not inside:
        raise ValueError("a tensor that exceeds its storage")
    steps = [step * numbers.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(numbers[offset:], shape, steps, writeable=False)

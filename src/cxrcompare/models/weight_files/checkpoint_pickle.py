"""Interprets the pickle of a checkpoint without loading it: only tensors in dictionaries.

The instructions are read one by one. Any instruction, name or call beyond dictionaries, lists,
numbers, text and tensors is refused, so that no code of the file runs.
"""

from __future__ import annotations

import math
import pickletools
from collections.abc import Callable
from typing import Any, BinaryIO

import numpy as np

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
LIMIT = 4 << 30
"""Largest size in bytes of a file's table of contents or of an array."""

Storage = Callable[[str, str, int], np.ndarray]
"""(type, key, count) -> the numbers of the storage with that key."""


def read_pickle(file: BinaryIO, storage: Storage) -> Any:
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
    if tag != "storage" or name not in _STORAGES or not 0 <= count <= LIMIT:
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

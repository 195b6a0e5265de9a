"""Reads the arrays of an npz file; sizes are checked before anything is read."""

from __future__ import annotations

import tokenize
import zipfile
import zlib
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError, reason
from cxrcompare.filesystem import files

LARGEST = 2**32
"""The maximum size of all arrays of a file, in bytes."""

_UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
    SyntaxError,
    MemoryError,
    RuntimeError,  # an encrypted member
    OverflowError,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)


def read_npz(path: Path) -> dict[str, np.ndarray]:
    """Returns the arrays of an npz file by name; objects (pickle) are refused.

    Raises:
        InputError: The file is not an npz file of numbers and text, or is too large.
    """
    try:
        files.regular_size(path)
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > LARGEST:
            raise InputError(
                f"{path}: must hold at most {LARGEST:,} bytes of arrays. Received: {size:,}"
            )
        with np.load(path, allow_pickle=False) as content:
            arrays = {name: content[name] for name in content.files}
    except InputError:
        raise
    except FileNotFoundError:
        raise InputError(f"{path}: must be a file. Received: no such file") from None
    except _UNREADABLE as error:
        raise InputError(
            f"{path}: must be an npz file of arrays of numbers and text, not objects "
            f"(`ids.astype(str)`). Received: {reason(error)}"
        ) from error
    wrong = next((name for name, one in arrays.items() if not isinstance(one, np.ndarray)), None)
    if wrong is not None:
        raise InputError(f"{path}: must contain arrays only. Received: {wrong!r}, another file")
    return arrays

"""Compilation of inner loops with numba, with a cache on disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxrcompare import isolated

with isolated.without("yaml"):  # else numba reads `.numba_config.yaml` of the current folder
    from numba import njit
    from numba.core import config

config._config_fname = ""  # else numba reads the file again before it compiles


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles a kernel on its first call and caches it on disk if the cache folder is safe.

    Numba loads its cache with pickle, which can run code.
    """
    options = {"nogil": True, "error_model": "numpy"}
    try:
        kernel = njit(cache=True, **options)(function)
    except RuntimeError:  # numba can write no cache beside the source or in the user's folder
        return njit(**options)(function)
    source = Path(function.__code__.co_filename)
    if not _trusted(kernel.stats.cache_path, source):
        return njit(**options)(function)
    return kernel


def _trusted(cache: str, source: Path) -> bool:
    """Returns whether only this user can write to a cache folder.

    The folder next to the source, which has Python's bytecode, is trusted like the source. Another
    folder must belong to this user, have an absolute path, and not be writable by everybody.
    """
    folder = Path(cache)
    if not folder.is_absolute():
        return False
    if folder.parent == source.parent:
        return True
    if not hasattr(os, "getuid"):
        return True  # on Windows the folder is in the user's profile
    status = folder.resolve().stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o002

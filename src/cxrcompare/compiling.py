"""Compilation of inner loops with numba, cached on disk."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxrcompare import isolated

with isolated.without("yaml"):  # with it, numba reads `.numba_config.yaml` of the current folder
    from numba import njit
    from numba.core import config

config._config_fname = ""  # numba looks for the file again before it compiles


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles a kernel on its first call and keeps it on disk, where a folder is safe.

    What numba keeps is loaded as a pickle, which can run code.
    """
    options = {"nogil": True, "error_model": "numpy"}
    try:
        kernel = njit(cache=True, **options)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache folder
        return njit(**options)(function)
    source = Path(function.__code__.co_filename)
    if not _trusted(kernel.stats.cache_path, source):
        return njit(**options)(function)
    return kernel


def _trusted(cache: str, source: Path) -> bool:
    """Returns whether nobody but this user could have put something into a cache folder.

    Beside the source lies Python's own bytecode, so that folder is trusted as the source is.
    Another one must be this user's, and neither relative nor open to everybody.
    """
    folder = Path(cache)
    if not folder.is_absolute():
        return False
    if folder.parent == source.parent:
        return True
    if not hasattr(os, "getuid"):
        return True  # Windows keeps it in the user's profile
    status = folder.resolve().stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o002

"""Compilation of inner loops with numba, with a cache on disk."""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cxrcompare import extras, isolated

try:
    with isolated.without("yaml"):  # else numba reads `.numba_config.yaml` of the current folder
        from numba import njit
        from numba.core import config
except ModuleNotFoundError as error:
    if error.name != "numba":
        raise
    njit = None
else:
    config._config_fname = ""  # else numba reads the file again before it compiles

_logger = logging.getLogger(__name__)
Kernel = Callable[..., Any]


def compiled(function: Kernel | None = None, *, otherwise: Kernel | None = None) -> Any:
    """Compiles a kernel on its first call and caches it on disk if the cache folder is safe.

    Numba loads its cache with pickle, which can run code.

    Args:
        function: The kernel; None when used as `@compiled(otherwise=...)`.
        otherwise: The function of the same arguments and results that replaces the kernel if numba
            is not installed. Without one, the kernel's call raises `extras.MissingError`.
    """
    if function is None:
        return functools.partial(compiled, otherwise=otherwise)
    if njit is None:
        return otherwise or _missing(function)
    options = {"nogil": True, "error_model": "numpy"}
    try:
        kernel = njit(cache=True, **options)(function)
    except RuntimeError:  # numba can write no cache beside the source or in the user's folder
        return njit(**options)(function)
    source = Path(function.__code__.co_filename)
    if not trusted(Path(kernel.stats.cache_path), source):
        return njit(**options)(function)
    return kernel


@functools.cache
def suggest_numba() -> None:
    """Logs once that numba would make a long computation faster, if it is not installed."""
    if njit is None:
        _logger.info("numba is not installed; it makes this faster: %s", extras.install("fast"))


def _missing(function: Kernel) -> Kernel:
    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        raise extras.MissingError(
            f"this needs packages that are not installed (numba): {extras.install('fast')}"
        )

    return call


def trusted(folder: Path, source: Path) -> bool:
    """Returns whether only this user can write to a folder of compiled code.

    The folder next to the source, which has Python's bytecode, is trusted like the source. Another
    folder must belong to this user, have an absolute path, and not be writable by everybody.

    Args:
        folder: The folder, which exists if it is not next to the source.
        source: The path of the source.
    """
    if not folder.is_absolute():
        return False
    if folder.parent == source.parent:
        return True
    if not hasattr(os, "getuid"):
        return True  # on Windows the folder is in the user's profile
    status = folder.resolve().stat()
    return status.st_uid == os.getuid() and not status.st_mode & 0o002

"""Compiles an inner loop with numba, once, and keeps it on disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import njit


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compiles a kernel on its first call and keeps it on disk, where a folder can be written."""
    options = {"nogil": True, "error_model": "numpy"}
    try:
        kernel = njit(cache=True, **options)(function)
    except RuntimeError:  # neither beside the source nor in the user's cache folder
        kernel = njit(**options)(function)
    return kernel

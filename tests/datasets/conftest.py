"""Tiny data sets in the published layouts, and what a reader must return for each."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

from .layouts.layout import Layout

LAYOUTS: dict[str, Callable[[], Layout]] = {
    path.stem: importlib.import_module(f"{__package__}.layouts.{path.stem}").layout
    for path in sorted(Path(__file__).with_name("layouts").glob("*.py"))
    if path.stem != "layout"
}


@pytest.fixture
def layouts() -> dict[str, Callable[[], Layout]]:
    """A writer for each data set, by its name."""
    return LAYOUTS

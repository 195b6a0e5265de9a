"""Debian's chromium for the tests of the page, driven by Playwright."""

from __future__ import annotations

import importlib.util
import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
    pytest.mark.skipif(
        importlib.util.find_spec("playwright") is None, reason="playwright is not installed"
    ),
]
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
UNFOLD = "() => { for (const part of document.querySelectorAll('.topic')) part.open = true }"

"""Content of files that is embedded in a page: files of this package, and bytes as text."""

from __future__ import annotations

import base64
from functools import cache
from importlib import resources


@cache
def packaged_text(package: str, name: str) -> str:
    """Returns the text of a file of a package.

    Args:
        package: The package, e.g. "cxrcompare.reporting".
        name: The path of the file in it, with slashes.
    """
    return resources.files(package).joinpath(*name.split("/")).read_text(encoding="utf-8")


def base64_text(content: bytes) -> str:
    """Returns bytes as base64 text."""
    return base64.b64encode(content).decode("ascii")

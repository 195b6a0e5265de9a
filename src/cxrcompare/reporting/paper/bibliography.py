"""References of methods, data and networks: the entries of references.bib by key."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from cxrcompare.filesystem.embedding import packaged_text

_KEY = re.compile(r"@\w+\{(\w+),")

SOFTWARE = "cxrcompare"
"""The key of this program, whose entry has the version that made the result."""


@functools.cache
def references() -> dict[str, str]:
    """Returns the BibTeX entry of every reference by key."""
    text = packaged_text("cxrcompare.reporting.paper", "references.bib")
    entries = text.strip().split("\n\n")
    return {found[1]: one + "\n" for one in entries if (found := _KEY.match(one))}


def bibtex(keys: Iterable[str], version: str | None) -> str:
    """Returns the BibTeX entries of some references, each once, in the order of their keys.

    Args:
        keys: Keys of `references`, or `SOFTWARE`.
        version: The version of this program that made the result; None if not stated.
    """
    entries = references() | {SOFTWARE: _software(version)}
    return "\n".join(entries[key] for key in sorted(set(keys)))


def _software(version: str | None) -> str:
    stated = f", version {version}" if version else ""
    return (
        f"@misc{{{SOFTWARE},\n"
        "  author = {{The cxrcompare developers}},\n"
        "  title = {cxrcompare: say which chest-radiograph classifier is better, and be right},\n"
        f"  howpublished = {{Software{stated}}},\n"
        "}\n"
    )

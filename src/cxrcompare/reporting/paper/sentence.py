"""Sentence: a statement of the methods section with the keys of its references."""

from __future__ import annotations

from typing import NamedTuple


class Sentence(NamedTuple):
    """A statement.

    Attributes:
        words: The text without its final period.
        cites: Keys of its references, see `bibliography`.
    """

    words: str
    cites: tuple[str, ...] = ()

"""A figure: a drawing with its title, alt text and data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cxrcompare.reporting.figures.svg import Axes


@dataclass(frozen=True)
class Figure:
    """A drawing with its data.

    Attributes:
        kind: The type of figure, one lower-case word; the name of the figure starts with it.
        about: The finding and network that it shows; empty if it shows all.
        title: The title, one line.
        alt_text: A text description of the content for screen readers.
        axes: The drawing.
        columns: The column names of the data.
        data: The rows of the data.
        note: How to read it, for the page; empty if the page says it elsewhere.
    """

    kind: str
    about: str
    title: str
    alt_text: str
    axes: Axes
    columns: tuple[str, ...]
    data: list[tuple[Any, ...]]
    note: str = ""

    @property
    def by_column(self) -> list[tuple[Any, ...]]:
        """The data by column."""
        return list(zip(*self.data, strict=True)) or [()] * len(self.columns)


def named(figures: list[Figure]) -> dict[str, Figure]:
    """Returns the figures by unique names that are valid as file names and HTML ids."""
    found: dict[str, Figure] = {}
    for figure in figures:
        name = slug(f"{figure.kind} {figure.about}")
        unique, number = name, 2
        while unique in found:
            unique, number = f"{name}-{number}", number + 1
        found[unique] = figure
    return found


def slug(words: str) -> str:
    """Returns text as at most 60 lower-case letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60].strip("-") or "figure"

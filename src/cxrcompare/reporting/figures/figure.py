"""A figure: a drawing, what it is, and the numbers it was drawn from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cxrcompare.reporting.figures.svg import Axes


@dataclass(frozen=True)
class Figure:
    """A drawing with its data.

    Attributes:
        kind: What it draws, one lower-case word; its name begins with it.
        about: The finding and network it is about; empty where it is about all.
        title: A line of words.
        told: What is to be seen, for those who do not see it.
        axes: The drawing.
        columns: The names of the columns of its data.
        data: The rows.
    """

    kind: str
    about: str
    title: str
    told: str
    axes: Axes
    columns: tuple[str, ...]
    data: list[tuple[Any, ...]]

    @property
    def by_column(self) -> list[tuple[Any, ...]]:
        """The data, column by column."""
        return list(zip(*self.data, strict=True)) or [()] * len(self.columns)


def named(figures: list[Figure]) -> dict[str, Figure]:
    """Returns the figures by names fit for files and for ids; two never share one."""
    found: dict[str, Figure] = {}
    for figure in figures:
        name = slug(f"{figure.kind} {figure.about}")
        unique, number = name, 2
        while unique in found:
            unique, number = f"{name}-{number}", number + 1
        found[unique] = figure
    return found


def slug(words: str) -> str:
    """Returns words as lower-case letters, digits and hyphens, at most 60 of them."""
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:60].strip("-") or "figure"

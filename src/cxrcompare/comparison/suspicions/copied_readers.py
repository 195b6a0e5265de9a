"""Readers whose ratings are those of the reference, or of another reader."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cxrcompare.predictions import Note

_FEWEST = 20
"""Ratings, with both classes, from which complete agreement is suspicious."""


def check(ratings: Mapping[str, np.ndarray], labels: np.ndarray) -> list[Note]:
    """Returns warnings about readers who agree with the reference or a reader everywhere.

    Args:
        ratings: {reader: (N, F) in {0, 1, NaN}}.
        labels: (N, F) in {0, 1, NaN}, the reference.
    """
    notes = []
    names = [*ratings]
    for index, name in enumerate(names):
        if _equal(ratings[name], labels):
            text = f"the reader {name} has exactly the labels of the reference"
            notes.append(Note("copied_reader", text))
            continue
        same = next((one for one in names[:index] if _equal(ratings[name], ratings[one])), None)
        if same is not None:
            text = f"the reader {name} has exactly the ratings of {same}"
            notes.append(Note("copied_reader", text))
    return notes


def _equal(one: np.ndarray, other: np.ndarray) -> bool:
    both = ~(np.isnan(one) | np.isnan(other))
    rated = one[both]
    return (
        len(rated) >= _FEWEST and bool((rated == other[both]).all()) and rated.min() < rated.max()
    )

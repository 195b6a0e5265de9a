"""Ages of the metadata that nobody has."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cxrcompare.comparison.inputs.baselines.metadata_baseline import AGE, numeric
from cxrcompare.predictions import Note

_OLDEST = 120.0
"""Years; the longest known life was 122."""


def check(sets: Mapping[str, Mapping[str, np.ndarray]]) -> list[Note]:
    """Returns a warning for each column of ages with values below 0 or above 120.

    Such values are often codes for unknown ages, months, or days.

    Args:
        sets: {name of a set of units: {column: (N,) text}}.
    """
    notes = []
    for where, columns in sets.items():
        for column, values in columns.items():
            if not AGE.search(column) or numeric(values) is None:
                continue
            parts = [[float(one) for one in v.split(" + ")] if v else [] for v in values.tolist()]
            found = [[age for age in ages if not 0 <= age <= _OLDEST] for ages in parts]
            units = sum(map(bool, found))
            if units:
                shown = sorted({age for ages in found for age in ages})
                named = ", ".join(f"{age:g}" for age in shown[:3])
                more = f" and {len(shown) - 3} more values" if len(shown) > 3 else ""
                text = (
                    f"{column} of {units:,} of {len(values):,} units of the {where} is below 0 or "
                    f"above {_OLDEST:g} ({named}{more}): they count as ages; leave unknown ages "
                    "blank"
                )
                notes.append(Note("impossible_age", text))
    return notes

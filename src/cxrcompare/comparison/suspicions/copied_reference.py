"""A second reference that is a copy of the first one."""

from __future__ import annotations

import numpy as np

from cxrcompare.predictions import Note

_FEWEST = 20
"""Labels that both references have, of both classes, from which agreement is suspicious."""


def check(labels: np.ndarray, second: np.ndarray | None) -> list[Note]:
    """Returns a warning if the second reference agrees with the reference everywhere.

    Args:
        labels: (N, F) in {0, 1, NaN}, the reference.
        second: The same of the second reference, or None.
    """
    if second is None:
        return []
    both = ~(np.isnan(labels) | np.isnan(second))
    known = labels[both]
    if len(known) < _FEWEST or (known != second[both]).any() or known.min() == known.max():
        return []
    text = (
        f"the second reference has exactly the labels of the reference, in all {len(known):,} "
        "labels that both have: check whether the same labels were given twice"
    )
    return [Note("copied_reference", text)]

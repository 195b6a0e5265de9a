"""Validation studies that are copies of test studies under other ids."""

from __future__ import annotations

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.predictions import Aligned

_SHARE = 0.5
"""Share of the validation studies with the scores of a test study that is refused."""


def check(test: Aligned, validation: Aligned) -> None:
    """Refuses a validation set with the scores of the test set.

    Scores of several models and findings of different images are practically never all equal,
    unless they are rounded to few values; then most rows are repeated within validation itself, and
    nothing is refused.

    Args:
        test: The test set.
        validation: The validation set, with the same runs and findings.

    Raises:
        InputError: At least half of the distinct validation rows are rows of the test set.
    """
    if test.scores.shape[0] * test.scores.shape[2] < 2:
        return
    own, other = _rows(validation), _rows(test)
    if len(own) <= _SHARE * len(validation.units):
        return
    shared = len(own & other)
    if shared >= _SHARE * len(own):
        raise InputError(
            "validation must be other studies than the test set. Received: "
            f"{shared:,} of {len(own):,} validation units have exactly the scores of a test unit, "
            "in all models and findings, under other ids"
        )


def _rows(part: Aligned) -> set[bytes]:
    """Returns the distinct rows of scores of all runs and findings."""
    rows = np.ascontiguousarray(part.scores.transpose(1, 0, 2)).reshape(len(part.units), -1)
    return {row.tobytes() for row in rows}

"""The reference standard of a table: what counts as true of each image, and what is not known."""

from __future__ import annotations

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable

BLANKS: tuple[str, ...] = ("negative", "ignore")


def reference(table: ImageTable, blank: str) -> np.ndarray:
    """Returns the reference labels, (N, F) float64 in {0, 1, NaN}.

    Positive is 1 and negative 0. Uncertain is NaN: nobody knows. A blank of labels taken from
    reports follows the rule, because a report leaves out what is normal. A blank in a split that
    radiologists labelled (`table.notes["expert_splits"]`) is NaN: they answered every question, so
    a blank is one that was not put to them. So is any blank of a data set whose labels state every
    negative (`table.notes["blank"]` is "unknown").

    Args:
        table: The images and their label states.
        blank: "negative" or "ignore", for blanks of report-labelled rows.

    Raises:
        InputError: `blank` is neither.
    """
    if blank not in BLANKS:
        raise InputError(f"`blank` must be one of {', '.join(BLANKS)}. Received: {blank!r}")
    states = table.states
    expert = table.rows["split"].isin(table.notes.get("expert_splits", ())).to_numpy()
    labels = np.where(states == -1.0, np.nan, states)
    if blank == "negative" and table.notes.get("blank") != "unknown":
        labels[np.isnan(states) & ~expert[:, None]] = 0.0
    return labels

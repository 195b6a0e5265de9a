"""The reference standard of a table: positive, negative or unknown for each image and finding."""

from __future__ import annotations

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.image_table import ImageTable

BLANKS: tuple[str, ...] = ("negative", "ignore")


def reference(table: ImageTable, blank: str) -> np.ndarray:
    """Returns the reference labels, (N, F) float64 in {0, 1, NaN}.

    Positive is 1, negative 0 and uncertain NaN. A blank of labels extracted from reports follows
    `blank`, because reports often do not mention normal findings. A blank in a split that
    radiologists labelled (`table.notes["expert_splits"]`) is NaN: radiologists label every finding
    that they were asked about. A blank of a data set that states every negative
    (`table.notes["blank"]` is "unknown") is NaN, too.

    Args:
        table: The images and their label states.
        blank: "negative" or "ignore", the rule for blanks of report-labelled rows.

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

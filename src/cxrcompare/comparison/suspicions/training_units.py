"""Test units that were training data, as far as files and metadata say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cxrcompare.comparison.inputs.run_costs import run_folder
from cxrcompare.predictions import Note, Predictions

_COLUMNS = frozenset(("split", "subset", "partition", "fold name", "set"))
_TRAINING = frozenset(("train", "training", "development"))


def check(runs: Sequence[Predictions], metadata: Mapping[str, np.ndarray]) -> list[Note]:
    """Returns warnings about predictions of training images.

    Args:
        runs: The files of the test set.
        metadata: {column: (N,) text} of the test units.
    """
    notes = [
        Note(
            "training_units",
            f"{one.path} has the predictions of the run's training images: they say nothing about "
            "other images",
            one.name,
        )
        for one in runs
        if one.path.name.startswith("train.") and run_folder(one) is not None
    ]
    for column, values in metadata.items():
        if column.strip().casefold() not in _COLUMNS:
            continue
        count = sum(value.strip().casefold() in _TRAINING for value in values.astype(str).tolist())
        if count:
            text = (
                f"{count:,} of {len(values):,} units of the test set are training data by the "
                f"column {column}: remove them from the reference and the predictions"
            )
            notes.append(Note("training_units", text))
    return notes

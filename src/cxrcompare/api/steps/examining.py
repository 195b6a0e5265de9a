"""Examinations: problems of prediction files, their repair, and how a run is fed with images."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from cxrcompare import extras
from cxrcompare.doctor import Problem
from cxrcompare.doctor import examine as examine_file
from cxrcompare.doctor import repair as repair_file
from cxrcompare.options.result_commands import Doctor


def examine(predictions: str | os.PathLike[str], reference: str | os.PathLike[str]) -> pd.DataFrame:
    """Finds problems of a prediction file of any program: ids, scores, columns, rows, labels.

    Args:
        predictions: A CSV or Parquet file with a row per image or study.
        reference: The reference standard.

    Returns:
        A row per problem, notes last: code, message, evidence (text), repair (the name for
        `repair`, or ""), confirm (whether the repair was chosen because it fits the labels), advice
        and note (whether it may be intended). No row if nothing was found.

    Raises:
        InputError: A file is not a table of ids and numbers.
    """
    return _frame(examine_file(predictions, reference))


def examine_run(
    run: str | os.PathLike[str],
    store: str | os.PathLike[str],
    *,
    split: str | None = None,
    images: int = Doctor.images,
) -> pd.DataFrame:
    """Tests whether a run does better on altered images: then it is fed the wrong way.

    Args:
        run: The folder of a finished training.
        store: An image store with labels.
        split: "test" or "valid"; by default the first with images.
        images: The largest number of images, 20 or more.

    Returns:
        A row per problem, as for `examine`.

    Raises:
        InputError: The run is not finished, or the store has too few labelled images.
    """
    extras.need_training("examine_run")
    from cxrcompare.training.steps import device

    device.start()  # before Keras is imported
    from cxrcompare.doctor.network_input import examine_input

    return _frame(examine_input(run, store, split, images))


def repair(
    predictions: str | os.PathLike[str],
    reference: str | os.PathLike[str],
    repairs: Sequence[str],
    out: str | os.PathLike[str],
) -> Path:
    """Writes a corrected copy of a prediction file.

    Args:
        predictions: The file; it is not changed.
        reference: The reference standard.
        repairs: Names in the column `repair` of `examine`; nothing else is changed.
        out: The new CSV file.

    Returns:
        The path of the new file.

    Raises:
        InputError: `out` exists, or the file does not need one of the repairs.
    """
    repair_file(predictions, reference, repairs, out)
    return Path(out)


def _frame(problems: Sequence[Problem]) -> pd.DataFrame:
    columns = ["code", "message", "evidence", "repair", "confirm", "advice", "note"]
    rows = [
        (one.code, one.message, " ".join(one.evidence), *(getattr(one, key) for key in columns[3:]))
        for one in problems
    ]
    return pd.DataFrame(rows, columns=columns)

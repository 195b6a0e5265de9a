"""Writes a corrected prediction file with the repairs that the user names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare.doctor import row_order
from cxrcompare.doctor.examination import Examination, examined
from cxrcompare.doctor.values import TO_PROBABILITIES
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files, output_checks
from cxrcompare.filesystem.spreadsheet_cells import csv_text
from cxrcompare.predictions.columns import finding_columns, parse_header
from cxrcompare.predictions.raw import read_raw

REPAIRS = ("ids", "extra", *TO_PROBABILITIES, "inverted", "columns", "rows")
"""The names of the repairs."""


def repair(
    predictions: str | os.PathLike[str],
    reference: str | os.PathLike[str],
    names: Sequence[str],
    out: str | os.PathLike[str],
) -> None:
    """Writes a corrected copy of a prediction file.

    Args:
        predictions: The file; it is not changed.
        reference: The reference standard.
        names: The repairs, of REPAIRS; nothing else is changed.
        out: The new CSV file.

    Raises:
        InputError: `out` exists, or the file does not need one of the repairs.
    """
    output_checks.check_new_file(Path(out))
    unknown = [name for name in names if name not in REPAIRS]
    if unknown or not names:
        raise InputError(
            f"`apply` must be names of {', '.join(REPAIRS)}. "
            f"Received: {', '.join(unknown) or 'nothing'}"
        )
    one = examined(predictions, reference)
    needed = [problem.repair for problem in one.problems if problem.repair]
    idle = [name for name in names if name not in needed]
    if idle:
        raise InputError(
            f"{predictions}: `apply` must be repairs that the file needs "
            f"({', '.join(needed) or 'none'}). Received: {', '.join(idle)}"
        )
    frame = _corrected(one, set(names))
    files.write_text(out, csv_text(frame))


def _corrected(one: Examination, names: set[str]) -> pd.DataFrame:
    """Returns the table of the file with corrected ids and scores; other columns are kept."""
    path = one.predictions.path
    table = read_raw(path)
    header = parse_header(table.where, table.header)
    cells = {column: table.text(column) for column in range(len(table.header))}
    at = {name: column for column, name in finding_columns(table.where, header).items()}
    scores = _scores(one, names)
    frame = pd.DataFrame(
        {column: pd.Series(texts, dtype=object) for column, texts in cells.items()}
    )
    for f, name in enumerate(one.predictions.findings):
        frame[at[name]] = scores[:, f]
    titles = dict(enumerate(table.header))
    if "ids" in names:
        titles |= _correct_ids(one, frame, header.id, header.study)
    frame.columns = pd.Index([titles[column] for column in range(len(frame.columns))])
    return frame[one.found.index >= 0] if "extra" in names else frame


def _scores(one: Examination, names: set[str]) -> np.ndarray:
    scores = one.predictions.values
    if "rows" in names and one.owner is not None:
        scores = row_order.placed(scores, one.owner)
    if "columns" in names:
        scores = scores[:, one.source]
    scores = scores.copy()
    kind = one.kind
    if kind in names:
        scores, kind = TO_PROBABILITIES[kind](scores), "probabilities"
    if "inverted" in names:
        total = {"probabilities": 1.0, "clip": 1.0, "sigmoid": 1.0, "percent": 100.0}.get(kind, 0.0)
        columns = list(one.inverted)
        if "columns" not in names:  # the scores still have the headers of the file
            columns = one.source[columns].tolist()
        scores[:, columns] = total - scores[:, columns]
    return np.asarray(scores)


def _correct_ids(
    one: Examination, frame: pd.DataFrame, id_column: int, study_column: int | None
) -> dict[int, str]:
    """Writes the ids of the reference to the table; returns headers of columns that changed."""
    index = one.found.index
    known = index >= 0
    names = np.where(known, one.found.names[np.where(known, index, 0)], one.predictions.rows.ids)
    of_studies = one.found.studies or one.reference.rows.level == "study"
    if of_studies and one.predictions.rows.level == "image":
        column = len(frame.columns) if study_column is None else study_column
        frame[column] = names
        return {column: "study_id"}
    frame[id_column] = names
    return {id_column: "study_id" if of_studies else "image_id"}

"""Reads and checks tables of predictions, reference labels, readers and metadata."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cxrcompare import findings, identifiers
from cxrcompare.errors import InputError
from cxrcompare.predictions.columns import Header, finding_columns, key, parse_header
from cxrcompare.predictions.raw import RawTable, read_raw
from cxrcompare.predictions.table import Metadata, Predictions, Reference, Rows

if TYPE_CHECKING:
    from cxrcompare.predictions.table import TableSource

_SEED = re.compile(r"^(?P<name>.+)__seed(?P<seed>\d+)$")
_NIH = re.compile(r"^(\d{8})_\d{3}(\.\w+)?$")


def read_predictions(
    source: TableSource,
    *,
    scores: bool = False,
    name: str = "",
    like: Rows | None = None,
    label: str = "",
) -> Predictions:
    """Reads the predictions of one model.

    Args:
        source: A table with an id column and a column of probabilities per finding: a CSV file,
            gzipped or not, a Parquet or npz file, a data frame, or a dict of arrays.
        scores: Whether any finite scores are allowed, not only probabilities.
        name: The model, or `name__seed3` for its seed 3; by default from the name of the file.
        like: The rows of the reference; they decide whether a column `ids` names images or studies.
        label: The name of a table in memory in messages; by default `name`.

    Raises:
        InputError: The table is not valid; the message names file, row and column.
    """
    table, header, columns = _open(source, label or name or "predictions", like)
    text = _text(table, columns)
    columns = {column: title for column, title in columns.items() if title not in text}
    if not columns:
        raise InputError(next(iter(text.values())))
    read = partial(_scores, any_range=scores)
    rows, names, values = _findings(table, header, columns, read, like)
    run = split_name(name) if name or not table.stored else run_name(table.path)
    return Predictions(table.path, *run, rows, names, values, text, table.stored, not scores)


def read_reference(source: TableSource, name: str = "") -> Reference:
    """Reads the reference standard: 1 present, 0 absent, blank unknown.

    Args:
        source: A table with an id column and a column of labels per finding, as for
            `read_predictions`.
        name: The name for messages; by default the stem of the file.

    Raises:
        InputError: The table is not valid; the message names file, row and column.
    """
    return _reference(source, name or "reference", name, _labels)


def read_label_states(source: TableSource) -> Reference:
    """Reads labels that may be uncertain: values in {-1, 0, 1, NaN}.

    Raises:
        InputError: The table is not valid; the message names file, row and column.
    """
    return _reference(source, "labels", "", partial(_labels, states=(-1, 0, 1)))


def read_reader(source: TableSource, name: str = "", like: Rows | None = None) -> Reference:
    """Reads the ratings of one reader: 1 present, 0 absent, blank not rated.

    Args:
        source: A table as for `read_reference`.
        name: The reader; by default the stem of the file.
        like: The rows of the reference; they decide whether a column `ids` names images or studies.
    """
    return _reference(source, name or "reader", name, _labels, like)


def _reference(
    source: TableSource,
    shown: str,
    name: str,
    read: Callable[[RawTable, int], np.ndarray],
    like: Rows | None = None,
) -> Reference:
    table, header, columns = _open(source, shown, like)
    named = name or (table.path.stem if table.stored else shown)
    return Reference(
        table.path, *_findings(table, header, columns, read, like), name=named, stored=table.stored
    )


def read_metadata(
    source: TableSource, like: Rows | None = None, named: Sequence[str] = ()
) -> Metadata:
    """Reads a table of sex, age, view, ... by image or study; finding columns are labels.

    Args:
        source: A table with an id column, as for `read_predictions`.
        like: The rows of the reference; they decide whether a column `ids` names images or studies.
        named: Findings beside those of the vocabulary.

    Raises:
        InputError: The table is not valid, or has only ids and findings.
    """
    table = read_raw(source, "metadata", like)
    header = parse_header(table.where, table.header)
    keys = {key(name) for name in named}
    columns: dict[str, np.ndarray] = {}
    labels: dict[str, np.ndarray] = {}
    for column, name in header.others.items():
        text = np.array(table.text(column), dtype=object)
        if findings.canonical(name) is not None or key(name) in keys:
            labels[name] = _states(text)
        elif name and key(name) not in ("unnamed: 0", "path"):
            columns[name] = text
    if not columns:
        raise InputError(f"{table.where}: must have a metadata column such as Sex. Received: none")
    return Metadata(table.path, _rows(table, header), columns, labels)


def _states(text: np.ndarray) -> np.ndarray:
    """Returns 1 and 0 as numbers, and NaN for every other cell, also for uncertain ones."""
    known = {"0": 0.0, "0.0": 0.0, "1": 1.0, "1.0": 1.0}
    return np.array([known.get(cell.strip(), np.nan) for cell in text.tolist()])


def run_name(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Returns the model's name and its seed ("" if none) from a file name.

    `name__seed3.csv` is seed 3 of `name`. For a file `predictions/test.csv` (or valid, train) of a
    run folder, the name of the run folder is used.
    """
    path = Path(path)
    stem = Path(path.name.removesuffix(".gz")).stem
    if stem in ("test", "valid", "train") and path.resolve().parent.name == "predictions":
        stem = path.resolve().parent.parent.name
    return split_name(stem)


def split_name(name: str) -> tuple[str, str]:
    """Returns the model and the seed ("" if none) of the name of a run: `name__seed3`."""
    match = _SEED.match(name)
    return (match["name"], str(int(match["seed"]))) if match else (name, "")


def _open(
    source: TableSource, name: str, like: Rows | None
) -> tuple[RawTable, Header, dict[int, str]]:
    table = read_raw(source, name, like)
    header = parse_header(table.where, table.header)
    return table, header, finding_columns(table.where, header)


def _text(table: RawTable, columns: dict[int, str]) -> dict[str, str]:
    """Returns non-numeric columns that are not known findings, with the error of each."""
    found = {}
    for column, name in columns.items():
        if findings.canonical(name) is None:
            try:
                _complete(table, column)
            except InputError as error:
                found[name] = str(error)
    return found


def _findings(
    table: RawTable,
    header: Header,
    columns: dict[int, str],
    read: Callable[[RawTable, int], np.ndarray],
    like: Rows | None,
) -> tuple[Rows, tuple[str, ...], np.ndarray]:
    """Returns the rows, the names of the findings and their values, (N, F)."""
    rows = _rows(table, header, like)
    values = np.empty((len(table.lines), len(columns)))
    for f, column in enumerate(columns):
        values[:, f] = read(table, column)
    return rows, tuple(columns.values()), values


def _complete(table: RawTable, column: int) -> np.ndarray:
    values = table.numbers(column)
    missing = np.isnan(values)
    if missing.any():
        raise table.error(
            int(np.argmax(missing)), column, "must have a number in every row", "an empty cell"
        )
    return values


def _scores(table: RawTable, column: int, any_range: bool) -> np.ndarray:
    values = _complete(table, column)
    wrong = ~np.isfinite(values) if any_range else ~((values >= 0) & (values <= 1))
    if wrong.any():
        worst = int(np.argmax(np.where(wrong, np.abs(values - 0.5), -1.0)))
        expected = (
            "must be a finite score"
            if any_range
            else "must be a probability in [0, 1] (pass --scores for other scores)"
        )
        received = f"{values[worst]:g}, the most extreme of {int(wrong.sum())} such values"
        raise table.error(worst, column, expected, received)
    return values


def _labels(table: RawTable, column: int, states: tuple[int, ...] = (0, 1)) -> np.ndarray:
    values = table.numbers(column)
    wrong = ~(np.isnan(values) | np.isin(values, states))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise table.error(
            first,
            column,
            "must be 1, 0 or blank",
            f"{values[first]:g}, the first of {int(wrong.sum())} such values",
        )
    return values


def _rows(table: RawTable, header: Header, like: Rows | None = None) -> Rows:
    """Returns the rows of a table; those of the reference themselves if the cells are equal."""
    ids = table.text(header.id)
    studies = table.text(header.study) if header.study is not None else [""] * len(ids)
    patients = table.text(header.patient) if header.patient is not None else [""] * len(ids)
    cells = header.level, [*ids], [*studies], [*patients]
    if like is not None and like.cells == cells:
        return like
    if "" in ids:
        raise table.error(ids.index(""), header.id, "must have an id in every row", "an empty cell")
    parts = [identifiers.parse(name) if "/" in name or "\\" in name else None for name in ids]
    level = _path_level(table, header, parts) if any(parts) else header.level
    for row, (name, part) in enumerate(zip(ids, parts, strict=True)):
        if part is not None:
            ids[row] = part.image or part.study
            studies[row] = studies[row] or part.study
            patients[row] = patients[row] or part.patient
        elif match := _NIH.match(name):
            patients[row] = patients[row] or match[1]
    studies = [_study(name) for name in studies]
    if level == "study":
        studies = ids
    _check_repeated(table, header.id, ids)
    columns = (np.array(column, dtype=object) for column in (ids, studies, patients))
    return Rows(level, *columns, cells=cells if like is None else None)


def _study(name: str) -> str:
    part = identifiers.parse(name) if "/" in name or "\\" in name else None
    return part.study if part is not None else name


def _path_level(table: RawTable, header: Header, parts: list[identifiers.PathParts | None]) -> str:
    """Returns "image" or "study" for ids that are paths; a file must not mix both."""
    images = [part is None or bool(part.image) for part in parts]
    if header.level == "study":
        if any(part is not None and part.image for part in parts):
            row = next(row for row, part in enumerate(parts) if part is not None and part.image)
            raise table.error(row, header.id, "must be a study", "the path of an image")
        return "study"
    if all(images):
        return "image"
    if any(images):
        row = images.index(not images[0])
        raise table.error(
            row,
            header.id,
            "must be the path of an image in every row, or of a study in every row",
            "both",
        )
    return "study"


def _check_repeated(table: RawTable, column: int, ids: list[str]) -> None:
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    for row, name in enumerate(ids):
        if name in first:
            raise table.error(
                row,
                column,
                "must contain each id once",
                f"{name!r}, as in row {table.lines[first[name]]}",
            )
        first[name] = row

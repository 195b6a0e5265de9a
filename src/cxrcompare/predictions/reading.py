"""Reads predictions, reference labels, readers and metadata, and refuses what is not one."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from cxrcompare import findings, identifiers
from cxrcompare.errors import InputError
from cxrcompare.predictions.columns import Header, finding_columns, key, understand
from cxrcompare.predictions.raw import RawTable, read_raw
from cxrcompare.predictions.table import Metadata, Predictions, Reference, Rows

_SEED = re.compile(r"^(?P<name>.+)__seed(?P<seed>\d+)$")
_NIH = re.compile(r"^(\d{8})_\d{3}(\.\w+)?$")


def read_predictions(path: str | os.PathLike[str], scores: bool = False) -> Predictions:
    """Reads what one model said.

    Args:
        path: A CSV or Parquet file with an id column and a column of probabilities per finding.
        scores: Whether scores that are no probabilities are admitted; they must be finite.

    Raises:
        InputError: The file is no such table; the message names file, row and column.
    """
    table, header, columns = _open(path)
    text = _text(table, columns)
    columns = {place: name for place, name in columns.items() if name not in text}
    if not columns:
        raise InputError(next(iter(text.values())))
    rows, names, values = _findings(table, header, columns, partial(_scores, any_range=scores))
    return Predictions(Path(path), *run_name(path), rows, names, values, text)


def read_reference(path: str | os.PathLike[str]) -> Reference:
    """Reads the reference standard: 1 present, 0 absent, blank unknown.

    Raises:
        InputError: The file is no such table; the message names file, row and column.
    """
    return Reference(Path(path), *_findings(*_open(path), _labels))


def read_reader(path: str | os.PathLike[str]) -> Reference:
    """Reads what one reader said: 1 present, 0 absent, blank not read; as `read_reference`."""
    return read_reference(path)


def read_metadata(path: str | os.PathLike[str]) -> Metadata:
    """Reads a table of sex, age, view, ... by image or study; columns that are findings are left.

    Raises:
        InputError: The file is no such table, or has no column beside ids and findings.
    """
    table = read_raw(path)
    header = understand(str(path), table.header)
    columns = {
        name: np.array(table.text(place), dtype=object)
        for place, name in header.others.items()
        if name and key(name) not in ("unnamed: 0", "path") and findings.canonical(name) is None
    }
    if not columns:
        raise InputError(
            f"{path}: row 1: must have a column of metadata beside the id, such as Sex. "
            "Received: none"
        )
    return Metadata(Path(path), _rows(table, header), columns)


def run_name(path: str | os.PathLike[str]) -> tuple[str, str]:
    """Returns the model's name and its seed ("" where none) from the name of its file.

    `name__seed3.csv` is seed 3 of `name`. A file `predictions/test.csv` (or valid, train) of a run
    folder takes the folder's name.
    """
    path = Path(path)
    stem = path.stem
    if stem in ("test", "valid", "train") and path.resolve().parent.name == "predictions":
        stem = path.resolve().parent.parent.name
    match = _SEED.match(stem)
    return (match["name"], str(int(match["seed"]))) if match else (stem, "")


def _open(path: str | os.PathLike[str]) -> tuple[RawTable, Header, dict[int, str]]:
    table = read_raw(path)
    header = understand(str(path), table.header)
    return table, header, finding_columns(str(path), header)


def _text(table: RawTable, columns: dict[int, str]) -> dict[str, str]:
    """Returns the columns of no known finding that do not hold numbers, and why they do not."""
    found = {}
    for place, name in columns.items():
        if findings.canonical(name) is None:
            try:
                _complete(table, place)
            except InputError as error:
                found[name] = str(error)
    return found


def _findings(
    table: RawTable,
    header: Header,
    columns: dict[int, str],
    read: Callable[[RawTable, int], np.ndarray],
) -> tuple[Rows, tuple[str, ...], np.ndarray]:
    """Returns the rows, the names of the findings and their columns, (N, F)."""
    rows = _rows(table, header)
    values = np.empty((len(table.lines), len(columns)))
    for place, column in enumerate(columns):
        values[:, place] = read(table, column)
    return rows, tuple(columns.values()), values


def _complete(table: RawTable, place: int) -> np.ndarray:
    values = table.numbers(place)
    missing = np.isnan(values)
    if missing.any():
        raise table.error(
            int(np.argmax(missing)), place, "must hold a number in every row", "nothing"
        )
    return values


def _scores(table: RawTable, place: int, any_range: bool) -> np.ndarray:
    values = _complete(table, place)
    wrong = ~np.isfinite(values) if any_range else ~((values >= 0) & (values <= 1))
    if wrong.any():
        worst = int(np.argmax(np.where(wrong, np.abs(values - 0.5), -1.0)))
        expected = (
            "must be a finite score"
            if any_range
            else "must be a probability in [0, 1] (scores that are none need --scores)"
        )
        received = f"{values[worst]:g}, the worst of {int(wrong.sum())}"
        raise table.error(worst, place, expected, received)
    return values


def _labels(table: RawTable, place: int) -> np.ndarray:
    values = table.numbers(place)
    wrong = ~(np.isnan(values) | (values == 0) | (values == 1))
    if wrong.any():
        first = int(np.argmax(wrong))
        raise table.error(
            first,
            place,
            "must be 1, 0 or blank",
            f"{values[first]:g}, the first of {int(wrong.sum())}",
        )
    return values


def _rows(table: RawTable, header: Header) -> Rows:
    ids = table.text(header.id)
    _check_ids(table, header.id, ids)
    parts = [identifiers.parse(name) if "/" in name or "\\" in name else None for name in ids]
    level = header.level
    if any(parts):
        level = _path_level(table, header, parts)
    studies = table.text(header.study) if header.study is not None else [""] * len(ids)
    patients = table.text(header.patient) if header.patient is not None else [""] * len(ids)
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
    return Rows(level, *(np.array(column, dtype=object) for column in (ids, studies, patients)))


def _study(name: str) -> str:
    part = identifiers.parse(name) if "/" in name or "\\" in name else None
    return part.study if part is not None else name


def _path_level(table: RawTable, header: Header, parts: list[identifiers.PathParts | None]) -> str:
    """The path of an image and the path of a study differ; one file holds one kind."""
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


def _check_ids(table: RawTable, place: int, ids: list[str]) -> None:
    if "" in ids:
        raise table.error(ids.index(""), place, "must hold an id in every row", "nothing")


def _check_repeated(table: RawTable, place: int, ids: list[str]) -> None:
    if len(set(ids)) == len(ids):
        return
    first: dict[str, int] = {}
    for row, name in enumerate(ids):
        if name in first:
            raise table.error(
                row,
                place,
                "must hold each id once",
                f"{name!r}, as in row {table.lines[first[name]]}",
            )
        first[name] = row

"""Label files: CSV files read as text; each field is checked, and errors name the row."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd

from cxrcompare import findings
from cxrcompare.errors import InputError
from cxrcompare.filesystem import csv_table

STATES: dict[str, float] = {"": np.nan, "1": 1.0, "0": 0.0, "-1": -1.0}
SEXES: dict[str, str] = {
    "": "",
    "f": "F",
    "female": "F",
    "m": "M",
    "male": "M",
    "o": "",
    "unknown": "",
    "nan": "",
}
OLDEST = 120
"""The maximum age in years; a higher age is a typing error and becomes unknown."""


@dataclass(frozen=True)
class LabelFile:
    """The fields of a CSV file as text.

    Attributes:
        path: The file.
        frame: One row per record. All columns are text; an empty field is blank. The index is the
            row number in the file; the header is row 1.
    """

    path: Path
    frame: pd.DataFrame

    def complain(self, row: object, expected: str, received: object) -> NoReturn:
        """Raises an InputError that names the file and the row."""
        raise csv_table.row_error(self.path, row, expected, repr(received))

    def column(self, *choices: str) -> str | None:
        """Returns the header of the first of `choices` that exists; case is ignored."""
        by_key = {_key(header): header for header in self.frame.columns}
        return next((by_key[_key(name)] for name in choices if _key(name) in by_key), None)

    def text(self, *choices: str) -> pd.Series:
        """Returns a column as text, without spaces around its values.

        Raises:
            InputError: None of `choices` is a column.
        """
        header = self.column(*choices)
        if header is None:
            raise InputError(
                f"{self.path}: must have a column {' or '.join(choices)}. "
                f"Received: {', '.join(self.frame.columns[:12])}"
            )
        return self.frame[header].str.strip()

    def mapped(self, header: str, convert: Callable[[str], object], expected: str) -> np.ndarray:
        """Returns the converted values of a column; each distinct value is converted once.

        Args:
            header: The header of the column; case is ignored.
            convert: Returns the value of a text, or raises KeyError or ValueError.
            expected: The allowed values, for the error message.

        Raises:
            InputError: The column does not exist, or a value cannot be converted; the message
                names the first row with such a value.
        """
        column = self.text(header)
        codes, texts = pd.factorize(column)
        values = []
        for code, text in enumerate(texts):
            try:
                values.append(convert(str(text)))
            except (KeyError, ValueError):
                row = column.index[int(np.argmax(codes == code))]
                self.complain(row, f"`{column.name}` must be {expected}", text)
        return np.array(values)[codes] if len(codes) else np.array([])

    def states(self, header: str, own: Mapping[str, float] | None = None) -> np.ndarray:
        """Returns a column of label states, (rows,) float64 in {1, 0, -1, NaN}.

        Args:
            header: The header of the column.
            own: The states of further cell values, by `cell_key`; None if the format of the file
                has no further values.
        """
        expected = "1, 0, -1 or blank" + ("" if own is None else ", or be in `[columns.values]`")
        convert = partial(label_state, own=own or {})
        return self.mapped(header, convert, expected).astype(np.float64)

    def sex(self, *choices: str) -> np.ndarray:
        """Returns F, M or blank for each row; all blank if the column does not exist."""
        header = self.column(*choices)
        if header is None:
            return np.full(len(self.frame), "", dtype=object)
        return self.mapped(
            header, lambda text: SEXES[text.lower()], "F, M, Female, Male, O, Unknown or blank"
        )

    def age(self, *choices: str) -> np.ndarray:
        """Returns ages in years, NaN if unknown; all NaN if the column does not exist."""
        header = self.column(*choices)
        if header is None:
            return np.full(len(self.frame), np.nan)
        expected = "an age: 63, 063Y, 010M, 005D or blank"
        return self.mapped(header, _age, expected).astype(np.float64)

    def findings(self, without: Container[str] = ()) -> dict[str, str]:
        """Returns the columns of findings in the vocabulary: {canonical name: header}.

        Args:
            without: Findings to leave out, e.g. those that already have a column.

        Raises:
            InputError: Two columns have the same finding.
        """
        found: dict[str, str] = {}
        for header in self.frame.columns:
            name = findings.canonical(header)
            if name is None or name in without:
                continue
            if name in found:
                raise InputError(
                    f"{self.path}: each finding must have one column. "
                    f"Received: {found[name]!r} and {header!r}, both {name}"
                )
            found[name] = header
        return found


def read(path: Path, columns: Iterable[str] | None = None) -> LabelFile:
    """Reads a label file; see `csv_table.read`.

    Args:
        path: The file.
        columns: The headers to keep, if they exist; all by default.

    Raises:
        InputError: The file cannot be read, or two columns have the same name. The message names
            the row.
    """
    seen: set[str] = set()
    chosen = None if columns is None else {_key(name) for name in columns}

    def keep(name: str) -> bool:
        key = _key(name)
        if key and key in seen:
            raise InputError(f"{path}: columns must differ. Received twice: {key!r}")
        seen.add(key)
        return chosen is None or key in chosen

    table = csv_table.read(path, keep)
    frame = pd.DataFrame(dict(enumerate(table.columns)), index=pd.Index(table.rows), dtype=object)
    frame.columns = pd.Index(
        [name or f"Unnamed: {column}" for column, name in enumerate(table.header)]
    )
    return LabelFile(path, frame)


def header(path: Path) -> tuple[str, ...]:
    """Returns the column names of a CSV file in lower case; empty if it is not a readable CSV.

    Raises:
        InputError: The file exists, but there is no permission to read it.
    """
    return tuple(_key(name) for name in csv_table.header(path))


def _key(header: str) -> str:
    return header.strip().lower()


def cell_key(text: str) -> str:
    """Returns a key that ignores case, outer spaces and number format ("1.0" equals "1")."""
    try:
        return repr(float(text))
    except ValueError:
        return text.strip().casefold()


def label_state(text: str, own: Mapping[str, float]) -> float:
    """Returns the label state of a cell: 1, 0, -1 or NaN.

    Args:
        text: The cell, without spaces around it.
        own: The states of further cell values, by `cell_key`.

    Raises:
        ValueError: The cell is not a label state.
    """
    if own and cell_key(text) in own:
        return own[cell_key(text)]
    if text in STATES:
        return STATES[text]
    number = float(text)
    if number not in (1.0, 0.0, -1.0):
        raise ValueError(text)
    return number


def _age(text: str) -> float:
    if text == "":
        return np.nan
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([YMWD]?)(?:\s*OR MORE)?", text.upper())
    if match is None:
        raise ValueError(text)
    per_year = {"Y": 1.0, "": 1.0, "M": 12.0, "W": 52.18, "D": 365.25}[match[2]]
    years = float(match[1]) / per_year
    return years if years <= OLDEST else np.nan

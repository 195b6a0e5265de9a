"""Reads a CSV or Parquet file as columns of cells, without interpreting them."""

from __future__ import annotations

import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare import extras
from cxrcompare.errors import InputError
from cxrcompare.filesystem import csv_table
from cxrcompare.predictions.columns import is_text

_LONG = 500
"""The smallest number of lines for which the fast parser is tried."""


@dataclass(frozen=True)
class RawTable:
    """Columns of cells.

    Attributes:
        path: The file.
        header: The names of the columns.
        columns: One per name: a list of text cells, or a (N,) float64 array.
        lines: The row number of each record; the header of a CSV is row 1.
    """

    path: Path
    header: list[str]
    columns: list[list[str] | np.ndarray]
    lines: list[int]

    def text(self, column: int) -> list[str]:
        """Returns a column as stripped text; missing numbers are empty."""
        cells = self.columns[column]
        if isinstance(cells, np.ndarray):
            return ["" if value != value else f"{value:.15g}" for value in cells.tolist()]
        return [cell.strip() for cell in cells]

    def numbers(self, column: int) -> np.ndarray:
        """Returns a column as (N,) float64; empty cells are NaN.

        Raises:
            InputError: A cell is neither a number nor empty.
        """
        cells = self.columns[column]
        if isinstance(cells, np.ndarray):
            return cells
        try:
            if any("_" in cell for cell in cells):  # float() accepts 1_0 as 10
                raise ValueError
            values = np.array([float(cell) if cell else np.nan for cell in cells])
        except ValueError:
            return self._numbers_one_by_one(column)
        blank = np.fromiter((not cell for cell in cells), dtype=bool, count=len(cells))
        if (np.isnan(values) & ~blank).any():
            return self._numbers_one_by_one(column)
        return values

    def _numbers_one_by_one(self, column: int) -> np.ndarray:
        values = np.full(len(self.lines), np.nan)
        for row, cell in enumerate(self.text(column)):
            if not cell:
                continue
            try:
                values[row] = float(cell.replace("_", "?"))
            except ValueError:
                raise self.error(row, column, "must be a number", repr(cell[:40])) from None
            if np.isnan(values[row]):
                raise self.error(row, column, "must be a number", repr(cell[:40]))
        return values

    def error(self, row: int, column: int, expected: str, received: object) -> InputError:
        """Returns an error with file, row and column; the header is row 1."""
        where = f"{self.lines[row]}, column {self.header[column]!r}"
        return csv_table.row_error(self.path, where, expected, received)


def read_raw(path: str | os.PathLike[str]) -> RawTable:
    """Reads a CSV file (UTF-8, commas), or a Parquet file if pyarrow is installed.

    Raises:
        InputError: The file does not exist, is empty or is not a table.
    """
    path = Path(path)
    if path.is_dir():
        raise InputError(f"{path}: must be a file. Received: a folder")
    read = _read_parquet if path.suffix.lower() in (".parquet", ".pq") else _read_csv
    table = read(path)
    if not table.lines:
        raise InputError(f"{path}: must have at least one row after the header. Received: none")
    return table


_BOOLEAN = re.compile("true|false", re.IGNORECASE)  # pandas reads these as 1 and 0


def _read_csv(path: Path) -> RawTable:
    text = csv_table.read_text(path)
    return _read_plain(path, text) or _read_any(path, text)


def _read_plain(path: Path, text: str) -> RawTable | None:
    """Reads a numeric table without quotes or ragged rows with the fast parser; else None."""
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) < _LONG or '"' in text or "\r" in lines[0]:
        return None
    header = [name.strip() for name in lines[0].split(",")]
    commas = len(header) - 1
    if any(line.count(",") != commas for line in lines) or _BOOLEAN.search(text):
        return None
    names = [str(column) for column in range(len(header))]
    text_columns = {name for name, title in zip(names, header, strict=True) if is_text(title)}
    try:
        frame = pd.read_csv(
            io.StringIO("\n".join(lines[1:])),
            header=None,
            names=names,
            dtype={name: "str" if name in text_columns else "float64" for name in names},
            keep_default_na=False,
            na_values={name: [""] for name in names if name not in text_columns},
            skip_blank_lines=False,
        )
    except ValueError:  # the slow parser reports the cell
        return None
    if len(frame) != len(lines) - 1:
        return None
    columns: list[list[str] | np.ndarray] = [
        frame[name].tolist() if name in text_columns else frame[name].to_numpy() for name in names
    ]
    return RawTable(path, header, columns, list(range(2, len(lines) + 1)))


def _read_any(path: Path, text: str) -> RawTable:
    table = csv_table.parse(path, text)
    return RawTable(path, table.header, [*table.columns], table.rows)


def _read_parquet(path: Path) -> RawTable:
    try:
        import pyarrow  # type: ignore[import-untyped]
        from pyarrow import parquet
    except ImportError as error:
        raise InputError(
            f"{path}: must be a CSV file, or pyarrow must be installed "
            f"({extras.install('parquet')}). Received: a Parquet file without pyarrow"
        ) from error
    try:
        table = parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise InputError(f"{path}: must be a Parquet table. Received: {error}") from error
    columns: list[list[str] | np.ndarray] = []
    for column in table.columns:
        if pyarrow.types.is_floating(column.type):
            columns.append(column.to_numpy().astype(np.float64))
        else:
            columns.append(["" if cell is None else _text(cell) for cell in column.to_pylist()])
    return RawTable(
        path, [str(name) for name in table.column_names], columns, [*range(1, len(table) + 1)]
    )


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, bool) else str(cell)

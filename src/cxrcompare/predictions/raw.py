"""Reads a CSV or Parquet file as columns of cells, without interpreting them."""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare import extras
from cxrcompare.errors import InputError
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
        lines: The line number at which each row ends; for a Parquet file the row number.
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
        return InputError(
            f"{self.path}: row {self.lines[row]}, column {self.header[column]!r}: {expected}. "
            f"Received: {received}"
        )


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


_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # first bytes of .xlsx and .xls
_SEPARATORS = {";": "semicolons", "\t": "tabs"}
_BOOLEAN = re.compile("true|false", re.IGNORECASE)  # pandas reads these as 1 and 0


def _read_csv(path: Path) -> RawTable:
    try:
        content = path.read_bytes()
        if content.startswith(_EXCEL):
            raise _no_csv(path, "an Excel workbook; save it as CSV")
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: must be a file. Received: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: must be readable. Received: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise _no_csv(path, error) from error
    first = next(iter(text[:10_000].splitlines()), "")
    for separator, name in _SEPARATORS.items():
        if first.count(separator) > first.count(","):
            raise _no_csv(path, f"columns separated by {name}")
    return _read_plain(path, text) or _read_any(path, text)


def _no_csv(path: Path, received: object) -> InputError:
    return InputError(f"{path}: must be a comma-separated CSV (UTF-8). Received: {received}")


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
    try:
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise InputError(f"{path}: must be a comma-separated table. Received: {error}") from error
    if not rows:
        raise InputError(f"{path}: must be a table. Received: an empty file")
    header = [name.strip() for name in rows[0][1]]
    body = rows[1:]
    for line, row in body:
        if len(row) != len(header):
            raise InputError(
                f"{path}: row {line}: must have {len(header)} cells, like the header. "
                f"Received: {len(row)}"
            )
    columns: list[list[str] | np.ndarray] = [
        list(cells) for cells in zip(*(row for _, row in body), strict=True)
    ] or [[] for _ in header]
    return RawTable(path, header, columns, [line for line, _ in body])


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

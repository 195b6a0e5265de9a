"""Reads a file or a table in memory as columns of cells, without interpreting them."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare import extras
from cxrcompare.errors import InputError, reason
from cxrcompare.filesystem import csv_table, spreadsheet_cells
from cxrcompare.predictions import in_memory
from cxrcompare.predictions.columns import is_text
from cxrcompare.predictions.npz import read_npz
from cxrcompare.predictions.table import Rows

_LONG = 500
"""The smallest number of lines for which the fast parser is tried."""


@dataclass(frozen=True)
class RawTable:
    """Columns of cells.

    Attributes:
        path: The file; `<name>` of a table in memory.
        header: The names of the columns.
        columns: One per name: a list of text cells, or a (N,) float64 array.
        lines: The row number of each record; the header of a CSV is row 1.
        stored: Whether `path` is a file.
    """

    path: Path
    header: list[str]
    columns: list[list[str] | np.ndarray]
    lines: list[int]
    stored: bool = True

    @property
    def where(self) -> str:
        """The file and row of the names of the columns, for error messages."""
        return f"{self.path}: row 1" if self.lines[0] > 1 else str(self.path)

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


def read_raw(source: Any, name: str = "", like: Rows | None = None) -> RawTable:
    """Reads a table.

    Args:
        source: A CSV file (UTF-8, commas), an npz file, a Parquet file if pyarrow is installed, a
            data frame, or a dict of arrays.
        name: The name of a table in memory, for error messages.
        like: The rows of the reference; they decide whether a column `ids` names images or studies.

    Raises:
        InputError: A file does not exist, or the table is empty or is not a table.
    """
    shown = Path(f"<{name or 'table'}>")
    if isinstance(source, pd.DataFrame):
        table = _in_memory(shown, in_memory.from_frame(shown, source), like, stored=False)
    elif isinstance(source, Mapping):
        table = _in_memory(shown, in_memory.from_arrays(shown, source), like, stored=False)
    elif isinstance(source, str | os.PathLike):
        table = _read_file(Path(source), like)
    else:
        raise InputError(f"{shown}: {in_memory.kinds(source)}")
    if not table.lines:
        after = "after the header" if table.stored else "of values"
        raise InputError(f"{table.path}: must have at least one row {after}. Received: none")
    return table


def _read_file(path: Path, like: Rows | None) -> RawTable:
    if path.is_dir():
        raise InputError(f"{path}: must be a file. Received: a folder")
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return _in_memory(path, in_memory.from_arrays(path, read_npz(path)), like, stored=True)
    return _read_parquet(path) if suffix in (".parquet", ".pq") else _read_csv(path)


def _in_memory(path: Path, columns: dict[str, Any], like: Rows | None, *, stored: bool) -> RawTable:
    cells = in_memory.cells(path, columns, like)
    length = len(next(iter(cells.values()), []))
    return RawTable(path, [*cells], [*cells.values()], [*range(1, length + 1)], stored)


def _read_csv(path: Path) -> RawTable:
    text = csv_table.read_text(path)
    return _read_plain(path, text) or _read_any(path, text)


def _read_plain(path: Path, text: str) -> RawTable | None:
    """Reads a numeric table without quotes or ragged rows with the fast parser; else None."""
    lines = text.replace("\r\n", "\n").split("\n")
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) < _LONG or '"' in text or "\r" in lines[0] or spreadsheet_cells.are_in(text):
        return None
    header = [name.strip() for name in lines[0].split(",")]
    commas = len(header) - 1
    if any(line.count(",") != commas for line in lines) or _has_booleans(text):
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


def _has_booleans(text: str) -> bool:
    """Returns whether a text may have the words true or false, which pandas reads as 1 and 0."""
    lower = text.lower()
    return "true" in lower or "false" in lower


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
        names = [str(name) for name in table.column_names]
        columns: list[list[str] | np.ndarray] = []
        for column in table.columns:
            if pyarrow.types.is_floating(column.type):
                columns.append(column.to_numpy().astype(np.float64))
            else:
                columns.append(["" if cell is None else _text(cell) for cell in column.to_pylist()])
    except (OSError, ValueError, pyarrow.ArrowException) as error:  # text may not be UTF-8
        raise InputError(f"{path}: must be a Parquet table. Received: {reason(error)}") from error
    return RawTable(path, names, columns, [*range(1, len(table) + 1)])


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, bool) else str(cell)

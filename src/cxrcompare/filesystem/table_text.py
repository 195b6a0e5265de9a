"""Tables as CSV and as JSON at once: each number is converted to text once."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.filesystem import files, spreadsheet_cells

_BLOCK = 10_000
"""Number of rows whose cells are text at the same time."""
_NOT_FINITE = frozenset(("nan", "inf", "-inf"))


@dataclass(frozen=True)
class TableText:
    """A table as text.

    Attributes:
        csv: The CSV file, as by `spreadsheet_cells.csv_text`.
        json: An object with the values of each column; None for a long table.
    """

    csv: str
    json: files.JsonText | None


@dataclass(frozen=True)
class _Column:
    """A column: its values, and of numbers their text and whether all are finite."""

    values: list[Any]
    texts: list[str] | None = None
    finite: bool = True


def of_frame(frame: pd.DataFrame) -> TableText:
    """Returns a table without its index as CSV, and as JSON if it is not long.

    Args:
        frame: Columns of numbers and of text.
    """
    if len(frame.columns) < 2 or not all(map(_is_plain, frame.dtypes)):
        return TableText(spreadsheet_cells.csv_text(frame), None)
    if len(frame) <= _BLOCK:
        columns = [_column(frame.iloc[:, n]) for n in range(len(frame.columns))]
        return TableText(_header(frame.columns) + _rows(columns), _json(frame.columns, columns))
    blocks = [_header(frame.columns)]
    for first in range(0, len(frame), _BLOCK):
        part = frame.iloc[first : first + _BLOCK]
        blocks.append(_rows([_column(part.iloc[:, n]) for n in range(len(part.columns))]))
    return TableText("".join(blocks), None)


def of_words(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """Returns a table of text as CSV; cells as by `spreadsheet_cells.as_text`."""
    lines: list[str] = []
    as_text = spreadsheet_cells.as_text
    _writer(lines).writerows([as_text(cell) for cell in row] for row in chain([head], body))
    return "".join(lines)


def _is_plain(kind: Any) -> bool:
    if isinstance(kind, np.dtype):
        return kind in (np.float64, np.int64, np.bool_, np.object_)
    return isinstance(kind, pd.StringDtype)


def _column(cells: pd.Series) -> _Column:
    values = cells.tolist()
    if cells.dtype == np.float64:
        return _Column(values, [*map(repr, values)], bool(np.isfinite(cells.to_numpy()).all()))
    if cells.dtype == np.int64:
        return _Column(values, [*map(str, values)])
    return _Column(values)


def _header(names: Iterable[object]) -> str:
    cells = [spreadsheet_cells.as_text(str(name)) for name in names]
    return ",".join(_quoted(cells)) + "\n"


def _rows(columns: Sequence[_Column]) -> str:
    """Returns the records of a CSV file."""
    lines = [",".join(cells) for cells in zip(*map(_cells, columns), strict=True)]
    return "\n".join([*lines, ""])


def _cells(column: _Column) -> list[str]:
    """Returns the cells of a column as they are in a CSV file."""
    if column.texts is not None:
        texts = column.texts
        return texts if column.finite else ["" if text == "nan" else text for text in texts]
    words = list(dict.fromkeys(value for value in column.values if isinstance(value, str)))
    safe = [spreadsheet_cells.as_text(word) for word in words]
    written = dict(zip(words, _quoted(safe), strict=True))
    return [
        written[value] if isinstance(value, str) else "" if pd.isna(value) else _quoted([value])[0]
        for value in column.values
    ]


def _quoted(cells: Sequence[Any]) -> list[str]:
    """Returns each cell as it is in a CSV file, in quotes if necessary."""
    lines: list[str] = []
    _writer(lines).writerows((cell, "") for cell in cells)
    return [line[: -len(",\n")] for line in lines]


def _writer(lines: list[str]) -> Any:
    """Returns a writer of CSV that adds its lines to a list."""
    return csv.writer(SimpleNamespace(write=lines.append), lineterminator="\n")


def _json(names: Iterable[object], columns: Sequence[_Column]) -> files.JsonText:
    parts = (
        f"{json.dumps(str(name), ensure_ascii=False)}:{_array(column)}"
        for name, column in zip(names, columns, strict=True)
    )
    return files.JsonText(f"{{{','.join(parts)}}}")


def _array(column: _Column) -> str:
    if column.texts is None:
        return files.json_line(column.values)
    texts = column.texts
    if not column.finite:
        texts = ["null" if text in _NOT_FINITE else text for text in texts]
    return f"[{','.join(texts)}]"

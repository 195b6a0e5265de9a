"""Cells of CSV files that a spreadsheet would run as formulas.

A name from a foreign file, such as `=HYPERLINK(...)`, is a command to a spreadsheet. Such cells are
written with an apostrophe before them, which makes them text, and are read without it.
"""

from __future__ import annotations

import re

import pandas as pd

_GUARDED = re.compile(r"""(?:^|[,"])'+[=+@\t\r-]""", re.MULTILINE)
_FORMULA = re.compile(r"'*[=+@\t\r-]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf")


def as_text(cell: str) -> str:
    """Returns a cell with an apostrophe before it, if a spreadsheet would run it as a formula."""
    runs = _FORMULA.match(cell) and cell != "-" and not _NUMBER.fullmatch(cell)
    return f"'{cell}" if runs else cell


def original(cell: str) -> str:
    """Returns a cell without the apostrophe of `as_text`."""
    return cell[1:] if cell[:1] == "'" and as_text(cell[1:]) == cell else cell


def are_in(text: str) -> bool:
    """Returns whether the text of a CSV file may have cells from `as_text`."""
    return "'" in text and _GUARDED.search(text) is not None


def csv_text(table: pd.DataFrame, float_format: str | None = None) -> str:
    """Returns a table as CSV without its index; text cells and column names by `as_text`.

    Args:
        table: Columns of numbers and of text.
        float_format: The format of numbers, e.g. "%.9g"; all digits by default.
    """
    safe = table.rename(columns=lambda name: as_text(str(name)))
    for position, kind in enumerate(safe.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            cells = safe.iloc[:, position]
            texts = [cell for cell in cells.unique() if isinstance(cell, str)]
            changed = {cell: as_text(cell) for cell in texts if as_text(cell) != cell}
            if changed:
                safe.isetitem(position, [changed.get(cell, cell) for cell in cells])
    return safe.to_csv(index=False, float_format=float_format, lineterminator="\n")

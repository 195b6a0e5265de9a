"""The tables of a report as CSV, HTML and, where XlsxWriter is installed, one Excel file."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Mapping
from datetime import datetime
from html import escape
from pathlib import Path

from cxrcompare.filesystem import files, table_text
from cxrcompare.reporting.sections.section import ShownTable

EXCEL = "tables.xlsx"

_CREATED = datetime(2000, 1, 1)
_LONGEST_SHEET_NAME = 31
_WIDEST = 60
_STYLE = (
    "<style>table{border-collapse:collapse;font:14px sans-serif}caption{text-align:left;"
    "padding:4px}th,td{padding:3px 8px;text-align:right}thead th{border-block:1px solid}"
    "tbody tr:last-child>*{border-bottom:1px solid}.w{text-align:left}</style>"
)


def write(tables: Mapping[str, ShownTable], folder: Path) -> None:
    """Writes `NAME.csv` and `NAME.html` of each table, and `tables.xlsx` if it can.

    Args:
        tables: {file name without suffix: table}.
        folder: The folder.
    """
    for name, one in tables.items():
        files.write_part(folder / f"{name}.csv", as_csv(one))
        files.write_part(folder / f"{name}.html", as_html(one))
    if importlib.util.find_spec("xlsxwriter") is not None:
        write_excel(tables, folder / EXCEL)


def as_csv(one: ShownTable) -> str:
    """Returns a table as CSV; a cell that a spreadsheet would run is text."""
    return table_text.of_words(one.head, one.body)


def as_html(one: ShownTable) -> str:
    """Returns a table as an HTML page, to be opened and copied into a text document."""
    head = "".join(
        _cell("th", cell, n < one.words, " scope=col") for n, cell in enumerate(one.head)
    )
    rows = "".join(
        f"<tr>{''.join(_cell('td', cell, n < one.words) for n, cell in enumerate(row))}</tr>\n"
        for row in one.body
    )
    caption = escape(one.caption)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>{caption}</title>{_STYLE}\n'
        f"<table><caption>{caption}</caption>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{rows}</tbody></table></html>\n"
    )


def _cell(tag: str, words: str, left: bool, more: str = "") -> str:
    return f"<{tag}{more}{' class=w' if left else ''}>{escape(words)}</{tag}>"


def write_excel(tables: Mapping[str, ShownTable], path: Path) -> None:
    """Writes all tables to one Excel file, a sheet each; every cell is text or a plain number.

    Args:
        tables: {name of the sheet: table}.
        path: The file.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"in_memory": True})
    book.set_properties({"created": _CREATED})
    bold = book.add_format({"bold": True, "bottom": 1})
    for name, one in tables.items():
        sheet = book.add_worksheet(name[:_LONGEST_SHEET_NAME])
        sheet.write_string(0, 0, one.caption)
        for column, words in enumerate(one.head):
            sheet.write_string(2, column, words, bold)
            longest = max(len(row[column]) for row in (one.head, *one.body))
            sheet.set_column(column, column, min(longest + 2, _WIDEST))
        for number, row in enumerate(one.body, 3):
            for column, words in enumerate(row):
                value = _number(words)
                if value is None or column < one.words:
                    sheet.write_string(number, column, words)
                else:
                    sheet.write_number(number, column, value)
    book.close()


def _number(words: str) -> float | None:
    """Returns the number that a cell shows, or None if it shows anything else."""
    plain = words.replace("−", "-").replace(",", "")
    return float(plain) if re.fullmatch(r"[+-]?\d+(\.\d+)?", plain) else None

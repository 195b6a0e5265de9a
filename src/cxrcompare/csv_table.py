"""CSV files read as text: encoding, quotes, width and row numbers checked in one place."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cxrcompare import files
from cxrcompare.errors import InputError

_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of .xlsx and .xls."""
_SEPARATORS = {";": "semicolons", "\t": "tabs"}
_BLOCK = 1024
"""Records that are turned into columns at a time; many live lists slow Python down."""
_UNREADABLE = (OSError, EOFError, UnicodeDecodeError, zlib.error)


@dataclass(frozen=True)
class CsvTable:
    """The cells of a CSV file as text, column by column.

    Attributes:
        path: The file.
        header: The names of the columns, without spaces around them.
        columns: The cells of each column.
        rows: The row number of each record, as a spreadsheet shows it: the header is row 1, and
            blank rows count.
    """

    path: Path
    header: list[str]
    columns: list[list[str]]
    rows: list[int]


def read(path: Path, keep: Callable[[str], bool] | None = None) -> CsvTable:
    """Reads a CSV: UTF-8 with or without a byte-order mark, any line ends, gzip by its suffix.

    Args:
        path: The file.
        keep: Returns whether to keep the column with this name; all by default.

    Raises:
        InputError: The file cannot be read, is not UTF-8, is no comma-separated table, or has no
            rows, or a row has not as many cells as the header. The message names file and row.
    """
    return parse(path, read_text(path), keep)


def read_text(path: Path) -> str:
    """Returns the text of a CSV file.

    Raises:
        InputError: The file cannot be read, is not UTF-8, is an Excel workbook, or separates its
            columns by semicolons or tabs.
    """
    try:
        content = _content(path)
        if content.startswith(_EXCEL):
            raise _no_csv(path, "an Excel workbook; save it as CSV")
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: must be a file. Received: no such file") from None
    except _UNREADABLE as error:
        raise _no_csv(path, getattr(error, "strerror", None) or error) from error
    first = next(iter(text[:10_000].splitlines()), "")
    for separator, name in _SEPARATORS.items():
        if first.count(separator) > first.count(","):
            raise _no_csv(path, f"columns separated by {name}")
    return text


def parse(path: Path, text: str, keep: Callable[[str], bool] | None = None) -> CsvTable:
    """Returns the table that a text holds; see `read`.

    Args:
        path: The file it comes from, for messages.
        text: The text, with its line ends as they are in the file.
        keep: Returns whether to keep the column with this name; all by default.
    """
    header: list[str] = []
    columns: list[list[str]] = []
    block: list[list[str]] = []
    rows: list[int] = []
    chosen: list[int] = []
    row = 0
    try:
        for row, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            if not cells:
                continue
            if not header:
                header = [name.strip() for name in cells]
                chosen = [n for n, name in enumerate(header) if keep is None or keep(name)]
                columns = [[] for _ in header]
                continue
            if len(cells) != len(header):
                expected = f"must have {len(header)} cells, like the header"
                raise row_error(path, row, expected, len(cells))
            block.append(cells)
            rows.append(row)
            if len(block) == _BLOCK:
                _add(block, columns, chosen)
                block.clear()
    except csv.Error as error:
        raise row_error(path, row + 1, "must be comma-separated cells", error) from error
    if not header:
        raise InputError(f"{path}: must be a table with a header. Received: an empty file")
    if not rows:
        raise InputError(f"{path}: must have at least one row after the header. Received: none")
    _add(block, columns, chosen)
    return CsvTable(path, [header[n] for n in chosen], [columns[n] for n in chosen], rows)


def _add(block: list[list[str]], columns: list[list[str]], chosen: list[int]) -> None:
    """Adds the cells of a block of records to the chosen columns."""
    if block:
        cells = list(zip(*block, strict=True))
        for column in chosen:
            columns[column].extend(cells[column])


def header(path: Path) -> tuple[str, ...]:
    """Returns the names of a CSV's columns; none where there is no such CSV.

    Raises:
        InputError: The file is there and may not be read.
    """
    try:
        files.regular_size(path)
        with path.open("rb") as file:
            plain = gzip.GzipFile(fileobj=file) if _is_gzip(path) else file
            text = io.TextIOWrapper(plain, encoding="utf-8-sig", newline="")
            return tuple(name.strip() for name in next(csv.reader(text), []))
    except PermissionError as error:
        raise _no_csv(path, error.strerror) from error
    except (*_UNREADABLE, csv.Error):
        return ()


def row_error(path: Path, row: object, expected: str, received: object) -> InputError:
    """Returns an error that names a file and a row.

    Args:
        path: The file.
        row: The row's number.
        expected: What must be there; it may begin with the column.
        received: What is there.
    """
    return InputError(f"{path}: row {row}: {expected}. Received: {received}")


def _content(path: Path) -> bytes:
    files.regular_size(path)
    with path.open("rb") as file:
        return gzip.GzipFile(fileobj=file).read() if _is_gzip(path) else file.read()


def _is_gzip(path: Path) -> bool:
    return path.suffix == ".gz"


def _no_csv(path: Path, received: object) -> InputError:
    return InputError(f"{path}: must be a comma-separated CSV (UTF-8). Received: {received}")

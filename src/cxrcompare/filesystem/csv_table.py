"""Reads CSV files as text; checks encoding, quotes and number of cells per row."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from cxrcompare.errors import InputError
from cxrcompare.filesystem import files, spreadsheet_cells

_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""First bytes of .xlsx and .xls."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""First bytes of text in UTF-16."""
_SEPARATORS = {";": "semicolons", "\t": "tabs"}
_BLOCK = 1024
"""Number of records converted to columns at once; many lists in memory slow Python down."""
_MEMORY_PER_BYTE = 16
"""Bytes of memory that reading may take for each byte of a file, with short cells."""
_LONGEST = 4 << 30
"""Maximum size of a file in bytes, after decompression."""
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
    """Reads a CSV file: UTF-8 with or without byte-order mark, any line ends, gzip if `.gz`.

    Args:
        path: The file.
        keep: Returns whether to keep the column with this name; all by default.

    Raises:
        InputError: The file cannot be read, is not UTF-8, is not a comma-separated table, or has
            no rows; or a row and the header have different numbers of cells. The message names
            file and row.
    """
    return parse(path, read_text(path), keep)


def read_text(path: Path) -> str:
    """Returns the text of a CSV file.

    Raises:
        InputError: The file cannot be read, is not UTF-8, is an Excel workbook, or its
            columns are separated by semicolons or tabs.
    """
    try:
        content = _content(path)
        if content.startswith(_EXCEL):
            raise _no_csv(path, "an Excel workbook; save it as CSV")
        if content.startswith(_UTF_16):
            raise _no_csv(path, "text in UTF-16; save it as UTF-8")
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: must be a file. Received: no such file") from None
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _no_csv(path, f"a byte that is not UTF-8 in line {line}") from error
    except _UNREADABLE as error:
        raise _no_csv(path, getattr(error, "strerror", None) or error) from error
    first = next(iter(text[:10_000].splitlines()), "")
    for separator, name in _SEPARATORS.items():
        if first.count(separator) > first.count(","):
            raise _no_csv(path, f"columns separated by {name}")
    return text


def parse(path: Path, text: str, keep: Callable[[str], bool] | None = None) -> CsvTable:
    """Returns the table of the text of a CSV file; see `read`.

    Args:
        path: The file, for error messages.
        text: The text, with the line ends of the file.
        keep: Returns whether to keep the column with this name; all by default.
    """
    header: list[str] = []
    columns: list[list[str]] = []
    block: list[list[str]] = []
    rows: list[int] = []
    chosen: list[int] = []
    read_cell = spreadsheet_cells.original if spreadsheet_cells.are_in(text) else None
    row = 0
    try:
        for row, cells in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), 1):
            if not cells:
                continue
            if not header:
                names = [name.strip() for name in cells]
                header = [read_cell(name) for name in names] if read_cell else names
                chosen = [n for n, name in enumerate(header) if keep is None or keep(name)]
                columns = [[] for _ in header]
                continue
            if len(cells) != len(header):
                expected = f"must have {len(header)} cells, like the header"
                raise row_error(path, row, expected, len(cells))
            block.append([read_cell(cell) for cell in cells] if read_cell else cells)
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
    """Returns the column names of a CSV file; empty if it is not a readable CSV.

    Raises:
        InputError: The file exists, but there is no permission to read it.
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
        expected: What was expected, e.g. "`column` must be a number".
        received: What was received.
    """
    return InputError(f"{path}: row {row}: {expected}. Received: {received}")


def _content(path: Path) -> bytes:
    """Returns a file's bytes, decompressed; at most as many as memory has room for.

    Raises:
        InputError: The file is too long.
    """
    size = files.regular_size(path)
    longest = min(_LONGEST, psutil.virtual_memory().available // _MEMORY_PER_BYTE)
    with path.open("rb") as file:
        if _is_gzip(path):
            content = gzip.GzipFile(fileobj=file).read(longest + 1)
            received = f"more than {longest:,} after decompression"
        else:
            content = file.read() if size <= longest else b""
            received = f"{size:,}"
    if max(len(content), 0 if _is_gzip(path) else size) > longest:
        raise InputError(
            f"{path}: must have at most {longest:,} bytes, for which the free memory suffices. "
            f"Received: {received}"
        )
    return content


def _is_gzip(path: Path) -> bool:
    return path.suffix == ".gz"


def _no_csv(path: Path, received: object) -> InputError:
    return InputError(f"{path}: must be a comma-separated CSV (UTF-8). Received: {received}")

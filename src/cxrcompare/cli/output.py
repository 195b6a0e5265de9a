"""What commands print: lines for standard error, short tables for standard output."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def say(message: str) -> None:
    """Writes one line to standard error."""
    sys.stderr.write(message + "\n")
    sys.stderr.flush()


def show(rows: Sequence[Sequence[str]]) -> None:
    """Prints a short table to standard output, its columns aligned."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(line.rstrip())


def write_text(text: str) -> None:
    """Writes a text to standard output as it is."""
    sys.stdout.write(text)

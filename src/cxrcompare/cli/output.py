"""What commands print: lines for standard error, short tables for standard output."""

from __future__ import annotations

import atexit
import gc
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cxrcompare.comparison.result.comparison import Comparison
    from cxrcompare.reporting.results.lookup import Results


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


def show_lines(lines: Iterable[str]) -> None:
    """Prints lines to standard output."""
    print("\n".join(lines))


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Collects cyclic garbage rarely in the block, in which many objects are made and kept.

    A collection visits all objects. A comparison of any size makes a thousand objects of cyclic
    garbage, and its report fifty thousand.
    """
    before = gc.get_threshold()
    atexit.register(_leave_garbage)
    gc.set_threshold(10_000_000, 100, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _leave_garbage() -> None:
    """Keeps the end of the process from collecting garbage; the system takes all memory back."""
    gc.disable()
    gc.freeze()


def show_comparison(found: Comparison, results: Results, folder: Path) -> None:
    """Prints the summary table of a comparison, its warnings and the path of its report.

    Args:
        found: The comparison.
        results: Its rows by name, from the report.
        folder: The folder of the comparison.
    """
    from cxrcompare.comparison.result.summary import summary_table, warning_lines
    from cxrcompare.reporting.sections.all_sections import lines

    show(summary_table(found))
    if found.protocol.get("metadata_source"):
        say(f"metadata baseline: fitted on {found.protocol['metadata_source']}")
    for line in lines(results):
        say(line)
    for line in warning_lines(found, folder / "warnings.csv"):
        say(line)
    say(f"report: {folder / 'report.html'}")


def command_line() -> str:
    """Returns the command of this process, for the protocol."""
    return shlex.join(["cxrcompare", *sys.argv[1:]])


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Returns the options that the user gave."""
    return {key: value for key, value in options.items() if value is not None}

"""Progress bars with rate and remaining time, shown only if enabled."""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO


class Advance(Protocol):
    """Reports `steps` more finished steps, with an optional note next to the bar."""

    def __call__(self, steps: int = 1, note: str = "") -> None: ...  # noqa: D102


def silent(steps: int = 1, note: str = "") -> None:
    """Does nothing; used if progress is not shown."""


_on = False


@contextmanager
def shown() -> Iterator[None]:
    """Enables progress bars in the block; by default they are disabled."""
    global _on
    before, _on = _on, True
    try:
        yield
    finally:
        _on = before


@contextmanager
def hidden() -> Iterator[None]:
    """Disables progress bars in the block."""
    global _on
    before, _on = _on, False
    try:
        yield
    finally:
        _on = before


def stream() -> TextIO:
    """Returns the stream for the progress of other libraries: standard error, or a dummy."""
    return sys.stderr if _on else io.StringIO()


@contextmanager
def track(what: str, total: int, unit: str, patience: float = 2.0) -> Iterator[Advance]:
    """Yields a function that reports finished steps; short work shows no progress bar.

    Nothing is shown outside a `shown` block.

    Args:
        what: The name of the work, e.g. "decode".
        total: The number of steps.
        unit: The name of the steps, in the plural, e.g. "images".
        patience: Seconds before progress is first shown.
    """
    if not _on:
        yield silent
        return
    show = (
        _bar(what, total, unit, patience)
        if sys.stderr.isatty()
        else _lines(what, total, unit, patience)
    )
    with show as advance:
        yield advance


@contextmanager
def _bar(what: str, total: int, unit: str, patience: float) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit + " {task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    start = time.monotonic()
    done = 0
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    task = bar.add_task(what, total=total, rate="", note="")

    def advance(steps: int = 1, note: str = "") -> None:
        nonlocal done
        done += steps
        elapsed = time.monotonic() - start
        if not bar.live.is_started and elapsed > patience:
            bar.start()
        bar.update(task, completed=done, rate=_rate(done / max(elapsed, 1e-9)), note=note)

    try:
        yield advance
    finally:
        if bar.live.is_started:
            bar.stop()


@contextmanager
def _lines(what: str, total: int, unit: str, patience: float) -> Iterator[Advance]:
    start = last = time.monotonic()
    done = 0
    shown = False

    def advance(steps: int = 1, note: str = "") -> None:
        nonlocal done, last, shown
        done += steps
        now = time.monotonic()
        if now - last < (10.0 if shown else patience) and not (shown and done == total):
            return
        last, shown = now, True
        rate = done / max(now - start, 1e-9)
        left = (total - done) / max(rate, 1e-9)
        print(
            f"{what}: {done:,}/{total:,} {unit}, {_rate(rate)}, {left:,.0f} s left {note}".rstrip(),
            file=sys.stderr,
            flush=True,
        )

    yield advance


def _rate(rate: float) -> str:
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2g}/s"

"""Section: the sentences, tables and figures of one topic, for every format of the report.

To add a topic, write a module with a function that takes `Results` and returns a `Section`, or None
if the comparison has nothing on it, and list the function in `all_sections.py`. Page, Markdown,
tables and figure files follow from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.results import numbers


class ShownTable(NamedTuple):
    """A table as text.

    Attributes:
        caption: What it shows.
        head: The names of the columns.
        body: The cells of each row.
        words: The number of columns at the left that contain words; the others contain numbers.
    """

    caption: str
    head: tuple[str, ...]
    body: tuple[tuple[str, ...], ...]
    words: int


class Section(NamedTuple):
    """One topic of the report.

    Attributes:
        key: The id of the section, unique in the page.
        title: The heading.
        sentences: What the results say; the first is printed in the terminal.
        tables: The tables; one without rows is left out.
        note: What a reader must know of the method.
        question: The question that the section answers, in the reader's words, e.g. "Safe for which
            groups?".
        verdict: One or two plain sentences that answer the question on the first screen, each
            supported by a test; empty if the section does not change the decision.
        figures: The figures; their kinds are unique to the section.
        early: Whether the section comes before ranks, readers and groups of patients.
    """

    key: str
    title: str
    sentences: tuple[str, ...]
    tables: tuple[ShownTable, ...]
    note: str
    question: str = ""
    verdict: str = ""
    figures: tuple[Figure, ...] = ()
    early: bool = False


def shown(
    caption: str,
    head: Sequence[str],
    body: Iterable[Sequence[object]],
    words: int,
    most: int | None = None,
    file: str = "",
) -> tuple[ShownTable, ...]:
    """Returns a table in a tuple, which is empty if the table has no rows.

    Args:
        caption: What it shows.
        head: The names of the columns.
        body: The rows.
        words: The number of columns at the left that contain words.
        most: The largest number of rows; the caption says how many there are.
        file: The file that has all rows.
    """
    cells = tuple(tuple(map(str, row)) for row in body)
    if not cells:
        return ()
    if most is not None and len(cells) > most:
        where = f"; all are in {file}" if file else ""
        caption = f"{caption} (the first {most} of {len(cells):,} rows{where})"
    return (ShownTable(caption, tuple(head), cells[:most], words),)


def percent(share: float) -> str:
    """Returns a share as percent with one decimal, or a dash if it is not defined."""
    if not numbers.defined(share):
        return numbers.UNDEFINED
    return f"{100 * share:.1f} %"

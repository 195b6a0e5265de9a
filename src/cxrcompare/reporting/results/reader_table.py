"""Tables of the readers: position relative to the ROC curves, rates, and agreement."""

from __future__ import annotations

from dataclasses import dataclass

from cxrcompare.comparison.row_types.column_types import ALL_READERS
from cxrcompare.comparison.row_types.reader_rows import AgreementRow, ReaderRow
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows


@dataclass(frozen=True)
class Readers:
    """The tables of the readers.

    Attributes:
        below: {(network, finding): (readers below its curve, readers not below it)}.
        names: The readers.
        rates: {finding: {reader: a row of the comparison's readers}}.
        tests: The rows with a test of the network against the reader.
        agreement: The pair as text and the row, for the defined rows of the agreement.
    """

    below: dict[tuple[str, str], tuple[list[str], list[str]]]
    names: list[str]
    rates: dict[str, dict[str, ReaderRow]]
    agreement: list[tuple[str, AgreementRow]]
    tests: list[ReaderRow]


def tables(results: Results) -> Readers:
    """Returns the tables of the readers; empty if there were no readers."""
    below: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    rates: dict[str, dict[str, ReaderRow]] = {}
    for row in rows(results.comparison.readers, ReaderRow):
        rates.setdefault(row.finding, {}).setdefault(str(row.reader), row)
        if row.below_curve is None or row.below_curve != row.below_curve:
            continue
        under, over = below.setdefault((row.model, row.finding), ([], []))
        (under if row.below_curve else over).append(str(row.reader))
    return Readers(
        below,
        list(dict.fromkeys(name for found in rates.values() for name in found)),
        rates,
        [
            (_pair(str(row.reader_a), str(row.reader_b)), row)
            for row in rows(results.comparison.agreement, AgreementRow)
            if numbers.defined(row.kappa)
        ],
        [
            row
            for row in rows(results.comparison.readers, ReaderRow)
            if numbers.defined(row.p_adjusted)
        ],
    )


def verdicts(results: Results, model: str) -> dict[str, list[ReaderRow]]:
    """Returns {finding: rows of the readers who differ significantly from the network}."""
    found: dict[str, list[ReaderRow]] = {}
    for row in rows(results.comparison.readers, ReaderRow):
        significant = numbers.defined(row.p_adjusted) and row.p_adjusted < results.alpha
        if row.model == model and significant and sign(row):
            found.setdefault(row.finding, []).append(row)
    return found


def sign(row: ReaderRow) -> int:
    """Returns 1 if the network is better than the reader, -1 if worse, 0 if not clear."""
    signs = {
        1 if difference > 0 else -1
        for difference in (row.sensitivity_difference, row.specificity_difference)
        if numbers.defined(difference) and difference != 0
    }
    return signs.pop() if len(signs) == 1 else 0


def _pair(first: str, second: str) -> str:
    return "all readers (Fleiss)" if first == second == ALL_READERS else f"{first} – {second}"

"""The section on differences pooled over findings: posterior probabilities, which are no tests."""

from __future__ import annotations

from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.main_rows import PartialPoolingRow
from cxrcompare.reporting.figures.analyses import pooling_figures
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows
from cxrcompare.reporting.sections.section import Section, percent, shown

_NOTE = (
    "A model, not a test: the true differences of the findings are taken as a sample of a normal "
    "distribution, so that findings with few positives borrow from the others. Its probabilities "
    "are not adjusted for multiple comparisons and depend on the prior of the spread between "
    "findings (half-normal, or flat with --pooling-scale 0). The verdicts come from the tests."
)
_PROBABLE = 0.95
_MOST_NAMED = 3
_MOST_ROWS = 200


def section(results: Results) -> Section | None:
    """Returns the section, or None if nothing was pooled."""
    found = rows(results.comparison.partial_pooling, PartialPoolingRow)
    if not found:
        return None
    return Section(
        "pooling",
        "Differences pooled over findings",
        tuple(_sentences(found)),
        shown(
            f"Probability that one is better by more than {numbers.decimal(found[0].margin)}",
            (
                "Networks",
                "Finding",
                "Estimate",
                "Pooled",
                "Interval",
                "First better",
                "Second better",
                "Neither",
            ),
            [
                (
                    f"{row.model_a} − {row.model_b}",
                    "distribution of findings" if row.finding == MEAN else row.finding,
                    numbers.signed(row.difference),
                    numbers.signed(row.pooled),
                    numbers.interval(row.low, row.high),
                    percent(row.probability_a_better_by_margin or 0.0),
                    percent(row.probability_b_better_by_margin or 0.0),
                    percent(row.probability_within_margin or 0.0),
                )
                for row in found
            ],
            2,
            _MOST_ROWS,
            "partial_pooling.csv",
        ),
        _NOTE,
        question="In which findings is one network better?",
        figures=pooling_figures.bars(results, found),
    )


def _sentences(found: list[PartialPoolingRow]) -> list[str]:
    single = [row for row in found if row.finding != MEAN]
    better = [row for row in single if _larger(row) >= _PROBABLE]
    alike = [row for row in single if (row.probability_within_margin or 0.0) >= _PROBABLE]
    margin = numbers.decimal(single[0].margin)
    sentences = [
        f"In a model that pools findings, one network is better by more than {margin} AUROC with a "
        f"probability of at least {_PROBABLE:.0%} in {len(better)} of {len(single)} differences, "
        f"and within it in {len(alike)}."
    ]
    for row in sorted(better, key=lambda row: -_larger(row))[:_MOST_NAMED]:
        first = numbers.number(row.probability_a_better_by_margin) == _larger(row)
        names = (row.model_a, row.model_b) if first else (row.model_b, row.model_a)
        sentences.append(
            f"{row.finding}: {names[0]} is better than {names[1]} by more than {margin} with a "
            f"probability of {_probability(_larger(row))}."
        )
    return sentences


def _probability(share: float) -> str:
    """Returns a probability as percent; never 100 %."""
    return "more than 99.9 %" if share > 0.9994 else percent(share)


def _larger(row: PartialPoolingRow) -> float:
    return max(row.probability_a_better_by_margin or 0.0, row.probability_b_better_by_margin or 0.0)

"""Optional results: non-inferiority, subgroup gaps, analytic tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.decision_rows import NetBenefitDifferenceRow
from cxrcompare.comparison.row_types.group_rows import SubgroupGapRow
from cxrcompare.comparison.row_types.main_rows import (
    AddedToMetadataRow,
    AnalyticRow,
    NonInferiorityRow,
)
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.results.pairs import MOST_PAIRS, pairs


def non_inferiority(results: Results) -> list[NonInferiorityRow]:
    """Returns the non-inferiority tests for the headline scope."""
    return _rows(results, "non_inferiority", NonInferiorityRow, results.scope)


def gaps(results: Results) -> list[SubgroupGapRow]:
    """Returns each network's AUROC in a subgroup minus the rest, for the headline scope."""
    found = _rows(results, "subgroup_gaps", SubgroupGapRow, results.scope)
    return [row for row in found if row.metric == "auroc"]


def significant_gaps(results: Results, name: str) -> list[str]:
    """Returns a sentence per subgroup in which the network is significantly worse."""
    return [
        f"{row.column} = {row.value}: AUROC significantly lower than in the rest by "
        f"{numbers.decimal(-row.difference)} "
        f"({numbers.interval(_negative(row.high), _negative(row.low))}; "
        f"adjusted {numbers.p_value(row.p_adjusted)})."
        for row in gaps(results)
        if row.model == name
        and numbers.defined(row.difference)
        and row.difference < 0
        and numbers.defined(row.p_adjusted)
        and row.p_adjusted < results.alpha
    ]


def analytic(results: Results, finding: str) -> list[AnalyticRow]:
    """Returns the analytic tests of one finding, in the order of the pairs of the forest plot."""
    tests = _rows(results, "analytic", AnalyticRow, finding)
    found = {(row.model_a, row.model_b): row for row in tests}
    found |= {(row.model_b, row.model_a): _swapped(row) for row in tests}
    shown = [(item.first, item.second) for item in pairs(results, finding)]
    return [found[pair] for pair in shown if pair in found]


def _swapped(row: AnalyticRow) -> AnalyticRow:
    """Returns the same test as second minus first."""
    return row._replace(
        model_a=row.model_b,
        model_b=row.model_a,
        difference=_negative(row.difference),
        low=_negative(row.high),
        high=_negative(row.low),
    )


def _negative(value: float | None) -> float | None:
    return -value if numbers.defined(value) else None


def gap_cells(results: Results) -> dict[tuple[str, str, str], SubgroupGapRow]:
    """Returns `gaps` as {(column, value, network): row}."""
    return {(row.column, str(row.value), row.model): row for row in gaps(results)}


def added(results: Results, finding: str) -> list[AddedToMetadataRow]:
    """Returns the tests of networks combined with metadata against metadata alone."""
    return _rows(results, "added_to_metadata", AddedToMetadataRow, finding)


def net_benefit_pairs(results: Results, finding: str) -> list[NetBenefitDifferenceRow]:
    """Returns the differences at the decision thresholds; none for more than `MOST_PAIRS` pairs."""
    found = _rows(results, "net_benefit_differences", NetBenefitDifferenceRow, finding)
    pairs_of_models = {(row.model_a, row.model_b) for row in found}
    return found if len(pairs_of_models) <= MOST_PAIRS else []


def readers_below(results: Results) -> dict[str, float]:
    """Returns each network's number of readers below its ROC curve, mean over findings."""
    return {
        name: mean
        for name, counts in results.comparison.readers_below.items()
        if (mean := counts.get(MEAN)) is not None and numbers.defined(mean)
    }


class _Tested(Protocol):
    @property
    def finding(self) -> str: ...
    @property
    def difference(self) -> float | None: ...


_R = TypeVar("_R", bound=_Tested)


def _rows(results: Results, name: str, kind: Callable[..., _R], scope: str) -> list[_R]:
    return [
        row
        for row in results.table(name, kind)
        if row.finding == scope and numbers.defined(row.difference)
    ]

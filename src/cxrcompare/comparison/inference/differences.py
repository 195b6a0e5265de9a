"""Paired differences of architectures on the same studies, with tests adjusted over a family."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import metric_methods, tested_estimates
from cxrcompare.comparison.inference.families import (
    BETTER_IF_HIGHER,
    BETTER_IF_LOWER,
    Adjusted,
    Better,
    FamilyTests,
    adjust_family,
    verdict,
)
from cxrcompare.comparison.inference.scoring import OVER, TOGETHER
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.main_rows import (
    WITHOUT_VERDICT,
    AgainstBaselineRow,
    DifferenceRow,
)
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.influence.influence_tests import PairedDifferences
from cxrcompare.evaluation.intervals import TWO_SEEDS

_AGAINST_BASELINES = ("auroc", "brier", "log_loss")
_EMPTY = float("nan")


@dataclass(frozen=True)
class Compared:
    """All pairs of architectures compared by one metric in one group of studies.

    Attributes:
        panel: The runs that are compared.
        metric: The name of the metric.
        subgroup: The subgroup; empty for the whole test set.
        pairs: P pairs of indices of architectures.
        differences: Their differences, (P, K).
        tests: Their p-values; NaN where no test is made.
        shown: (K,) bool, the entries that have intervals.
        margin: The margin of equivalence; NaN if equivalence is not tested.
    """

    panel: Panel
    metric: str
    subgroup: str
    pairs: list[tuple[int, int]]
    differences: PairedDifferences
    tests: FamilyTests
    shown: np.ndarray
    margin: float


def differences(
    panel: Panel, found: dict[str, Estimates], options: Options, subgroup: str = ""
) -> list[Compared]:
    """Returns the comparison of all pairs of networks by every metric.

    Args:
        panel: The runs that are compared.
        found: {metric: the estimates of the architectures}.
        options: The margin.
        subgroup: The subgroup; empty for the whole test set.
    """
    pairs = list(itertools.combinations(range(len(panel.networks)), 2))
    compared = (
        _compare(panel, metric, one, pairs, options.chosen_margin, subgroup)
        for metric, one in found.items()
    )
    return [one for one in compared if one.pairs]


def _compare(
    panel: Panel,
    metric: str,
    found: Estimates,
    pairs: Sequence[tuple[int, int]],
    margin: float,
    subgroup: str = "",
) -> Compared:
    members = [*panel.architectures.values()]
    has = [bool(panel.has(metric)[runs].all()) for runs in members]
    kept = [pair for pair in pairs if has[pair[0]] and has[pair[1]]]
    first, second = np.array(kept, dtype=int).reshape(-1, 2).T
    compared = tested_estimates.compared(panel, metric, found, first, second)
    shown = tested_estimates.testable(panel, found)
    if panel.few_for(metric).any():
        shown &= ~metric_methods.untested(panel, metric, list(range(len(panel.runs))))
    two = (found.seeds[first] == TWO_SEEDS) | (found.seeds[second] == TWO_SEEDS)
    none = two[:, None] | ~shown
    if subgroup:
        none[:, -1] = True  # subgroups have no row of all findings pooled
    if metric in WITHOUT_VERDICT:
        none = np.ones_like(none)
    for number, (a, b) in enumerate(kept):
        none[number] |= metric_methods.untested(panel, metric, [*members[a], *members[b]])
    p_equivalence = np.full(none.shape, np.nan)
    if metric == "auroc":
        p_equivalence = np.where(none, np.nan, compared.p_equivalent(margin))
    tests = FamilyTests(compared.p_values_where(~none), p_equivalence, found.eligible)
    margin = margin if metric == "auroc" else _EMPTY
    return Compared(panel, metric, subgroup, kept, compared, tests, shown, margin)


def rows(compared: Sequence[Compared], options: Options) -> list[DifferenceRow]:
    """Returns a row per pair, finding and metric, with adjusted p-values and verdicts.

    A family is all pairs of networks, findings and groups of studies of a metric, see `families`.
    The verdict is "a_better" or "b_better" if `p_adjusted` is below 1 - level, else "equivalent" if
    `p_equivalence` is, else "undecided"; it is empty without a test.

    Args:
        compared: From `differences`.
        options: Level and correction.
    """
    found: list[DifferenceRow] = []
    for metric in dict.fromkeys(one.metric for one in compared):
        family = [one for one in compared if one.metric == metric]
        adjusted = adjust_family([one.tests for one in family], options.correction, options.level)
        for one, values in zip(family, adjusted, strict=True):
            found += _rows(one, values, options)
    return found


def against_baselines(
    panel: Panel, found: dict[str, Estimates], options: Options
) -> list[AgainstBaselineRow]:
    """Returns a row per network, baseline, finding and metric: the network minus the baseline.

    The metrics are AUROC, Brier score and log loss. All of these tests are one family.

    Args:
        panel: The runs that are compared.
        found: {metric: the estimates of the architectures}.
        options: Level and correction.
    """
    networks = len(panel.networks)
    pairs = list(itertools.product(range(networks), range(networks, len(panel.architectures))))
    family = [
        _compare(panel, name, found[name], pairs, _EMPTY)
        for name in _AGAINST_BASELINES
        if name in found
    ]
    adjusted = adjust_family([one.tests for one in family], options.correction, options.level)
    return [
        AgainstBaselineRow(*(getattr(row, name) for name in AgainstBaselineRow._fields))
        for one, values in zip(family, adjusted, strict=True)
        for row in _rows(one, values, options)
    ]


class _Columns(NamedTuple):
    """The numbers of the rows of some pairs, P lists of K each; faster to read than arrays."""

    difference: list[list[float]]
    low: list[list[float]]
    high: list[list[float]]
    p_value: list[list[float]]
    p_adjusted: list[list[float]]
    p_equivalence: list[list[float]]
    simultaneous_low: list[list[float]]
    simultaneous_high: list[list[float]]


def _columns(one: Compared, adjusted: Adjusted, level: float) -> _Columns:
    span = metrics.difference_span(one.metric)
    low, high = (np.where(one.shown, end, np.nan) for end in one.differences.interval(level, span))
    tested = ~np.isnan(one.tests.p_value)
    wide = np.where(tested, adjusted.simultaneous_level, np.nan)
    found = (
        one.differences.difference,
        low,
        high,
        one.tests.p_value,
        adjusted.p_value,
        adjusted.p_equivalence,
        *one.differences.interval(wide, span),
    )
    return _Columns(*(column.tolist() for column in found))


def _rows(one: Compared, adjusted: Adjusted, options: Options) -> list[DifferenceRow]:
    panel, metric = one.panel, one.metric
    names, members = list(panel.architectures), [*panel.architectures.values()]
    columns = _columns(one, adjusted, options.level)
    findings = [
        (k, finding)
        for k, finding in enumerate((*panel.findings, *OVER))
        if metric not in TOGETHER or finding in OVER
    ]
    above, below, _ = BETTER_IF_LOWER if metric in metrics.LOWER_IS_BETTER else BETTER_IF_HIGHER
    words: tuple[Better, Better, Literal["equivalent"]] = (above, below, "equivalent")
    made: list[DifferenceRow] = []
    for number, (a, b) in enumerate(one.pairs):
        runs = [*members[a], *members[b]]
        seeds = np.array([len(members[a]), len(members[b])])
        method = _method(one, number, tested_estimates.method(panel, metric, seeds))
        method = method + metric_methods.words(panel, metric, runs, options)
        made += [
            DifferenceRow(
                model_a=names[a],
                model_b=names[b],
                finding=finding,
                metric=metric,
                difference=columns.difference[number][k],
                low=columns.low[number][k],
                high=columns.high[number][k],
                p_value=columns.p_value[number][k],
                p_adjusted=columns.p_adjusted[number][k],
                method=method[k],
                margin=one.margin,
                verdict=verdict(
                    columns.difference[number][k],
                    columns.p_adjusted[number][k],
                    columns.p_equivalence[number][k],
                    options.level,
                    words,
                ),
                subgroup=one.subgroup,
                p_equivalence=columns.p_equivalence[number][k],
                simultaneous_low=columns.simultaneous_low[number][k],
                simultaneous_high=columns.simultaneous_high[number][k],
            )
            for k, finding in findings
        ]
    return made


def _method(one: Compared, number: int, name: str) -> np.ndarray:
    """Returns the method of each entry of a pair, (K,) text."""
    found = np.full(one.tests.p_value.shape[1], name, dtype=object)
    for k in range(len(found)):
        if (number, k) in one.differences.exchanged:
            found[k] = f"{name} and paired permutation"
    return found

"""Paired differences of architectures on the same studies, with tests adjusted over a family."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import metric_methods, tested_estimates
from cxrcompare.comparison.inference.families import Adjusted, FamilyTests, adjust_family, verdict
from cxrcompare.comparison.inference.scoring import OVER, TOGETHER
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.main_rows import (
    WITHOUT_VERDICT,
    AgainstBaselineRow,
    DifferenceRow,
    NonInferiorityRow,
)
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.influence.influence_tests import PairedDifferences
from cxrcompare.evaluation.intervals import TWO_SEEDS

_Better = Literal["a_better", "b_better"]
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
    if metric in metrics.THRESHOLD_METRICS and panel.unreliable.any():
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


def _rows(one: Compared, adjusted: Adjusted, options: Options) -> list[DifferenceRow]:
    panel, metric = one.panel, one.metric
    names, members = list(panel.architectures), [*panel.architectures.values()]
    span = metrics.difference_span(metric)
    tested = ~np.isnan(one.tests.p_value)
    low, high = (
        np.where(one.shown, end, np.nan) for end in one.differences.interval(options.level, span)
    )
    wide = np.where(tested, adjusted.simultaneous_level, np.nan)
    wide_low, wide_high = one.differences.interval(wide, span)
    columns = [
        column.tolist()
        for column in (
            one.differences.difference,
            low,
            high,
            one.tests.p_value,
            adjusted.p_value,
            adjusted.p_equivalence,
            wide_low,
            wide_high,
        )
    ]
    findings = [
        (k, finding)
        for k, finding in enumerate((*panel.findings, *OVER))
        if metric not in TOGETHER or finding in OVER
    ]
    words: tuple[_Better, _Better, Literal["equivalent"]] = ("a_better", "b_better", "equivalent")
    if metric in metrics.LOWER_IS_BETTER:
        words = ("b_better", "a_better", "equivalent")
    made: list[DifferenceRow] = []
    for number, (a, b) in enumerate(one.pairs):
        runs = [*members[a], *members[b]]
        seeds = np.array([len(members[a]), len(members[b])])
        method = _method(one, number, tested_estimates.method(panel, metric, seeds))
        method = method + metric_methods.words(panel, metric, runs, options)
        difference, least, most, p_value, p_adjusted, p_equivalence, wide_least, wide_most = (
            column[number] for column in columns
        )
        made += [
            DifferenceRow(
                model_a=names[a],
                model_b=names[b],
                finding=finding,
                metric=metric,
                difference=difference[k],
                low=least[k],
                high=most[k],
                p_value=p_value[k],
                p_adjusted=p_adjusted[k],
                method=method[k],
                margin=one.margin,
                verdict=verdict(
                    difference[k], p_adjusted[k], p_equivalence[k], options.level, words
                ),
                subgroup=one.subgroup,
                p_equivalence=p_equivalence[k],
                simultaneous_low=wide_least[k],
                simultaneous_high=wide_most[k],
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


def non_inferiority(compared: Sequence[Compared], options: Options) -> list[NonInferiorityRow]:
    """Returns a non-inferiority test for each ordered pair and finding.

    The null hypothesis is that the AUROC of model_a is lower than that of model_b by the margin or
    more. The test is one-sided at (1 - level) / 2, so non-inferiority without adjustment means that
    the whole interval of the difference is above minus the margin. `p_adjusted` belongs to the
    family of the differences: at most one of "no difference", "lower by the margin" and "higher by
    the margin" is true for a pair. With the default correction, non-inferiority means that the
    simultaneous interval is above minus the margin.

    Args:
        compared: From `differences`, of the whole test set.
        options: Margin, level, correction.

    Source: Piaggio et al. 2012 (CONSORT extension), doi 10.1001/jama.2012.87802.
    """
    one = next((one for one in compared if one.metric == "auroc"), None)
    if options.margin is None or one is None:
        return []
    names = one.panel.networks
    untested = np.isnan(one.tests.p_value)
    low, high = (
        np.where(one.shown, end, np.nan) for end in one.differences.interval(options.level)
    )
    found: list[NonInferiorityRow] = []
    for sign in (1, -1):
        p_value = (
            one.differences.p_above(-options.margin)
            if sign == 1
            else one.differences.p_below(options.margin)
        )
        p_value = np.where(untested, np.nan, p_value)
        [adjusted] = adjust_family(
            [FamilyTests(p_value, np.full_like(p_value, np.nan), one.tests.eligible)],
            options.correction,
            options.level,
        )
        ends = (low, high) if sign == 1 else (-high, -low)
        found += [
            NonInferiorityRow(
                model_a=names[pair[0] if sign == 1 else pair[1]],
                model_b=names[pair[1] if sign == 1 else pair[0]],
                finding=finding,
                metric="auroc",
                margin=options.margin,
                difference=float(sign * one.differences.difference[number, k]),
                low=float(ends[0][number, k]),
                high=float(ends[1][number, k]),
                p_value=float(p_value[number, k]),
                p_adjusted=float(adjusted.p_value[number, k]),
                non_inferior=bool(adjusted.p_value[number, k] < (1 - options.level) / 2),
            )
            for number, pair in enumerate(one.pairs)
            for k, finding in enumerate((*one.panel.findings, *OVER))
        ]
    return found

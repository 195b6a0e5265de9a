"""Paired differences of architectures on the same resamples, with adjusted p-values."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from typing import Literal

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import auroc_inference, metric_methods
from cxrcompare.comparison.inference.estimates import bootstrap_interval
from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inference.scoring import OVER, TOGETHER, Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import (
    WITHOUT_VERDICT,
    AgainstBaselineRow,
    DifferenceRow,
    NonInferiorityRow,
)
from cxrcompare.evaluation import intervals, metrics
from cxrcompare.evaluation.auroc.auroc_tests import AurocEstimates

_ROUNDING = 1e-12
_AGAINST_BASELINES = ("auroc", "accuracy", "brier", "log_loss")


def differences(
    panel: Panel,
    tables: dict[str, Scored],
    aurocs: AurocEstimates,
    options: Options,
    subgroup: str = "",
) -> list[DifferenceRow]:
    """Returns a row per pair of networks, finding and metric, with p-values not yet adjusted.

    AUROC is tested by influence functions, see `auroc_inference`; other metrics, and the AUROC
    pooled over findings, by the bootstrap.

    Args:
        panel: The runs that are compared.
        tables: {metric: Scored of the architectures}.
        aurocs: The AUROCs of the architectures.
        options: Level and interval.
        subgroup: The subgroup of the rows; empty for the whole test set.
    """
    pairs = itertools.combinations(range(len(panel.networks)), 2)
    rows = _paired(panel, list(pairs), tables, aurocs, options, subgroup, options.chosen_margin)
    return [
        row._replace(p_value=float("nan")) if row.metric in WITHOUT_VERDICT else row for row in rows
    ]


def against_baselines(
    panel: Panel,
    tables: dict[str, Scored],
    aurocs: AurocEstimates,
    options: Options,
) -> list[AgainstBaselineRow]:
    """Returns a row per network, baseline, finding and metric: the network minus the baseline.

    The metrics are AUROC, accuracy, Brier score and log loss. P-values are adjusted over all pairs
    of a network and a baseline.

    Args:
        panel: The runs that are compared.
        tables: {metric: Scored of the architectures}.
        aurocs: The AUROCs of the architectures.
        options: Level, interval, correction.
    """
    networks = len(panel.networks)
    pairs = itertools.product(range(networks), range(networks, len(panel.architectures)))
    chosen = {name: tables[name] for name in _AGAINST_BASELINES if name in tables}
    rows = _paired(panel, list(pairs), chosen, aurocs, options, "")
    adjusted = adjust_all(rows, options.correction, options.level)
    return [
        AgainstBaselineRow(*(getattr(row, name) for name in AgainstBaselineRow._fields))
        for row in adjusted
    ]


def _paired(
    panel: Panel,
    pairs: list[tuple[int, int]],
    tables: dict[str, Scored],
    aurocs: AurocEstimates,
    options: Options,
    subgroup: str,
    margin: float | None = None,
) -> list[DifferenceRow]:
    """Returns a row per pair, finding and metric; equivalence is tested if a margin is given."""
    rows: list[DifferenceRow] = []
    architectures, findings = panel.architectures, panel.findings
    names = list(architectures)
    few = np.append(~panel.eligible, [False] * len(OVER))
    for metric, scored in tables.items():
        for a, b in pairs:
            runs = [*architectures[names[a]], *architectures[names[b]]]
            if not panel.has(metric)[runs].all():
                continue
            point, replicates = contrast(scored, a, b)
            low, high, method = bootstrap_interval(
                point, replicates, options.level, metrics.difference_span(metric)
            )
            no_test = few | metric_methods.untested(panel, metric, runs)
            p_value = np.where(no_test, np.nan, p_values(point, replicates))
            low, high = np.where(few, np.nan, low), np.where(few, np.nan, high)
            method = "paired bootstrap, " + method
            method = method + metric_methods.words(panel, metric, runs, options)
            equivalence = np.full(len(point), np.nan)
            if metric == "auroc":
                tested = auroc_inference.difference(panel, aurocs, a, b, options.level)
                kept = len(findings) + 1
                low[:kept], high[:kept], p_value[:kept] = tested.low, tested.high, tested.p_value
                method[:kept] = tested.method
                if margin is not None:
                    equivalence[:kept] = auroc_inference.equivalence(
                        panel, aurocs, a, b, tested, margin
                    )
            rows += [
                DifferenceRow(
                    model_a=names[a],
                    model_b=names[b],
                    finding=finding,
                    metric=metric,
                    difference=point[k],
                    low=low[k],
                    high=high[k],
                    p_value=p_value[k],
                    method=method[k],
                    margin=margin if metric == "auroc" and margin is not None else float("nan"),
                    verdict="",
                    subgroup=subgroup,
                    p_adjusted=float("nan"),
                    p_adjusted_all=float("nan"),
                    p_equivalence=equivalence[k],
                )
                for k, finding in enumerate((*findings, *OVER))
                if metric not in TOGETHER or finding in OVER
            ]
    return rows


def contrast(scored: Scored, first: int, second: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns first minus second: point (K,) and replicates (R, K)."""
    replicates = scored.replicates[:, first] - scored.replicates[:, second]
    replicates[np.abs(replicates) < _ROUNDING] = 0.0
    return scored.point[first] - scored.point[second], replicates


def p_values(point: np.ndarray, replicates: np.ndarray) -> np.ndarray:
    """Returns two-sided bootstrap p-values above 0; NaN where the difference is not defined."""
    return np.where(np.isnan(point), np.nan, intervals.p_value(replicates))


def adjust_all(
    rows: list[DifferenceRow], correction: str, level: float = 0.95
) -> list[DifferenceRow]:
    """Returns the rows with adjusted p-values and verdicts.

    `p_adjusted` is adjusted over all rows of a metric and finding, i.e. over all pairs (and all
    subgroups). `p_adjusted_all` is adjusted over all rows of a metric for single findings, i.e.
    without "mean" and "micro". `p_equivalence` is adjusted like `p_adjusted`.

    The verdict is "a_better" or "b_better" if `p_adjusted` is below 1 - level, else "equivalent" if
    `p_equivalence` is, else "undecided"; it is empty without a test.
    """
    p_values = np.array([row.p_value for row in rows])
    by_finding = adjust_by([(row.metric, row.finding) for row in rows], p_values, correction)
    by_metric = np.full(len(rows), np.nan)
    single = [index for index, row in enumerate(rows) if row.finding not in OVER]
    by_metric[single] = adjust_by(
        [rows[index].metric for index in single], p_values[single], correction
    )
    families = [(row.metric, row.finding) for row in rows]
    equal = adjust_by(families, np.array([row.p_equivalence for row in rows]), correction)
    found = []
    for row, one, over_all, same in zip(
        rows, by_finding.tolist(), by_metric.tolist(), equal.tolist(), strict=True
    ):
        changed = row._replace(p_adjusted=one, p_adjusted_all=over_all, p_equivalence=same)
        found.append(changed._replace(verdict=_verdict(changed, 1 - level)))
    return found


def _verdict(
    row: DifferenceRow, alpha: float
) -> Literal["", "a_better", "b_better", "equivalent", "undecided"]:
    if row.p_adjusted is None or not row.p_adjusted <= 1 or row.difference is None:
        return ""
    if row.p_adjusted < alpha:
        better = row.difference > 0
        return "a_better" if better != (row.metric in metrics.LOWER_IS_BETTER) else "b_better"
    if row.p_equivalence is not None and row.p_equivalence < alpha:
        return "equivalent"
    return "undecided"


def adjust_by(families: Sequence[Hashable], p_values: np.ndarray, correction: str) -> np.ndarray:
    """Returns the p-values adjusted over the members of each family.

    Args:
        families: The family of each p-value.
        p_values: (T,).
        correction: The correction.
    """
    members: dict[Hashable, list[int]] = {}
    for index, family in enumerate(families):
        members.setdefault(family, []).append(index)
    adjusted = np.full(len(families), np.nan)
    for indices in members.values():
        adjusted[indices] = adjust(p_values[indices], correction)
    return adjusted


def non_inferiority(
    panel: Panel,
    auroc: Scored,
    aurocs: AurocEstimates,
    options: Options,
) -> list[NonInferiorityRow]:
    """Returns a non-inferiority test for each ordered pair and finding.

    The null hypothesis is that the AUROC of model_a is lower than that of model_b by the margin or
    more. The test is one-sided at (1 - level) / 2. Without adjustment, non-inferiority means that
    the whole interval of the difference is above minus the margin. `p_adjusted` is adjusted over
    all ordered pairs of a finding.

    Args:
        panel: The runs that are compared.
        auroc: The AUROCs of the architectures and their replicates.
        aurocs: The same with what tests need.
        options: Margin, level, correction.

    Source: Piaggio et al. 2012 (CONSORT extension), doi 10.1001/jama.2012.87802.
    """
    if options.margin is None:
        return []
    rows: list[NonInferiorityRow] = []
    names, findings = panel.networks, panel.findings
    kept = len(findings) + 1
    for a, b in itertools.permutations(range(len(names)), 2):
        point, replicates = contrast(auroc, a, b)
        low, high, _ = bootstrap_interval(
            point, replicates, options.level, metrics.difference_span("auroc")
        )
        p_value = intervals.p_value(replicates, -options.margin, "greater")
        tested = auroc_inference.difference(panel, aurocs, a, b, options.level)
        low[:kept], high[:kept] = tested.low, tested.high
        p_value[:kept] = auroc_inference.not_inferior(panel, aurocs, a, b, options.margin)
        rows += [
            NonInferiorityRow(
                model_a=names[a],
                model_b=names[b],
                finding=finding,
                metric="auroc",
                margin=options.margin,
                difference=float(point[k]),
                low=float(low[k]),
                high=float(high[k]),
                p_value=float(p_value[k]),
                p_adjusted=float("nan"),
                non_inferior=False,
            )
            for k, finding in enumerate((*findings, *OVER))
        ]
    adjusted = adjust_by(
        [row.finding for row in rows],
        np.array([row.p_value for row in rows]),
        options.correction,
    ).tolist()
    return [
        row._replace(p_adjusted=p_value, non_inferior=p_value < (1 - options.level) / 2)
        for row, p_value in zip(rows, adjusted, strict=True)
    ]

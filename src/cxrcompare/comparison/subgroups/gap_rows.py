"""Gaps between groups of patients per network, and differences of gaps between networks."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.families import adjust_both, verdict
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.group_rows import GapDifferenceRow, SubgroupGapRow
from cxrcompare.comparison.subgroups.group_contrasts import Contrast, contrasts, enough
from cxrcompare.comparison.subgroups.group_metrics import MIRRORED, GapMetric, gap_metrics
from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.groups import group_gaps
from cxrcompare.evaluation.groups.group_gaps import Gaps, GapTests

MOST_NETWORKS = 10
"""With more networks, gaps of two networks are compared for the mean over findings only."""

_BATCH = 200
"""The number of pairs whose influences of patients are in memory at a time."""


def gaps(
    panel: Panel, groups: Mapping[str, np.ndarray], options: Options
) -> tuple[list[SubgroupGapRow], list[GapDifferenceRow]]:
    """Returns the gaps of each network, and the differences of the gaps of each pair.

    A finding enters if both groups have enough units and patients of both classes, see
    `minimum_cell` and `min_patients`. The mean is over these findings. P-values are adjusted over
    groups and networks, for single findings over these too, separately for each metric.

    Args:
        panel: The runs that are compared.
        groups: {column: (N,) text}, empty where the value is missing.
        options: Margin, reference groups, minimum cell, level, correction.

    Raises:
        InputError: A reference group does not exist.
    """
    rows: list[SubgroupGapRow] = []
    pairs: list[GapDifferenceRow] = []
    few = len(panel.networks) <= MOST_NETWORKS
    for one in contrasts(groups, options.reference_groups):
        usable = [f for f in range(len(panel.findings)) if enough(panel, one, f, options)]
        for metric in gap_metrics(panel, options.thresholds_of_decisions) if usable else []:
            names = [
                name
                for name in panel.networks
                if any(metric.applies(panel, panel.architectures[name], f) for f in usable)
            ]
            found = _of_metric(panel, one, metric, names, usable)
            for finding, gap, tested, margin, units in found:
                about = tested, margin, units
                rows += _rows(one, metric, names, finding, gap, about, options)
                if finding == MEAN or few:
                    pairs += _pairs(one, metric, names, finding, gap, (tested, margin), options)
    return _adjusted(rows, options), _adjusted_pairs(pairs, options)


_Found = tuple[str, Gaps, bool, float, tuple[int, int]]


def _of_metric(
    panel: Panel, one: Contrast, metric: GapMetric, names: list[str], findings: list[int]
) -> list[_Found]:
    """Returns finding, gaps, whether they are tested, margin and units, and those of the mean."""
    architectures = [panel.architectures[name] for name in names]
    runs = [m for members in architectures for m in members]
    applied = [f for f in findings if metric.applies(panel, runs, f)]
    estimates = {
        f: (
            metric.estimate(panel, f, one.inside, architectures),
            metric.estimate(panel, f, one.outside, architectures),
        )
        for f in applied
    }
    noises = {f: metric.noise(panel, f, (one.inside, one.outside), architectures) for f in applied}
    margins = {f: metric.margin(panel, f, 1.0) for f in applied}
    sizes = {
        f: (len(metric.units(panel, f, one.inside)), len(metric.units(panel, f, one.outside)))
        for f in applied
    }
    tested = {f: metric.tested(panel, runs, f) for f in applied}
    found: list[_Found] = [
        (
            panel.findings[f],
            group_gaps.gaps([estimates[f]], architectures, noises[f]),
            tested[f],
            margins[f],
            sizes[f],
        )
        for f in applied
    ]
    averaged = [f for f in applied if tested[f]] or applied
    if averaged:
        noisy = [noise for f in averaged if (noise := noises[f]) is not None]
        noise = np.sum(noisy, axis=0) / len(averaged) if noisy else None
        mean = group_gaps.gaps([estimates[f] for f in averaged], architectures, noise)
        margin = float(np.mean([margins[f] for f in averaged]))
        units = tuple(sum(sizes[f][side] for f in averaged) for side in (0, 1))
        found.insert(0, (MEAN, mean, tested[averaged[0]], margin, (units[0], units[1])))
    return found


def _rows(
    one: Contrast,
    metric: GapMetric,
    names: list[str],
    finding: str,
    gap: Gaps,
    about: tuple[bool, float, tuple[int, int]],
    options: Options,
) -> list[SubgroupGapRow]:
    tested, margin, units = about
    margin *= options.gap_margin
    result = group_gaps.single(gap, margin, options.level)
    detectable = intervals.minimum_detectable(
        result.standard_error, options.level, options.power, result.degrees
    )
    nan = float("nan")
    return [
        SubgroupGapRow(
            model=name,
            column=one.column,
            value=one.value,
            finding=finding,
            metric=metric.name,
            difference=float(result.value[a]),
            low=float(result.low[a]),
            high=float(result.high[a]),
            p_value=float(result.p_value[a]) if tested else nan,
            p_adjusted=nan,
            against=one.against,
            threshold=metric.threshold,
            units=units[0],
            units_against=units[1],
            margin=margin,
            p_equivalence=float(result.p_equivalence[a]) if tested else nan,
            detectable=float(detectable[a]),
            verdict="",
        )
        for a, name in enumerate(names)
    ]


def _pairs(
    one: Contrast,
    metric: GapMetric,
    names: list[str],
    finding: str,
    gap: Gaps,
    about: tuple[bool, float],
    options: Options,
) -> list[GapDifferenceRow]:
    tested, margin = about
    margin *= options.gap_margin
    every = list(itertools.combinations(range(len(names)), 2))
    found: list[GapDifferenceRow] = []
    for start in range(0, len(every), _BATCH):
        pairs = every[start : start + _BATCH]
        first, second = np.array(pairs).T
        result = group_gaps.differences(gap, first, second, margin, options.level)
        found += _rows_of_pairs(one, metric, names, finding, pairs, result, tested, margin)
    return found


def _rows_of_pairs(
    one: Contrast,
    metric: GapMetric,
    names: list[str],
    finding: str,
    pairs: list[tuple[int, int]],
    result: GapTests,
    tested: bool,
    margin: float,
) -> list[GapDifferenceRow]:
    nan = float("nan")
    return [
        GapDifferenceRow(
            model_a=names[a],
            model_b=names[b],
            column=one.column,
            value=one.value,
            against=one.against,
            finding=finding,
            metric=metric.name,
            threshold=metric.threshold,
            difference=float(result.value[q]),
            low=float(result.low[q]),
            high=float(result.high[q]),
            p_value=float(result.p_value[q]) if tested else nan,
            p_adjusted=nan,
            margin=margin,
            p_equivalence=float(result.p_equivalence[q]) if tested else nan,
            verdict="",
        )
        for q, (a, b) in enumerate(pairs)
    ]


def _adjusted(rows: list[SubgroupGapRow], options: Options) -> list[SubgroupGapRow]:
    """Adjusts the p-values, adds the verdicts, and adds the rates that are 1 minus another."""
    different, equivalent = adjust_both(rows, [row.metric for row in rows], options.correction)
    found = []
    for row, p_value, equal in zip(rows, different, equivalent, strict=True):
        whole = row._replace(
            p_adjusted=p_value,
            p_equivalence=equal,
            verdict=verdict(
                row.difference,
                p_value,
                equal,
                options.level,
                ("higher", "lower", "no_relevant_gap"),
            ),
        )
        found.append(whole)
        if row.metric in MIRRORED:
            found.append(_mirrored(whole))
    return found


def _mirrored(row: SubgroupGapRow) -> SubgroupGapRow:
    turned = {"higher": "lower", "lower": "higher"}
    return row._replace(
        metric=MIRRORED[row.metric],
        difference=-(row.difference or 0.0),
        low=-_number(row.high),
        high=-_number(row.low),
        verdict=turned.get(row.verdict, row.verdict),  # type: ignore[arg-type]
    )


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _adjusted_pairs(rows: list[GapDifferenceRow], options: Options) -> list[GapDifferenceRow]:
    different, equivalent = adjust_both(rows, [row.metric for row in rows], options.correction)
    found = []
    for row, p_value, equal in zip(rows, different, equivalent, strict=True):
        found.append(
            row._replace(
                p_adjusted=p_value,
                p_equivalence=equal,
                verdict=verdict(
                    row.difference,
                    p_value,
                    equal,
                    options.level,
                    ("different", "different", "equivalent"),
                ),
            )
        )
    return found

"""The table of metrics: estimates with intervals for every run and architecture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import metric_methods, tested_estimates
from cxrcompare.comparison.inference.estimates.proportions import PROPORTIONS, wilson
from cxrcompare.comparison.inference.estimates.seed_averages import Noise
from cxrcompare.comparison.inference.scoring import MEAN_INDEX, OVER, TOGETHER, Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MEAN
from cxrcompare.comparison.row_types.main_rows import MetricRow
from cxrcompare.evaluation import intervals, metrics
from cxrcompare.evaluation.influence.influence_estimates import Estimates

_BIASED = ("ece",)
TOO_FEW = "too few patients"
"""The method of a row without interval: the finding, or its threshold, has too few patients."""


def bootstrap_interval(
    point: np.ndarray,
    replicates: np.ndarray,
    level: float,
    span: tuple[float, float],
    metric: str = "",
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns low, high and method, each of the shape of `point`.

    The interval is percentile. The ECE has a basic interval: noise biases the ECE upwards, in the
    data and again in the replicates, so the percentile interval would be too high (Davison &
    Hinkley 1997, section 5.2). The basic interval is widened to include the estimate. If the
    estimate is not defined, neither is the interval.

    The limits are clipped to the range of the metric. Seed noise follows Student's distribution and
    is added to the replicates on the scale of the metric; with two or three seeds it goes far
    beyond that range. A clipped interval contains the true value exactly if the full interval
    does, so coverage is unchanged. The replicates are not clipped, because clipping would create
    ties between models that differ; p-values, ranks and standard errors use them as they are.

    Args:
        point: (...).
        replicates: (R, ...).
        level: The level of the interval.
        span: The smallest and largest possible value, from `metrics.span` or
            `metrics.difference_span`.
        metric: The name of the metric; empty for a difference.
    """
    low, high = intervals.percentile(replicates, level)
    method = np.full(np.shape(point), "percentile", dtype=object)
    if metric in _BIASED:
        low, high = np.minimum(2 * point - high, point), np.maximum(2 * point - low, point)
        method[:] = "basic"
    low, high = np.clip(low, *span), np.clip(high, *span)
    undefined = np.isnan(point)
    return np.where(undefined, np.nan, low), np.where(undefined, np.nan, high), method


def rows_of_runs(panel: Panel, tables: dict[str, Scored], options: Options) -> list[MetricRow]:
    """Returns the rows of every run that has a seed in its file name."""
    rows: list[MetricRow] = []
    for metric, scored in tables.items():
        chosen = [m for m, run in enumerate(panel.runs) if run.seed and panel.has(metric)[m]]
        if not chosen:
            continue
        found = None
        drawn = None if scored.replicates is None else scored.replicates[:, chosen]
        if tested_estimates.by_influence(panel, metric):
            entries = [[index] for index in chosen]
            found = tested_estimates.estimate(panel, metric, scored, entries, options.level)
        part = Scored(scored.point[chosen], drawn, scored.defined[chosen])
        low, high, method = _intervals(panel, metric, part, found, options)
        patient_sd = found.patient_sd if found else intervals.standard_error(_drawn(part))
        nan = np.full(patient_sd.shape[1], np.nan)
        for m, index in enumerate(chosen):
            ends = _with_wilson(panel, index, metric, (low[m], high[m], method[m]), options)
            run = panel.runs[index]
            ends = _described(panel, metric, [index], ends, options)
            rows += _rows(
                panel, (run.model, run.seed, ""), metric, scored, index, ends, (patient_sd[m], nan)
            )
    return rows


def rows_of_architectures(
    panel: Panel,
    tables: dict[str, tuple[Scored, Noise]],
    found: dict[str, Estimates],
    options: Options,
    names: Sequence[str] | None = None,
    subgroup: str = "",
) -> list[MetricRow]:
    """Returns the rows of every architecture and baseline, with seed "all".

    Args:
        panel: The runs that are compared.
        tables: {metric: (Scored of the architectures, their noise by source)}.
        found: {metric: the estimates of the architectures}.
        options: Level and interval.
        names: The architectures to include; all by default.
        subgroup: The subgroup of the rows; empty for the whole test set.
    """
    rows: list[MetricRow] = []
    for metric, (scored, noise) in tables.items():
        own = found[metric] if tested_estimates.by_influence(panel, metric) else None
        low, high, method = _intervals(panel, metric, scored, own, options)
        noise = noise if own is None else Noise(own.patient_sd, own.seed_sd)
        for a, (name, indices) in enumerate(panel.architectures.items()):
            if names is not None and name not in names:
                continue
            if not panel.has(metric)[indices].all():
                continue
            ends = (low[a], high[a], method[a])
            if len(indices) == 1 and panel.runs[indices[0]].kind == "network":
                ends = _with_wilson(panel, indices[0], metric, ends, options)
            ends = _described(panel, metric, indices, ends, options)
            spread = noise.patient_sd[a], noise.seed_sd[a]
            rows += _rows(panel, (name, ALL_SEEDS, subgroup), metric, scored, a, ends, spread)
    return rows


_Ends = tuple[np.ndarray, np.ndarray, np.ndarray]


def _intervals(
    panel: Panel,
    metric: str,
    scored: Scored,
    found: Estimates | None,
    options: Options,
) -> _Ends:
    """Returns low, high and method of a metric, (M, K): by influence functions or bootstrap.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        scored: The metric of M runs or architectures.
        found: Their estimates by influence functions; None for bootstrap intervals.
        options: Level and interval.
    """
    if found is not None:
        return tested_estimates.intervals(panel, metric, found, options.level)
    return bootstrap_interval(
        scored.point, _drawn(scored), options.level, metrics.span(metric), metric
    )


def _drawn(scored: Scored) -> np.ndarray:
    if scored.replicates is None:
        raise ValueError("this metric has no replicates")
    return scored.replicates


def _with_wilson(panel: Panel, run: int, metric: str, ends: _Ends, options: Options) -> _Ends:
    if metric not in PROPORTIONS:
        return ends
    low, high = wilson(panel, run, metric, options.level)
    over = np.full(len(OVER), np.nan)
    low, high = np.append(low, over), np.append(high, over)
    use = ~np.isnan(low)
    both = use & np.append(panel.noisy[run], [False] * len(OVER))  # a proportion of 0 or 1
    low, high = (
        np.where(both, np.fmin(low, ends[0]), low),
        np.where(both, np.fmax(high, ends[1]), high),
    )
    return (
        np.where(use, low, ends[0]),
        np.where(use, high, ends[1]),
        np.where(both, "wilson or percentile", np.where(use, "wilson", ends[2])),
    )


def _described(panel: Panel, metric: str, runs: list[int], ends: _Ends, options: Options) -> _Ends:
    """Adds to the method what it says of thresholds and fixed points."""
    return ends[0], ends[1], ends[2] + metric_methods.words(panel, metric, runs, options)


def _rows(
    panel: Panel,
    label: tuple[str, str, str],
    metric: str,
    scored: Scored,
    entry: int,
    ends: _Ends,
    noise: tuple[np.ndarray, np.ndarray],
) -> list[MetricRow]:
    positives, negatives = panel.totals
    few = np.append(panel.without_intervals(metric), [False] * len(OVER))
    unfit = panel.few_for(metric)
    few[MEAN_INDEX] = unfit[panel.eligible].all() and panel.eligible.any()
    few[-1] = unfit.any() if metric in metrics.THRESHOLD_METRICS else unfit.all()
    low, high = (np.where(few, np.nan, one) for one in ends[:2])
    rows = []
    for k, finding in enumerate((*panel.findings, *OVER)):
        value = scored.point[entry, k]
        if metric in TOGETHER and finding not in OVER:
            continue
        rows.append(
            MetricRow(
                model=label[0],
                seed=label[1],
                finding=finding,
                metric=metric,
                value=value,
                low=low[k],
                high=high[k],
                positives=positives[k],
                negatives=negatives[k],
                subgroup=label[2],
                defined=scored.defined[entry] if finding == MEAN else int(value == value),
                method=TOO_FEW if few[k] else ends[2][k],
                patient_sd=noise[0][k],
                seed_sd=noise[1][k],
            )
        )
    return rows

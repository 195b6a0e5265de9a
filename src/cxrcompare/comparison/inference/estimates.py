"""The table of metrics: estimates with intervals for every run and architecture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import auroc_inference
from cxrcompare.comparison.inference.proportions import PROPORTIONS, wilson
from cxrcompare.comparison.inference.scoring import OVER, TOGETHER, Scored
from cxrcompare.comparison.inference.seed_averages import Noise
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import ALL_SEEDS, MEAN, MetricRow
from cxrcompare.evaluation import intervals, metrics
from cxrcompare.evaluation.auroc.auroc_tests import AurocEstimates

_BIASED = ("ece",)
TOO_FEW = "too few patients"
"""The method of a row without interval: the finding is not eligible."""


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
    chosen = [index for index, run in enumerate(panel.runs) if run.seed]
    rows: list[MetricRow] = []
    for metric, scored in tables.items() if chosen else ():
        part = Scored(
            scored.point[chosen],
            scored.replicates[:, chosen],
            scored.defined[chosen],
        )
        entries = [[index] for index in chosen]
        low, high, method = _intervals(panel, metric, part, entries, options)
        patient_sd = intervals.standard_error(scored.replicates[:, chosen])
        nan = np.full(patient_sd.shape[1], np.nan)
        for m, index in enumerate(chosen):
            ends = _with_wilson(panel, index, metric, (low[m], high[m], method[m]), options)
            run = panel.runs[index]
            rows += _rows(
                panel, (run.model, run.seed, ""), metric, scored, index, ends, (patient_sd[m], nan)
            )
    return rows


def rows_of_architectures(
    panel: Panel,
    tables: dict[str, tuple[Scored, Noise]],
    aurocs: AurocEstimates,
    options: Options,
    names: Sequence[str] | None = None,
    subgroup: str = "",
) -> list[MetricRow]:
    """Returns the rows of every architecture and baseline, with seed "all".

    Args:
        panel: The runs that are compared.
        tables: {metric: (Scored of the architectures, their noise by source)}.
        aurocs: The AUROCs of the architectures.
        options: Level and interval.
        names: The architectures to include; all by default.
        subgroup: The subgroup of the rows; empty for the whole test set.
    """
    rows: list[MetricRow] = []
    for metric, (scored, noise) in tables.items():
        low, high, method = _intervals(panel, metric, scored, aurocs, options)
        for a, (name, indices) in enumerate(panel.architectures.items()):
            if names is not None and name not in names:
                continue
            ends = (low[a], high[a], method[a])
            if len(indices) == 1 and panel.runs[indices[0]].kind == "network":
                ends = _with_wilson(panel, indices[0], metric, ends, options)
            spread = noise.patient_sd[a], noise.seed_sd[a]
            rows += _rows(panel, (name, ALL_SEEDS, subgroup), metric, scored, a, ends, spread)
    return rows


_Ends = tuple[np.ndarray, np.ndarray, np.ndarray]


def _intervals(
    panel: Panel,
    metric: str,
    scored: Scored,
    aurocs: AurocEstimates | list[list[int]],
    options: Options,
) -> _Ends:
    """Returns low, high and method of a metric, (M, K); those of AUROC by influence functions.

    Args:
        panel: The runs that are compared.
        metric: The name of the metric.
        scored: The metric of M runs or architectures.
        aurocs: Their AUROCs, or the runs of each, from which they are estimated if needed.
        options: Level and interval.
    """
    low, high, method = bootstrap_interval(
        scored.point,
        scored.replicates,
        options.level,
        metrics.span(metric),
        metric,
    )
    if metric == "auroc":
        if isinstance(aurocs, list):
            aurocs = auroc_inference.estimate(panel, aurocs)
        kept = len(panel.findings) + 1
        low[:, :kept], high[:, :kept], methods = auroc_inference.intervals(
            panel, aurocs, options.level
        )
        method[:, :kept] = [[name] for name in methods]
    return low, high, method


def _with_wilson(panel: Panel, run: int, metric: str, ends: _Ends, options: Options) -> _Ends:
    if metric not in PROPORTIONS:
        return ends
    low, high = wilson(panel, run, metric, options.level)
    over = np.full(len(OVER), np.nan)
    low, high = np.append(low, over), np.append(high, over)
    use = ~np.isnan(low)
    return (
        np.where(use, low, ends[0]),
        np.where(use, high, ends[1]),
        np.where(use, "wilson", ends[2]),
    )


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
    few = np.append(~panel.eligible, [False] * len(OVER))
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

"""Computes metrics that are sums over units in all bootstrap replicates, also pooled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.evaluation.bootstrap import bootstrap_kernels
from cxrcompare.evaluation.bootstrap.resampling import Resamples, models_at_once
from cxrcompare.evaluation.metrics import unit_brier, unit_log_loss
from cxrcompare.evaluation.probabilities import calibration


def mean_metrics(
    labels: np.ndarray, scores: np.ndarray, resamples: Resamples, wanted: Sequence[str], bins: int
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Returns brier, log_loss and ece by finding, and pooled.

    They are sums divided by the number of units with a known label.
    """
    labelled = ~np.isnan(labels)
    total = totals(labelled, resamples)[:, None, :]
    functions = {"brier": unit_brier, "log_loss": unit_log_loss}
    values: dict[str, list[np.ndarray]] = {name: [] for name in wanted}
    pooled: dict[str, list[np.ndarray]] = {name: [] for name in wanted}
    step = models_at_once(scores)
    for model in range(0, len(scores), step):
        some = scores[model : model + step]
        for name in wanted:
            if name == "ece":
                edges = calibration.edges(bins)
                each, over = _calibration_gaps(labels, some, resamples, edges)
            else:
                terms = np.where(labelled, functions[name](labels, some), 0.0)
                each = totals(np.moveaxis(terms, 1, 0), resamples)
                over = each.sum(axis=2)
            values[name].append(each)
            pooled[name].append(over)
    return _means(values, total), _means(pooled, total.sum(axis=2))


def _means(sums: dict[str, list[np.ndarray]], total: np.ndarray) -> dict[str, np.ndarray]:
    joined = {name: np.concatenate(parts, axis=1) for name, parts in sums.items()}
    return {name: _ratio(one, np.broadcast_to(total, one.shape)) for name, one in joined.items()}


def _calibration_gaps(
    labels: np.ndarray, scores: np.ndarray, resamples: Resamples, bin_edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the sums over bins of |sum of (probability - label)|, (R, M, F) and pooled (R, M)."""
    gap = np.where(np.isnan(labels), 0.0, scores - labels)
    index = calibration.bin_index(scores, bin_edges)
    return _sums(np.moveaxis(gap, 1, 0), np.moveaxis(index, 1, 0), len(bin_edges) - 1, resamples)


def totals(values: np.ndarray, resamples: Resamples) -> np.ndarray:
    """Returns the weighted sum over units of `values` (N, ...) >= 0 in each replicate, (R, ...)."""
    return _sums(values, None, 1, resamples)[0]


def _sums(
    values: np.ndarray, segment: np.ndarray | None, segments: int, resamples: Resamples
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the sums over segments of |weighted sum over a segment's units of `values`|.

    Args:
        values: (N, ..., F).
        segment: (N, ..., F), 0 to segments - 1: the segment of each value; None if there is one.
        segments: The number of segments, 1 to 65,536.
        resamples: Resamples of the N units.

    Returns:
        The sums, (R, ..., F), and those of all F together, (R, ...), which are not computed without
        `segment`.
    """
    shape = values.shape[1:]
    table = _by_column(values)
    segment_of = None if segment is None else _by_column(segment)
    units, kept, sizes = [], [], []
    for number, column in enumerate(table):
        unit = np.flatnonzero(column)
        if segment_of is None:
            sizes.append(np.array([len(unit)]))
        else:
            of_unit = segment_of[number, unit].astype(np.uint16)  # which is sorted fastest
            sizes.append(np.bincount(of_unit, minlength=segments))
            unit = unit[np.argsort(of_unit, kind="stable")]
        units.append(unit)
        kept.append(column[unit].astype(np.float64))
    sums = np.empty((resamples.replicates, len(table)))
    groups = 0 if segment is None else len(table) // shape[-1]
    together = np.empty((resamples.replicates, groups))
    bootstrap_kernels.over_replicates(
        bootstrap_kernels.absolute_sums,
        resamples.replicates,
        resamples.counts,
        np.cumsum(np.concatenate([[0], *sizes]), dtype=np.int64),
        resamples.patient[np.concatenate(units)],
        np.concatenate(kept),
        segments,
        sums,
        together,
    )
    return (
        sums.reshape(resamples.replicates, *shape),
        together.reshape(resamples.replicates, *shape[:-1]) if groups else together,
    )


def _by_column(values: np.ndarray) -> np.ndarray:
    """Returns values (N, ...) as (C, N), each column contiguous."""
    return np.ascontiguousarray(np.moveaxis(values, 0, -1)).reshape(-1, len(values))


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    undefined = np.full(numerator.shape, np.nan)
    return np.divide(numerator, denominator, out=undefined, where=denominator > 0)

"""Computes metrics in all bootstrap replicates, for all models and findings on shared resamples.

The cost is linear in replicates and models and near-linear in units. Working memory is bounded by
processing blocks of replicates. The results equal `metrics` with the replicate's weights to 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.evaluation.bootstrap import bootstrap_kernels, unit_codes
from cxrcompare.evaluation.bootstrap.resampling import Resamples
from cxrcompare.evaluation.metrics import SCORE_METRICS, unit_brier, unit_log_loss
from cxrcompare.evaluation.probabilities import calibration
from cxrcompare.evaluation.ranking import descending

_RANKED = frozenset({"auroc", "auprc"})
_VALUES = 2**22  # units times findings times models that are processed at a time


def score_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    metrics: Sequence[str] = SCORE_METRICS,
    bins: int = calibration.BINS,
) -> dict[str, np.ndarray]:
    """Returns metrics that need no threshold, {metric: (R, M, F) float64}.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels are excluded, per finding.
        scores: (M, N, F), of M models; probabilities if brier, log_loss or ece is computed.
        resamples: Resamples of the N units.
        metrics: Names from `metrics.SCORE_METRICS`.
        bins: The number of ECE bins, of equal width.

    Returns:
        The values; NaN in a replicate that has only one class of a finding (auroc, auprc) or no
        unit with a known label (brier, log_loss, ece).
    """
    check(labels, scores, resamples)
    _check_metrics(metrics)
    values: dict[str, np.ndarray] = {}
    if _RANKED & set(metrics):
        values |= _rank_metrics(labels, scores, resamples, "auprc" in metrics)
    if set(metrics) - _RANKED:
        values |= _mean_metrics(labels, scores, resamples, metrics, bins)
    return {metric: values[metric] for metric in metrics}


def micro_score_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    metrics: Sequence[str] = SCORE_METRICS,
    bins: int = calibration.BINS,
) -> dict[str, np.ndarray]:
    """Returns each metric pooled over all (unit, finding) pairs, {metric: (R, M)}.

    Arguments as for `score_metrics`.
    """
    check(labels, scores, resamples)
    pooled = resamples.repeat(labels.shape[1])
    values = score_metrics(
        labels.reshape(-1, 1), scores.reshape(len(scores), -1, 1), pooled, metrics, bins
    )
    return {metric: value[:, :, 0] for metric, value in values.items()}


def decision_counts(labels: np.ndarray, decisions: np.ndarray, resamples: Resamples) -> np.ndarray:
    """Returns the 2x2 counts of every replicate, (R, M, F, 4) float64: tp, fp, fn, tn.

    `metrics.rates` computes metrics from them. Counts summed over findings give micro-averages.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels are not counted.
        decisions: (M, N, F) bool, True where the model predicts positive.
        resamples: Resamples of the N units.
    """
    check(labels, decisions, resamples)
    counts = np.empty((resamples.replicates, *decisions.shape[::2], 4))
    for class_, (positive, negative) in ((1, (0, 2)), (0, (1, 3))):
        members = labels == class_
        total = _totals(members, resamples)
        for model, decision in enumerate(decisions):
            counts[:, model, :, positive] = _totals(members & (decision != 0), resamples)
        counts[..., negative] = total[:, None] - counts[..., positive]
    return counts


def class_totals(labels: np.ndarray, resamples: Resamples) -> tuple[np.ndarray, np.ndarray]:
    """Returns positives and negatives in each replicate, (R, F) float64 each."""
    return _totals(labels == 1, resamples), _totals(labels == 0, resamples)


def sorted_units(
    labels: np.ndarray, scores: np.ndarray, patient: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns patients, codes and indices of the labelled units, in descending order of score.

    The codes (uint8) are those of `unit_codes`: label and position in the group of tied
    scores.

    Args:
        labels: (N,) in {0, 1, NaN}.
        scores: (N,).
        patient: (N,) int32, indices.
    """
    labelled = np.flatnonzero(~np.isnan(labels))
    if not len(labelled):
        return patient[labelled], np.zeros(0, dtype=np.uint8), labelled
    ties = descending(scores[labelled])
    order = labelled[ties.unit]
    positive = labels[order] == 1
    first, last = np.zeros(len(order), dtype=bool), np.zeros(len(order), dtype=bool)
    first[ties.start] = last[ties.end - 1] = True
    code = np.where(
        first & last,
        0,
        np.where(last, unit_codes.LAST_NEGATIVE, unit_codes.TIED_NEGATIVE),
    )
    return patient[order], (code + positive).astype(np.uint8), order


def _rank_metrics(
    labels: np.ndarray, scores: np.ndarray, resamples: Resamples, precision: bool
) -> dict[str, np.ndarray]:
    models, _, findings = scores.shape
    shape = (resamples.replicates, models, findings)
    values = {"auroc": np.empty(shape)} | ({"auprc": np.empty(shape)} if precision else {})
    step = models_at_once(scores)
    for model in range(0, models, step):
        part = slice(model, model + step)
        area, average = _rank_some(labels, scores[part], resamples, precision)
        values["auroc"][:, part] = area.reshape(len(area), -1, findings)
        if precision:
            values["auprc"][:, part] = average.reshape(len(area), -1, findings)
    return values


def _rank_some(
    labels: np.ndarray, scores: np.ndarray, resamples: Resamples, precision: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Returns AUROC and AUPRC, (R, M * F) each; AUPRC has no columns if `precision` is False."""
    tasks = [
        sorted_units(labels[:, f], score[:, f], resamples.patient)
        for score in scores
        for f in range(labels.shape[1])
    ]
    patients = np.concatenate([task[0] for task in tasks])
    codes = np.concatenate([task[1] for task in tasks])
    offsets = np.cumsum([0, *(len(task[1]) for task in tasks)], dtype=np.int64)
    area = np.empty((resamples.replicates, len(tasks)))
    average = np.empty((resamples.replicates, len(tasks) if precision else 0))
    bootstrap_kernels.over_replicates(
        bootstrap_kernels.rank_metrics,
        resamples.replicates,
        resamples.counts,
        patients,
        codes,
        offsets,
        area,
        average,
    )
    return area, average


def _mean_metrics(
    labels: np.ndarray, scores: np.ndarray, resamples: Resamples, wanted: Sequence[str], bins: int
) -> dict[str, np.ndarray]:
    """Returns brier, log_loss and ece: sums divided by the number of units with a known label."""
    labelled = ~np.isnan(labels)
    total = _totals(labelled, resamples)[:, None, :]
    functions = {"brier": unit_brier, "log_loss": unit_log_loss}
    values: dict[str, list[np.ndarray]] = {name: [] for name in wanted if name not in _RANKED}
    step = models_at_once(scores)
    for model in range(0, len(scores), step):
        some = scores[model : model + step]
        for name, parts in values.items():
            if name == "ece":
                parts.append(_calibration_gaps(labels, some, resamples, calibration.edges(bins)))
            else:
                terms = np.where(labelled, functions[name](labels, some), 0.0)
                parts.append(_totals(np.moveaxis(terms, 1, 0), resamples))
    sums = {name: np.concatenate(parts, axis=1) for name, parts in values.items()}
    return {
        name: _ratio(value, np.broadcast_to(total, value.shape)) for name, value in sums.items()
    }


def _calibration_gaps(
    labels: np.ndarray, scores: np.ndarray, resamples: Resamples, bin_edges: np.ndarray
) -> np.ndarray:
    """Returns the sum over bins of |sum of (probability - label)|, (R, M, F)."""
    gap = np.where(np.isnan(labels), 0.0, scores - labels)
    index = calibration.bin_index(scores, bin_edges)
    return _sums(np.moveaxis(gap, 1, 0), np.moveaxis(index, 1, 0), len(bin_edges) - 1, resamples)


def _totals(values: np.ndarray, resamples: Resamples) -> np.ndarray:
    """Returns the weighted sum over units of `values` (N, ...) >= 0 in each replicate, (R, ...)."""
    return _sums(values, None, 1, resamples)


def _sums(
    values: np.ndarray, segment: np.ndarray | None, segments: int, resamples: Resamples
) -> np.ndarray:
    """Returns the sum over segments of |weighted sum over a segment's units of `values`|, (R, ...).

    Args:
        values: (N, ...).
        segment: (N, ...), 0 to segments - 1: the segment of each value; None if there is only one.
        segments: The number of segments, 1 to 65,536.
        resamples: Resamples of the N units.
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
    bootstrap_kernels.over_replicates(
        bootstrap_kernels.absolute_sums,
        resamples.replicates,
        resamples.counts,
        np.cumsum(np.concatenate([[0], *sizes]), dtype=np.int64),
        resamples.patient[np.concatenate(units)],
        np.concatenate(kept),
        segments,
        sums,
    )
    return sums.reshape(resamples.replicates, *shape)


def _by_column(values: np.ndarray) -> np.ndarray:
    """Returns values (N, ...) as (C, N), each column contiguous."""
    return np.ascontiguousarray(np.moveaxis(values, 0, -1)).reshape(-1, len(values))


def models_at_once(scores: np.ndarray) -> int:
    """Returns the number of models of scores (M, N, F) that are processed together."""
    return max(1, _VALUES // int(np.prod(scores.shape[1:])))


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    undefined = np.full(numerator.shape, np.nan)
    return np.divide(numerator, denominator, out=undefined, where=denominator > 0)


def check(labels: np.ndarray, values: np.ndarray, resamples: Resamples) -> None:
    """Raises ValueError if shapes differ, a label is not 0, 1 or NaN, or a score is NaN."""
    units = len(resamples.patient)
    if labels.ndim != 2 or len(labels) != units or values.shape[1:] != labels.shape:
        raise ValueError(
            f"labels must be (N, F) and models' values (M, N, F) with N = {units}. "
            f"Received: {labels.shape} and {values.shape}"
        )
    if not (np.isnan(labels) | (labels == 0) | (labels == 1)).all():
        raise ValueError("labels must be 0, 1 or NaN")
    if values.dtype.kind == "f" and np.isnan(values).any():
        raise ValueError("scores must not be NaN")


def _check_metrics(wanted: Sequence[str]) -> None:
    unknown = set(wanted) - set(SCORE_METRICS)
    if unknown:
        raise ValueError(f"`metrics` must be of {SCORE_METRICS}. Received: {sorted(unknown)}")

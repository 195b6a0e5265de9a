"""Computes metrics in all bootstrap replicates, for all models and findings on shared resamples.

The cost is linear in replicates and models and near-linear in units. Working memory is bounded by
processing blocks of replicates. The results equal `metrics` with the replicate's weights to 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.evaluation.bootstrap import bootstrap_kernels, mean_replicates, unit_codes
from cxrcompare.evaluation.bootstrap.resampling import Resamples, models_at_once
from cxrcompare.evaluation.metrics import SCORE_METRICS
from cxrcompare.evaluation.probabilities import calibration
from cxrcompare.evaluation.ranking import descending

_RANKED = frozenset({"auroc", "auprc"})


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
    chosen = [metric for metric in metrics if metric not in _RANKED]
    if chosen:
        values |= mean_replicates.mean_metrics(labels, scores, resamples, chosen, bins)[0]
    return {metric: values[metric] for metric in metrics}


def with_pooled(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    metrics: Sequence[str] = SCORE_METRICS,
    bins: int = calibration.BINS,
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Returns metrics by finding, and pooled over all (unit, finding) pairs.

    Arguments as for `score_metrics`.

    Returns:
        {metric: ((R, M, F), (R, M))}.
    """
    check(labels, scores, resamples)
    _check_metrics(metrics)
    values: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    if _RANKED & set(metrics):
        precision, flat = "auprc" in metrics, scores.reshape(len(scores), -1, 1)
        repeated = resamples.repeat(labels.shape[1])
        pooled = _rank_metrics(labels.reshape(-1, 1), flat, repeated, precision)
        for name, value in _rank_metrics(labels, scores, resamples, precision).items():
            values[name] = value, pooled[name][:, :, 0]
    chosen = [metric for metric in metrics if metric not in _RANKED]
    if chosen:
        means, over = mean_replicates.mean_metrics(labels, scores, resamples, chosen, bins)
        values |= {name: (means[name], over[name]) for name in means}
    return {metric: values[metric] for metric in metrics}


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
        total = mean_replicates.totals(members, resamples)
        for model, decision in enumerate(decisions):
            counts[:, model, :, positive] = mean_replicates.totals(
                members & (decision != 0), resamples
            )
        counts[..., negative] = total[:, None] - counts[..., positive]
    return counts


def class_totals(labels: np.ndarray, resamples: Resamples) -> tuple[np.ndarray, np.ndarray]:
    """Returns positives and negatives in each replicate, (R, F) float64 each."""
    return mean_replicates.totals(labels == 1, resamples), mean_replicates.totals(
        labels == 0, resamples
    )


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

"""Every metric in every replicate, for all models and findings on the same resamples.

Cost is linear in replicates and in models and near-linear in units; memory beside the result is
bounded by blocks of replicates. Exact: equal to `metrics` with the replicate's weights to 1e-12.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.evaluation import calibration, kernels, metrics
from cxrcompare.evaluation.resampling import Resamples, leave_one_out

_BLOCK = 512


def score_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    metrics: Sequence[str] = metrics.SCORE_METRICS,
    bins: int = calibration.BINS,
) -> dict[str, np.ndarray]:
    """Returns metrics that need no threshold, {metric: (R, M, F) float64}.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels drop out of their finding.
        scores: (M, N, F), of M models; probabilities where brier, log_loss or ece is asked for.
        resamples: Of the N units.
        metrics: Of `metrics.SCORE_METRICS`.
        bins: Number of ECE bins of equal width.

    Returns:
        NaN in a replicate that holds only one class of a finding (auroc, auprc) or no unit with a
        known label (brier, log_loss, ece).
    """
    _check(labels, scores, resamples)
    _check_metrics(metrics)
    values: dict[str, np.ndarray] = {}
    if {"auroc", "auprc"} & set(metrics):
        values |= _rank_metrics(labels, scores, resamples, "auprc" in metrics)
    if {"brier", "log_loss", "ece"} & set(metrics):
        values |= _mean_metrics(labels, scores, resamples, metrics, bins)
    return {metric: values[metric] for metric in metrics}


def micro_score_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    metrics: Sequence[str] = metrics.SCORE_METRICS,
    bins: int = calibration.BINS,
) -> dict[str, np.ndarray]:
    """Returns each metric over all (unit, finding) pairs pooled, {metric: (R, M)}.

    Arguments as for `score_metrics`.
    """
    _check(labels, scores, resamples)
    pooled = resamples.repeat(labels.shape[1])
    values = score_metrics(
        labels.reshape(-1, 1), scores.reshape(len(scores), -1, 1), pooled, metrics, bins
    )
    return {metric: value[:, :, 0] for metric, value in values.items()}


def jackknife_score_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    patients: np.ndarray,
    metrics: Sequence[str] = metrics.SCORE_METRICS,
    bins: int = calibration.BINS,
) -> dict[str, np.ndarray]:
    """Returns each metric without each patient in turn, {metric: (P, M, F)}; for BCa intervals.

    Args:
        labels: As for `score_metrics`.
        scores: As for `score_metrics`.
        patients: (N,) the patient's id of each unit.
        metrics: As for `score_metrics`.
        bins: As for `score_metrics`.
    """
    parts = [
        score_metrics(labels, scores, block, metrics, bins) for block in leave_one_out(patients)
    ]
    return {metric: np.concatenate([part[metric] for part in parts]) for metric in metrics}


def decision_counts(labels: np.ndarray, decisions: np.ndarray, resamples: Resamples) -> np.ndarray:
    """Returns the 2x2 counts of every replicate, (R, M, F, 4) float64: tp, fp, fn, tn.

    `metrics.rates` turns them into metrics; added over findings they give the micro-averages.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels are not counted.
        decisions: (M, N, F) bool, True where the model calls the finding.
        resamples: Of the N units.
    """
    _check(labels, decisions, resamples)
    positive, negative = labels == 1, labels == 0
    called = decisions.astype(bool)
    cells = np.stack(
        [called & positive, called & negative, ~called & positive, ~called & negative], axis=-1
    )  # (M, N, F, 4)
    return _totals(np.moveaxis(cells, 1, 0), resamples)


def subset_accuracy(labels: np.ndarray, decisions: np.ndarray, resamples: Resamples) -> np.ndarray:
    """Returns the share of units with every finding right, (R, M).

    Units with an unknown label are left out, of the denominator too; NaN where none is left.
    Arguments as for `decision_counts`.
    """
    _check(labels, decisions, resamples)
    known = ~np.isnan(labels).any(axis=1)
    right = (decisions.astype(bool) == (labels == 1)).all(axis=2) & known
    above = _totals(right.T, resamples)
    below = _totals(known[:, None], resamples)
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)


def class_totals(labels: np.ndarray, resamples: Resamples) -> tuple[np.ndarray, np.ndarray]:
    """Returns positives and negatives in each replicate, (R, F) float64 each."""
    return _totals(labels == 1, resamples), _totals(labels == 0, resamples)


def one_class(labels: np.ndarray, resamples: Resamples) -> np.ndarray:
    """Returns how many replicates hold only one class of each finding, (F,) int64."""
    positives, negatives = class_totals(labels, resamples)
    return ((positives == 0) | (negatives == 0)).sum(axis=0)


def _rank_metrics(
    labels: np.ndarray, scores: np.ndarray, resamples: Resamples, precision: bool
) -> dict[str, np.ndarray]:
    models, _, findings = scores.shape
    patients, codes, offsets = _sorted_units(labels, scores, resamples.patient)
    area = np.empty((resamples.replicates, models * findings))
    average = np.empty((resamples.replicates, models * findings if precision else 0))
    kernels.rank_metrics(resamples.counts, patients, codes, offsets, area, average)
    shape = (resamples.replicates, models, findings)
    return {"auroc": area.reshape(shape)} | ({"auprc": average.reshape(shape)} if precision else {})


def _sorted_units(
    labels: np.ndarray, scores: np.ndarray, patient: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns patients and codes of the units of each (model, finding), sorted, and the offsets."""
    models, _, findings = scores.shape
    known = ~np.isnan(labels)
    sizes = np.tile(known.sum(axis=0), models)
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    patients = np.empty(offsets[-1], dtype=np.int32)
    codes = np.empty(offsets[-1], dtype=np.uint8)
    columns = [
        (patient[known[:, f]], labels[known[:, f], f] == 1, known[:, f]) for f in range(findings)
    ]
    for task, begin in enumerate(offsets[:-1]):
        model, finding = divmod(task, findings)
        who, positive, units = columns[finding]
        score = scores[model, units, finding]
        order = np.argsort(-score, kind="stable")
        part = slice(begin, offsets[task + 1])
        patients[part] = who[order]
        codes[part] = _codes(score[order], positive[order])
    return patients, codes, offsets


def _codes(score: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Returns how each unit stands in its group of equal scores; scores descend."""
    first = np.ones(len(score), dtype=bool)
    first[1:] = score[1:] != score[:-1]
    last = np.append(first[1:], True)[: len(score)]
    tie = np.where(first & last, 0, np.where(last, 4, 2))
    group = np.cumsum(first) - 1
    mixed = np.bincount(group, positive, minlength=1)[group] > 0 if len(score) else first
    return np.where(mixed, tie + positive, kernels.NEGATIVE).astype(np.uint8)


def _mean_metrics(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    wanted: Sequence[str],
    bins: int,
) -> dict[str, np.ndarray]:
    """Returns brier, log_loss and ece: sums over patients of what each adds, by BLAS."""
    known = ~np.isnan(labels)
    total = _totals(known, resamples)[:, None, :]
    terms = {
        "brier": lambda: np.where(known, (scores - labels) ** 2, 0.0),
        "log_loss": lambda: np.where(known, metrics.unit_log_loss(labels, scores), 0.0),
    }
    sums = {
        name: _totals(np.moveaxis(term(), 1, 0), resamples)
        for name, term in terms.items()
        if name in wanted
    }
    if "ece" in wanted:
        sums["ece"] = _calibration_gaps(labels, scores, resamples, calibration.edges(bins))
    return {
        name: np.divide(value, total, out=np.full(value.shape, np.nan), where=total > 0)
        for name, value in sums.items()
    }


def _calibration_gaps(
    labels: np.ndarray, scores: np.ndarray, resamples: Resamples, bin_edges: np.ndarray
) -> np.ndarray:
    """Returns the sum over bins of |sum of (probability - label)|, (R, M, F)."""
    models, _, findings = scores.shape
    bins = len(bin_edges) - 1
    gaps = np.empty((resamples.replicates, models, findings))
    for model in range(models):
        gap = np.where(np.isnan(labels), 0.0, scores[model] - labels)
        index = calibration.bin_index(scores[model], bin_edges)
        table = np.zeros((resamples.counts.shape[1], findings, bins))
        np.add.at(table, (resamples.patient[:, None], np.arange(findings), index), gap)
        for rows in _blocks(resamples.replicates):
            sums = resamples.counts[rows].astype(np.float64) @ table.reshape(len(table), -1)
            gaps[rows, model] = np.abs(sums).reshape(-1, findings, bins).sum(axis=2)
    return gaps


def _totals(values: np.ndarray, resamples: Resamples) -> np.ndarray:
    """Returns the weighted sum over units of `values` (N, ...) in each replicate, (R, ...)."""
    flat = values.reshape(len(values), -1)
    table = np.zeros((resamples.counts.shape[1], flat.shape[1]))
    np.add.at(table, resamples.patient, flat)
    sums = np.empty((resamples.replicates, flat.shape[1]))
    for rows in _blocks(resamples.replicates):
        sums[rows] = resamples.counts[rows].astype(np.float64) @ table
    return sums.reshape(resamples.replicates, *values.shape[1:])


def _blocks(replicates: int) -> list[slice]:
    return [slice(start, start + _BLOCK) for start in range(0, replicates, _BLOCK)]


def _check(labels: np.ndarray, values: np.ndarray, resamples: Resamples) -> None:
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
    unknown = set(wanted) - set(metrics.SCORE_METRICS)
    if unknown:
        raise ValueError(
            f"`metrics` must be of {metrics.SCORE_METRICS}. Received: {sorted(unknown)}"
        )

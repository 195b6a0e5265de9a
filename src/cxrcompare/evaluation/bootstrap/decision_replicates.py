"""Computes thresholds and decisions in all bootstrap replicates.

With a threshold per replicate, chosen again on resampled validation patients, replicates of
sensitivity, specificity, ... contain the noise of the threshold. The results equal
`operating.choose` and `metrics.rates` on rows that are really repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cxrcompare.evaluation.bootstrap import (
    bootstrap_kernels,
    metric_replicates,
    threshold_kernels,
    unit_codes,
)
from cxrcompare.evaluation.bootstrap.resampling import Resamples, models_at_once
from cxrcompare.evaluation.thresholds.operating import RULES

_RULES = {
    "youden": unit_codes.YOUDEN,
    "sensitivity": unit_codes.SENSITIVITY,
    "specificity": unit_codes.SPECIFICITY,
    "max_f1": unit_codes.MAX_F1,
    "net_benefit": unit_codes.NET_BENEFIT,
}


class Tasks(NamedTuple):
    """The labelled units of several scores and findings in descending order, concatenated."""

    patients: np.ndarray
    codes: np.ndarray
    offsets: np.ndarray
    scores: np.ndarray


def choose_thresholds(
    labels: np.ndarray,
    scores: np.ndarray,
    resamples: Resamples,
    rule: str = "youden",
    target: float = 0.9,
) -> np.ndarray:
    """Returns the threshold that a rule chooses in each replicate, (R, M, F) float64.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels are excluded, per finding.
        scores: (M, N, F), of M models.
        resamples: Resamples of the N units, usually those of validation.
        rule: One of `operating.RULES`.
        target: As for `operating.choose`.

    Returns:
        The thresholds; NaN in a replicate with one class of the finding.
    """
    if rule not in RULES:
        raise ValueError(f"`rule` must be one of {RULES}. Received: {rule!r}")
    metric_replicates.check(labels, scores, resamples)
    shape = (resamples.replicates, len(scores), labels.shape[1])
    found = np.empty(shape)
    for part in parts(scores):
        units = tasks(labels, scores[part], resamples)
        chosen = np.empty((len(found), len(units.offsets) - 1), dtype=np.int64)
        bootstrap_kernels.over_replicates(
            threshold_kernels.choose,
            len(found),
            resamples.counts,
            *units[:3],
            _RULES[rule],
            target,
            chosen,
        )
        undefined = chosen == unit_codes.UNDEFINED
        index = np.where(undefined, 0, np.where(chosen < 0, -1 - chosen, chosen))
        value = units.scores[index] if len(units.scores) else np.zeros(index.shape)
        value = np.where(chosen < 0, np.nextafter(value, np.inf), value)
        value = np.where(undefined, np.nan, value)
        found[:, part] = value.reshape(len(found), -1, shape[2])
    return found


def decision_counts(
    labels: np.ndarray, scores: np.ndarray, thresholds: np.ndarray, resamples: Resamples
) -> np.ndarray:
    """Returns the 2x2 counts of every replicate, (R, M, F, 4) float64: tp, fp, fn, tn.

    `metrics.rates` computes metrics from them. Counts summed over findings give micro-averages.

    Args:
        labels: (N, F) in {0, 1, NaN}; unknown labels are not counted.
        scores: (M, N, F); a unit is predicted positive if its score is at least the threshold.
        thresholds: (R, M, F), or (M, F) if they are the same in all replicates; NaN gives NaN.
        resamples: Resamples of the N units.
    """
    metric_replicates.check(labels, scores, resamples)
    replicates, findings = resamples.replicates, labels.shape[1]
    limits = np.reshape(thresholds, (-1, len(scores), findings))  # (1, M, F) if they are the same
    positives, negatives = metric_replicates.class_totals(labels, resamples)
    counts = np.moveaxis(np.empty((4, replicates, len(scores), findings)), 0, -1)
    for part in parts(scores):
        units = tasks(labels, scores[part], resamples)
        limit = limits[:, part].reshape(len(limits), -1)
        called = np.empty((replicates, limit.shape[1]), dtype=np.int32)
        for task in range(limit.shape[1]):
            ascending = units.scores[units.offsets[task] : units.offsets[task + 1]][::-1]
            below = np.searchsorted(ascending, limit[:, task], side="left")
            called[:, task] = len(ascending) - below
        sums = np.empty((*called.shape, 2))
        bootstrap_kernels.over_replicates(
            threshold_kernels.count, replicates, resamples.counts, *units[:3], called, sums
        )
        counts[:, part, :, :2] = sums.reshape(replicates, -1, findings, 2)
    counts[..., 2] = positives[:, None] - counts[..., 0]
    counts[..., 3] = negatives[:, None] - counts[..., 1]
    counts[np.broadcast_to(np.isnan(limits), counts.shape[:3])] = np.nan
    return counts


def subset_accuracy(
    labels: np.ndarray, scores: np.ndarray, thresholds: np.ndarray, resamples: Resamples
) -> np.ndarray:
    """Returns the share of units with all findings correct, (R, M).

    Units with an unknown label are excluded, also from the denominator; NaN if none remains, or if
    a finding has no threshold. Arguments as for `decision_counts`.
    """
    metric_replicates.check(labels, scores, resamples)
    limits = np.broadcast_to(thresholds, (resamples.replicates, len(scores), labels.shape[1]))
    known = ~np.isnan(labels).any(axis=1)
    share = np.full(limits.shape[:2], np.nan)
    if not known.any():
        return share
    some = resamples.take(known)
    units = metric_replicates.class_totals(np.ones((len(some.patient), 1)), some)[0]
    total = np.empty(share.shape)
    bootstrap_kernels.over_replicates(
        threshold_kernels.all_correct,
        resamples.replicates,
        resamples.counts,
        some.patient,
        labels[known] == 1,
        np.ascontiguousarray(scores[:, known], dtype=np.float64),
        np.nan_to_num(limits, nan=0.0),
        total,
    )
    defined = (units > 0) & ~np.isnan(limits).any(axis=2)
    return np.divide(total, units, out=share, where=defined)


def parts(scores: np.ndarray) -> Iterator[slice]:
    """Yields the models of scores (M, N, F) that are processed together."""
    step = models_at_once(scores)
    for first in range(0, len(scores), step):
        yield slice(first, first + step)


def tasks(labels: np.ndarray, scores: np.ndarray, resamples: Resamples) -> Tasks:
    """Returns the units of every model and finding, in the order of scores (M, :, F)."""
    patients, codes, values = [], [], []
    for score in scores:
        for f in range(labels.shape[1]):
            patient, code, order = metric_replicates.sorted_units(
                labels[:, f], score[:, f], resamples.patient
            )
            patients.append(patient)
            codes.append(code)
            values.append(score[order, f].astype(np.float64))
    return Tasks(
        np.concatenate(patients),
        np.concatenate(codes),
        np.cumsum([0, *map(len, codes)], dtype=np.int64),
        np.concatenate(values),
    )

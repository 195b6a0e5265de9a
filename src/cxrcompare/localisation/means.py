"""Means of measures over images: variances by patient, seeds, and paired differences.

A mean over images is a ratio of sums over patients, so it has an influence of each patient like an
AUROC. The tests and intervals are those of `evaluation.auroc.auroc_tests`, which need influences
only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.auroc.auroc_tests import AurocDifference, AurocEstimates


def mean_influences(values: np.ndarray, patients: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Returns means over images, the influence of each patient on them, and the patients.

    The sum of squared influences estimates the variance of the mean of a ratio estimator, with
    G / (G - 1) for G patients.

    Args:
        values: (M, N), NaN in the same images of every row; these are excluded.
        patients: (N,) indices of the patients, 0 to P - 1.

    Returns:
        Means (M,), influences (M, P), and the number of patients G with a value.

    Source: Cochran 1977, Sampling Techniques, section 6.4.
    """
    used = ~np.isnan(values[0])
    total = int(patients.max()) + 1
    members = patients[used]
    groups = len(np.unique(members))
    if not groups:
        return np.full(len(values), np.nan), np.full((len(values), total), np.nan), 0
    chosen = values[:, used]
    mean = chosen.mean(axis=1)
    scale = np.sqrt(groups / (groups - 1)) if groups > 1 else np.nan
    deviations = scale * (chosen - mean[:, None]) / used.sum()
    influence = np.stack([np.bincount(members, row, minlength=total) for row in deviations])
    return mean, influence, groups


def estimate(
    values: np.ndarray,
    patients: np.ndarray,
    models: Sequence[Sequence[int]],
    least_patients: int,
) -> AurocEstimates:
    """Returns the means of a measure with what their tests need.

    Args:
        values: (S, N, F) of S sets of maps; NaN without a region.
        patients: (N,) ids.
        models: The indices of the sets (seeds) of each model.
        least_patients: Patients with a region that a finding needs to be eligible.
    """
    groups = np.unique(patients, return_inverse=True)[1]
    findings = values.shape[2]
    found = [mean_influences(values[:, :, f], groups) for f in range(findings)]
    counts = np.array([count for _, _, count in found])
    eligible = counts >= max(least_patients, 2)
    influence = np.stack([one for _, one, _ in found])  # (F, S, P)
    means = np.stack([one for one, _, _ in found])  # (F, S)
    parts = np.full((findings, 2, len(models), len(models)), np.nan)
    covariance = np.full((findings + 1, len(models), len(models)), np.nan)
    for f in np.flatnonzero(counts > 1):
        parts[f, 0] = covariance[f] = auroc_tests.shared_covariance(influence[f], models)
        parts[f, 1] = 0.0
    over = np.full(values.shape[0], np.nan)
    if eligible.any():
        together = influence[eligible].mean(axis=0)
        covariance[-1] = auroc_tests.shared_covariance(together, models)
        over = means[eligible].mean(axis=0)
    runs = np.column_stack([means.T, over])
    chosen = [runs[list(members)] for members in models]
    return AurocEstimates(
        np.stack([one.mean(axis=0) for one in chosen]),
        np.array([len(members) for members in models]),
        np.stack(
            [
                one.var(axis=0, ddof=1) if len(one) > 1 else np.zeros(findings + 1)
                for one in chosen
            ]
        ),
        covariance,
        parts,
        np.column_stack([counts, np.ones_like(counts)]),
        eligible,
    )


def limits(estimates: AurocEstimates, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns intervals on the logit scale, low and high (A, F + 1); NaN if not eligible.

    A mean of exactly 0 or 1 has Wilson's interval for the number of patients.
    """
    low, high = auroc_tests.intervals(estimates, level)
    for f, (patients, _) in enumerate(estimates.patients):
        for a, value in enumerate(estimates.value[:, f]):
            if value in (0.0, 1.0):
                ends = intervals.wilson(value * patients, patients, level)
                low[a, f], high[a, f] = float(ends[0]), float(ends[1])
    tested = np.append(estimates.eligible, estimates.eligible.any())
    return np.where(tested, low, np.nan), np.where(tested, high, np.nan)


def equivalence(found: AurocDifference, margin: float) -> np.ndarray:
    """Returns p-values, (F + 1,), of: the means differ by the margin or more.

    Two one-sided tests; the p-value is the larger one. Source: Schuirmann 1987, doi
    10.1007/BF01068419.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        sides = [
            stats.t.sf((sign * found.difference + margin) / found.standard_error, found.degrees)
            for sign in (1, -1)
        ]
    p_value = np.maximum(*sides)
    return np.where((found.p_value == 1) & ~(p_value <= 1), 0.0, p_value)

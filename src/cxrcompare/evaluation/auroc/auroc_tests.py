"""Tests and intervals of AUROCs: clustered by patient, averaged over findings and over seeds.

The variance of an AUROC comes from the influence of each patient (DeLong; Obuchowski for several
units per patient). The influences of different findings and models are added before they are
squared, so the correlations of findings, models and units are included. Seeds add the variance
between trainings. Degrees of freedom are Satterthwaite's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.auroc.influence import auroc_influences


@dataclass(frozen=True)
class AurocEstimates:
    """AUROCs of architectures, (A, K): K is the F findings, then their mean.

    Attributes:
        value: (A, K), the mean over an architecture's seeds; NaN where a class is absent.
        seeds: (A,), the number of seeds.
        seed_variance: (A, K), the variance between seeds; 0 with one seed.
        covariance: (K, A, A), of the sampling of patients, common to the seeds.
        parts: (F, 2, A, A), the same of positives alone and of negatives alone.
        patients: (F, 2), patients with a positive, and with a negative.
        eligible: (F,) bool, the findings in the mean.
    """

    value: np.ndarray
    seeds: np.ndarray
    seed_variance: np.ndarray
    covariance: np.ndarray
    parts: np.ndarray
    patients: np.ndarray
    eligible: np.ndarray


@dataclass(frozen=True)
class AurocDifference:
    """First minus second architecture, (K,) each.

    Attributes:
        difference: Of the means over seeds.
        standard_error: Of patients and, with several seeds, of seeds.
        degrees: Satterthwaite's degrees of freedom.
        low: Lower limit of the interval.
        high: Upper limit.
        p_value: Two-sided; 1 if both rank identically, NaN if undefined.
    """

    difference: np.ndarray
    standard_error: np.ndarray
    degrees: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray


def class_patients(labels: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Returns the number of patients with a positive and with a negative unit, (F, 2).

    Args:
        labels: (N, F) in {0, 1, NaN}.
        patients: (N,) ids.
    """
    return np.array(
        [[len(np.unique(patients[label == side])) for side in (1, 0)] for label in labels.T]
    )


def estimate(
    labels: np.ndarray,
    scores: np.ndarray,
    patients: np.ndarray,
    architectures: Sequence[Sequence[int]],
    eligible: np.ndarray,
) -> AurocEstimates:
    """Returns the AUROCs of architectures with what their tests need.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (M, N, F), of M runs.
        patients: (N,) ids.
        architectures: The indices of the runs (seeds) of each of the A architectures.
        eligible: (F,) bool, the findings in the mean.

    Sources: DeLong et al. 1988, doi 10.2307/2531595; Obuchowski 1997, doi 10.2307/2533958.
    """
    groups = np.unique(patients, return_inverse=True)[1]
    findings, models = labels.shape[1], len(architectures)
    runs = np.full((len(scores), findings + 1), np.nan)
    parts = np.full((findings, 2, models, models), np.nan)
    covariance = np.full((findings + 1, models, models), np.nan)
    together = np.zeros((len(scores), int(groups.max()) + 1))
    for f in range(findings):
        runs[:, f], positive, negative = auroc_influences(labels[:, f], scores[:, :, f], groups)
        parts[f] = _shared(positive, architectures), _shared(negative, architectures)
        covariance[f] = _shared(positive + negative, architectures)
        if eligible[f]:
            together += (positive + negative) / eligible.sum()
    if eligible.any():
        covariance[-1] = _shared(together, architectures)
        runs[:, -1] = runs[:, :-1][:, eligible].mean(axis=1)
    chosen = [runs[list(members)] for members in architectures]
    return AurocEstimates(
        np.stack([value.mean(axis=0) for value in chosen]),
        np.array([len(members) for members in architectures]),
        np.stack(
            [
                value.var(axis=0, ddof=1) if len(value) > 1 else np.zeros(findings + 1)
                for value in chosen
            ]
        ),
        covariance,
        parts,
        class_patients(labels, groups),
        np.asarray(eligible),
    )


def _shared(influence: np.ndarray, architectures: Sequence[Sequence[int]]) -> np.ndarray:
    """Returns the covariance of architectures that patients cause in all their seeds, (A, A).

    The variance between seeds already contains the interaction of seeds and patients. It is
    excluded here: the variance of the mean over S seeds is q, that of one seed r on average,
    and (S q - r) / (S - 1) estimates the covariance of two seeds.

    Args:
        influence: (M, G), of the runs.
        architectures: The indices of the runs of each architecture.
    """
    means = np.stack([influence[list(members)].mean(axis=0) for members in architectures])
    covariance = means @ means.T
    for a, members in enumerate(architectures):
        if len(members) > 1:
            single = float(np.mean(np.sum(influence[list(members)] ** 2, axis=1)))
            shared = (len(members) * covariance[a, a] - single) / (len(members) - 1)
            covariance[a, a] = max(shared, 0.0)
    return np.asarray(covariance)


def difference(
    estimates: AurocEstimates, first: int, second: int, level: float = 0.95
) -> AurocDifference:
    """Returns the tests that two architectures have equal AUROCs.

    The variance is that of the patients plus, for each architecture with several seeds, the
    variance between its seeds over their number (Welch). With one seed, the
    result applies to this trained model only.

    Args:
        estimates: From `estimate`.
        first: The index of an architecture.
        second: The index of another one.
        level: The level of the intervals, which are clipped to [-1, 1].

    Sources: Satterthwaite 1946, doi 10.2307/3002019; Welch 1947, doi 10.1093/biomet/34.1-2.28.
    """
    variance, freedom = _variance(estimates, [first, second], np.array([1.0, -1.0]))
    value = estimates.value[first] - estimates.value[second]
    error = np.sqrt(variance)
    scale = np.sqrt(np.maximum(np.diagonal(estimates.covariance, axis1=1, axis2=2), 0)).sum(axis=1)
    zero = error <= 1e-9 * np.maximum(scale, 1e-9)
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = 2 * student_t.upper_tail(np.abs(value) / error, freedom)
        half = student_t.quantile((1 + level) / 2, freedom) * error
    same = np.abs(value) <= 1e-12
    p_value = np.where(zero, np.where(same, 1.0, np.nan), p_value)
    half = np.where(zero & same, 0.0, half)
    low, high = np.clip([value - half, value + half], -1, 1)
    return AurocDifference(value, error, freedom, low, high, p_value)


def intervals(estimates: AurocEstimates, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Returns intervals of the AUROCs on the logit scale, low (A, K) and high (A, K).

    Their variance and degrees of freedom are as for `difference`. If all pairs are ordered
    correctly, or none is, the variance cannot be estimated from influences; a single finding then
    has Newcombe's interval, and the mean has none. A constant score has an AUROC of exactly 1/2.

    Sources: logit: Pepe 2003, The Statistical Evaluation of Medical Tests, section 5.2; Newcombe
    2006, doi 10.1002/sim.2324.
    """
    low, high = np.full_like(estimates.value, np.nan), np.full_like(estimates.value, np.nan)
    for a in range(len(estimates.seeds)):
        variance, freedom = _variance(estimates, [a], np.array([1.0]))
        value = estimates.value[a]
        with np.errstate(invalid="ignore", divide="ignore"):
            half = student_t.quantile((1 + level) / 2, freedom) * np.sqrt(variance)
            half /= value * (1 - value)
            centre = special.logit(value)
            low[a], high[a] = special.expit(centre - half), special.expit(centre + half)
        flat = variance <= 1e-18
        constant = flat & (value > 0) & (value < 1)  # every pair is tied
        low[a, constant] = high[a, constant] = value[constant]
        low[a, flat & ~constant] = high[a, flat & ~constant] = np.nan
        for f, (positives, negatives) in enumerate(estimates.patients):
            if flat[f] and value[f] in (0.0, 1.0):
                low[a, f], high[a, f] = newcombe(value[f], int(positives), int(negatives), level)
    return low, high


def newcombe(
    auroc: float, positives: int, negatives: int, level: float = 0.95
) -> tuple[float, float]:
    """Returns Newcombe's interval of an AUROC (method 5), which has no zero width.

    The limits t solve (auroc - t)^2 = z^2 V(t), with Hanley and McNeil's variance V and the mean
    of the class sizes minus 1 instead of each.

    Args:
        auroc: In [0, 1].
        positives: The number of positives.
        negatives: The number of negatives.
        level: The level.

    Source: Newcombe 2006, doi 10.1002/sim.2324.
    """
    z = float(special.ndtri((1 + level) / 2))
    spread = (positives + negatives) / 2 - 1

    def excess(t: float) -> float:
        part = 1 + spread * ((1 - t) / (2 - t) + t / (1 + t))
        return (auroc - t) ** 2 - z**2 * t * (1 - t) * part / (positives * negatives)

    return _root(excess, 0.0, auroc), _root(excess, 1.0, auroc)


def _root(excess, outer: float, inner: float) -> float:  # type: ignore[no-untyped-def]
    """Returns the zero of a function between `outer`, where it is positive, and `inner`."""
    if excess(outer) <= 0:
        return outer
    for _ in range(60):
        middle = (outer + inner) / 2
        outer, inner = (middle, inner) if excess(middle) > 0 else (outer, middle)
    return (outer + inner) / 2


def _variance(
    estimates: AurocEstimates, entries: list[int], weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the variance of a weighted sum of architectures, (K,), and its degrees of freedom.

    The variance is that of patients plus, for each architecture with several seeds, the variance
    between its seeds over their number.

    Args:
        estimates: From `estimate`.
        entries: The indices of the architectures.
        weights: Their weights.
    """
    variance, degrees = _sampling(estimates, entries, weights)
    bottom = np.where(
        variance > 0, _over(variance**2, degrees), np.where(variance == 0, 0.0, np.nan)
    )
    for entry, weight in zip(entries, weights, strict=True):
        if estimates.seeds[entry] > 1:
            share = weight**2 * estimates.seed_variance[entry] / estimates.seeds[entry]
            variance = variance + share
            bottom = bottom + share**2 / (estimates.seeds[entry] - 1)
    return variance, _over(variance**2, bottom)


def _sampling(
    estimates: AurocEstimates, entries: list[int], weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the part of `_variance` that is due to patients, and its degrees of freedom."""
    covariance = estimates.covariance[:, entries][:, :, entries]
    variance = np.einsum("a,kab,b->k", weights, covariance, weights)
    parts = estimates.parts[:, :, entries][:, :, :, entries]
    parts = np.einsum("a,fsab,b->fs", weights, parts, weights)
    freedom = np.maximum(estimates.patients - 1, 1)
    by_finding = _over(parts.sum(axis=1) ** 2, (parts**2 / freedom).sum(axis=1))
    kept = parts[estimates.eligible]
    together = _over(kept.sum() ** 2, (kept**2 / freedom[estimates.eligible]).sum())
    return np.maximum(variance, 0.0), np.append(by_finding, together)


def _over(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(numerator / denominator)

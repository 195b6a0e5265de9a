"""Estimates corrected for the known error rates of the labeller that made the reference.

A labeller with a sensitivity and specificity below 1 mixes the classes, which pulls AUROC,
sensitivity and specificity of every model down. The correction assumes that the labeller's errors
do not depend on the scores of a model, given the true label (non-differential errors), and that its
rates hold in this test set. Sources: Rogan & Gladen 1978, doi 10.1093/oxfordjournals.aje.a112510;
Menon et al. 2015, https://proceedings.mlr.press/v37/menon15.html.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.groups import group_estimates
from cxrcompare.evaluation.intervals import TWO_SEEDS

_STEP = 1e-6


class LabellerRates(NamedTuple):
    """The error rates of a labeller.

    Attributes:
        sensitivity: P(labelled positive | truly positive), in (0, 1].
        specificity: P(labelled negative | truly negative), in (0, 1].
        positives: Patients on whom the sensitivity was measured; infinite if it is exact.
        negatives: Patients on whom the specificity was measured; infinite if it is exact.
    """

    sensitivity: float
    specificity: float
    positives: float = np.inf
    negatives: float = np.inf


class Mixture(NamedTuple):
    """What the labels of a labeller contain.

    Attributes:
        prevalence: The true prevalence.
        false_positives: P(truly negative | labelled positive).
        false_negatives: P(truly positive | labelled negative).
    """

    prevalence: float
    false_positives: float
    false_negatives: float

    @property
    def kept(self) -> float:
        """The part of AUROC - 1/2 that the labels keep; 1 for a perfect labeller."""
        return 1 - self.false_positives - self.false_negatives


def mixture(labelled: float, sensitivity: float, specificity: float) -> Mixture:
    """Returns what the labels contain; NaN if the rates are impossible with the labels.

    Args:
        labelled: The share of units that are labelled positive, in (0, 1).
        sensitivity: Of the labeller.
        specificity: Of the labeller; with the sensitivity it sums to more than 1.
    """
    nan = float("nan")
    if sensitivity + specificity <= 1:
        return Mixture(nan, nan, nan)
    prevalence = (labelled + specificity - 1) / (sensitivity + specificity - 1)
    if not 0 < prevalence < 1:
        return Mixture(nan, nan, nan)
    return Mixture(
        prevalence,
        (1 - specificity) * (1 - prevalence) / labelled,
        (1 - sensitivity) * prevalence / (1 - labelled),
    )


def corrected_auroc(auroc: np.ndarray, found: Mixture) -> np.ndarray:
    """Returns 1/2 + (AUROC - 1/2) / (part that is kept), (...)."""
    return np.asarray(0.5 + (auroc - 0.5) / found.kept)


def corrected_rates(
    called_positive: np.ndarray, called_negative: np.ndarray, found: Mixture
) -> tuple[np.ndarray, np.ndarray]:
    """Returns sensitivity and specificity against the truth, (...) each.

    Args:
        called_positive: (...), the share of labelled positives that a model calls positive.
        called_negative: (...), the share of labelled negatives that it calls positive.
        found: From `mixture`.
    """
    a, b = found.false_positives, found.false_negatives
    true = ((1 - b) * called_positive - a * called_negative) / found.kept
    false = ((1 - a) * called_negative - b * called_positive) / found.kept
    return np.asarray(true), np.asarray(1 - false)


@dataclass(frozen=True)
class Corrected:
    """A corrected metric of A models.

    Attributes:
        observed: (A,), against the labels.
        value: (A,), corrected; NaN if the rates are impossible.
        influence: (A, G + 2), of each patient, and of the measurement of both rates.
        seeds: (A,), the number of seeds.
        seed_variance: (A,), of the mean over seeds.
        degrees: Degrees of freedom: patients of the smaller class minus 1.
    """

    observed: np.ndarray
    value: np.ndarray
    influence: np.ndarray
    seeds: np.ndarray
    seed_variance: np.ndarray
    degrees: float


class Tested(NamedTuple):
    """Values with intervals and two-sided tests against 0, (Q,) each."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    p_equivalence: np.ndarray


def correct(
    labels: np.ndarray,
    scores: np.ndarray,
    calls: np.ndarray | None,
    patients: np.ndarray,
    architectures: Sequence[Sequence[int]],
    rates: LabellerRates,
) -> dict[str, Corrected]:
    """Returns the corrected AUROC, and with calls the sensitivity and specificity.

    Args:
        labels: (U,) in {0, 1}, of the labeller, with both classes.
        scores: (M, U), of M runs.
        calls: (M, U) bool, or None without thresholds.
        patients: (U,) indices of the patients, 0 to G - 1.
        architectures: The indices of the runs (seeds) of each of the A models.
        rates: The error rates of the labeller.
    """
    count = int(patients.max()) + 1
    share = group_estimates.rate(labels[None], patients, count, [[0]], added=False)
    classes = [len(np.unique(patients[labels == side])) for side in (0, 1)]
    about = (share.influence[0], float(share.value[0]), rates, architectures, min(classes) - 1.0)
    area = group_estimates.auroc(labels, scores, patients, count, architectures)
    found = {
        "auroc": _corrected(
            [area], lambda found, values: corrected_auroc(values[0], found), 0, about
        )
    }
    if calls is None:
        return found
    sides = [
        group_estimates.rate(
            calls[:, labels == side].astype(np.float64),
            patients[labels == side],
            count,
            architectures,
            added=False,
        )
        for side in (1, 0)
    ]
    for part, metric in enumerate(("sensitivity", "specificity")):

        def rate(found: Mixture, values: list[np.ndarray], part: int = part) -> np.ndarray:
            return corrected_rates(values[0], values[1], found)[part]

        found[metric] = _corrected(sides, rate, part, about)
    return found


def _corrected(
    parts: list[group_estimates.GroupEstimate],
    function: Callable[[Mixture, list[np.ndarray]], np.ndarray],
    observed_part: int,
    about: tuple[np.ndarray, float, LabellerRates, Sequence[Sequence[int]], float],
) -> Corrected:
    """Applies a function of the mixture and of estimates, with its influences (delta method)."""
    labelled_influence, labelled, rates, architectures, degrees = about
    given = np.array([labelled, rates.sensitivity, rates.specificity])
    values = [part.value for part in parts]

    def at(numbers: np.ndarray, some: list[np.ndarray]) -> np.ndarray:
        return function(mixture(*numbers.tolist()), some)

    slopes = [
        (at(given + step, values) - at(given - step, values)) / (2 * _STEP)
        for step in _STEP * np.eye(3)
    ]
    influence = slopes[0][:, None] * labelled_influence
    for index, part in enumerate(parts):
        shifted = [value + _STEP * (index == j) for j, value in enumerate(values)]
        slope = (at(given, shifted) - at(given, values)) / _STEP
        influence = influence + slope[:, None] * part.influence
    shares, numbers = np.array(rates[:2]), np.array(rates[2:])
    extra = np.stack(slopes[1:], axis=1) * np.sqrt(shares * (1 - shares) / numbers)
    runs = at(given, [part.runs for part in parts])
    by_model = [runs[list(members)] for members in architectures]
    seeds = np.array([len(one) for one in by_model])
    between = np.array([one.var(ddof=1) if len(one) > 1 else 0.0 for one in by_model])
    observed = parts[observed_part].value
    observed = 1 - observed if observed_part else observed  # the specificity is 1 - the second rate
    return Corrected(
        observed,
        at(given, values),
        np.concatenate([influence, extra], axis=1),
        seeds,
        between / seeds,
        max(degrees, 1.0),
    )


def mean(parts: Sequence[Corrected]) -> Corrected:
    """Returns the mean over findings; the measurement of rates is independent between findings."""
    weight = 1 / len(parts)
    influence = weight * np.sum([one.influence[:, :-2] for one in parts], axis=0)
    extra = [weight * one.influence[:, -2:] for one in parts]
    return Corrected(
        np.mean([one.observed for one in parts], axis=0),
        np.mean([one.value for one in parts], axis=0),
        np.concatenate([influence, *extra], axis=1),
        parts[0].seeds,
        weight * np.sum([one.seed_variance for one in parts], axis=0),
        min(one.degrees for one in parts),
    )


def intervals(found: Corrected, level: float = 0.95) -> Tested:
    """Returns the corrected value of each model with its interval, (A,)."""
    variance = (found.influence**2).sum(axis=1)
    squared = found.seed_variance**2 / np.maximum(found.seeds - 1, 1)
    return _tests(found, found.value, variance, found.seed_variance, squared, 0.0, level)


def differences(
    found: Corrected, first: np.ndarray, second: np.ndarray, margin: float, level: float = 0.95
) -> Tested:
    """Returns the corrected value of model `first` minus that of `second`, paired, (Q,).

    Args:
        found: From `correct` or `mean`.
        first: (Q,), indices of models.
        second: (Q,), indices of models.
        margin: The margin of the equivalence tests.
        level: Level of the intervals.
    """
    variance = ((found.influence[first] - found.influence[second]) ** 2).sum(axis=1)
    seeds = found.seed_variance[first] + found.seed_variance[second]
    squared = found.seed_variance**2 / np.maximum(found.seeds - 1, 1)
    tested = _tests(
        found,
        found.value[first] - found.value[second],
        variance,
        seeds,
        squared[first] + squared[second],
        margin,
        level,
    )
    two = (found.seeds[first] == TWO_SEEDS) | (found.seeds[second] == TWO_SEEDS)
    return tested._replace(
        p_value=np.where(two, np.nan, tested.p_value),
        p_equivalence=np.where(two, np.nan, tested.p_equivalence),
    )


def _tests(
    found: Corrected,
    value: np.ndarray,
    variance: np.ndarray,
    seeds: np.ndarray,
    squared: np.ndarray,
    margin: float,
    level: float,
) -> Tested:
    total = variance + seeds
    same = (total <= 1e-18) & (np.abs(value) <= 1e-12)
    with np.errstate(invalid="ignore", divide="ignore"):
        degrees = total**2 / (variance**2 / found.degrees + squared)
        error = np.sqrt(np.where(total > 1e-18, total, np.nan))
        half = np.where(same, 0.0, student_t.quantile((1 + level) / 2, degrees) * error)
        p_value = 2 * student_t.upper_tail(np.abs(value) / error, degrees)
        equal = student_t.upper_tail((margin - np.abs(value)) / error, degrees)
    return Tested(
        value,
        value - half,
        value + half,
        np.where(same, 1.0, p_value),
        np.where(same, 0.0, equal),
    )

"""AUROCs for tests, and their intervals: clustered by patient, over findings and seeds.

The variance of an AUROC comes from the influence of each patient (DeLong; Obuchowski for several
units per patient). The influences of different findings and models are added before they are
squared, so the correlations of findings, models and units are included. Seeds add the variance
between trainings. Degrees of freedom are Satterthwaite's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy import special

from cxrcompare.evaluation.auroc.binormal import added_variance
from cxrcompare.evaluation.auroc.influence import auroc_influences
from cxrcompare.evaluation.influence import clusters, influence_tests
from cxrcompare.evaluation.influence.added_patients import with_patients
from cxrcompare.evaluation.influence.influence_estimates import Estimates, Influences, combine
from cxrcompare.evaluation.influence.influence_tests import PairedDifferences
from cxrcompare.evaluation.influence.sign_flips import SignFlips

_PART = 0.5
"""The part of a patient at chance that intervals add to the smaller class."""


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
    pooled: bool = False,
) -> Estimates:
    """Returns the AUROCs of architectures with what their tests need.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (M, N, F), of M runs.
        patients: (N,) ids.
        architectures: The indices of the runs (seeds) of each of the A architectures.
        eligible: (F,) bool, the findings in the mean.
        pooled: Whether to add the AUROC pooled over all (unit, finding) pairs.

    Sources: DeLong et al. 1988, doi 10.2307/2531595; Obuchowski 1997, doi 10.2307/2533958.
    """
    groups = np.unique(patients, return_inverse=True)[1]

    def each() -> Iterator[Influences]:
        for f in range(labels.shape[1]):
            yield _influences(labels[:, f], scores[:, :, f], groups)

    together = None
    if pooled:
        units = np.repeat(groups, labels.shape[1])
        together = _influences(labels.ravel(), scores.reshape(len(scores), -1), units)
    return combine(each(), architectures, eligible, together)


def _influences(labels: np.ndarray, scores: np.ndarray, groups: np.ndarray) -> Influences:
    value, *sides = auroc_influences(labels, scores, groups)
    units = (np.bincount(groups[labels == side]) for side in (1, 0))
    numbers = np.array([clusters.effective_number(one) for one in units])
    return Influences(value, np.stack(sides), numbers)


def differences(
    estimates: Estimates,
    first: np.ndarray,
    second: np.ndarray,
    exchanged: Mapping[tuple[int, int], SignFlips] | None = None,
) -> PairedDifferences:
    """Returns the tests that two architectures have equal AUROCs, for P pairs.

    See `influence_tests.differences`. With few patients the variance is at least nearly that of
    binormal scores, see `binormal.added_variance`.
    """
    added = added_variance(estimates, first, second)
    return influence_tests.differences(estimates, first, second, exchanged, added)


def intervals(estimates: Estimates, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Returns intervals of the AUROCs on the logit scale, low (A, K) and high (A, K).

    Their variance and degrees of freedom are as for a difference, but of the patients and half a
    patient more in the smaller class of each finding, whose scores are at chance. With few patients
    the next one may well be ranked worse than all of them, which their variance cannot show: with
    10 positives at an AUROC of 0.95 the interval without it covers 86 %, with it 97 %. With
    hundreds it changes nothing. An interval is extended to include the AUROC of the patients.

    The added part also pulls the limit on the other side towards chance, too far if some patients
    are already ranked much worse than the others. A limit that is nearer to the AUROC than that of
    the patients alone is moved half of the way there, on the logit scale.

    If all pairs are ordered correctly, or none is, influences cannot estimate the variance.
    A single finding then has Newcombe's interval, and the mean has none. A constant score has an
    AUROC of exactly 1/2.

    Sources: logit: Pepe 2003, The Statistical Evaluation of Medical Tests, section 5.2; Newcombe
    2006, doi 10.1002/sim.2324; a part of one more observation, for proportions: Agresti & Coull
    1998, doi 10.1080/00031305.1998.10480550.
    """
    alone = influence_tests.intervals(estimates, level)
    known = ~np.isnan(alone[0])
    low, high = influence_tests.intervals(_with_half_more(estimates), level)
    low = _halfway(low, np.fmin(low, alone[0]))
    high = _halfway(high, np.fmax(high, alone[1]))
    low = np.where(known, np.fmin(low, estimates.value), np.nan)
    high = np.where(known, np.fmax(high, estimates.value), np.nan)
    extreme = np.isnan(low) & np.isin(estimates.value, (0.0, 1.0))
    for a, f in np.argwhere(extreme[:, : len(estimates.eligible)]):
        positives, negatives = (int(count) for count in estimates.patients[f])
        if min(positives, negatives) > 1:
            low[a, f], high[a, f] = newcombe(
                float(estimates.value[a, f]), positives, negatives, level
            )
    return low, high


def _halfway(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns the means of two limits on the logit scale."""
    return np.asarray(special.expit((special.logit(first) + special.logit(second)) / 2))


def _with_half_more(estimates: Estimates) -> Estimates:
    """Returns the estimates with half a patient more, at chance, in the smaller class of findings.

    The errors of K findings average out to 1 / sqrt(K) in their mean; the changes of their values,
    which all go towards chance, do not. So the change of the mean is divided by sqrt(K).
    """
    effects = np.zeros(estimates.parts.shape[:3])
    number = np.zeros(estimates.patients.shape)
    smaller = np.argmin(estimates.patients, axis=1)
    every = np.arange(len(smaller))
    effects[every, smaller] = 0.5 - estimates.value[:, estimates.entries_of_parts].T
    number[every, smaller] = _PART
    found = with_patients(estimates, effects, number)
    value, mean = found.value.copy(), len(estimates.eligible)
    change = value[:, mean] - estimates.value[:, mean]
    value[:, mean] = estimates.value[:, mean] + change / np.sqrt(max(estimates.eligible.sum(), 1))
    return replace(found, value=value)


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

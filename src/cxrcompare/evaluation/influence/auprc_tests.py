"""Intervals of AUPRCs, and tests of their differences, that hold where patients are few.

A few high negatives, or a few positives at the top, decide an AUPRC. If the patients happen to
contain none of them, the AUPRC is wrong and its variance too low at the same time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special

from cxrcompare.evaluation.influence import influence_tests
from cxrcompare.evaluation.influence.added_patients import with_patients
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.influence.influence_tests import PairedDifferences

TOP = 0.05
"""The part of a positive patient, above all scores, that upper limits add."""
OF_HIGHER = 3.0
"""The negative patients, at chance in the higher model, that differences add."""
OF_LOWER = 0.2
"""The part of a positive patient, above all scores in the lower model, that differences add."""
TIMES = 1.5
"""What the estimated bias is multiplied by: in simulations it is 0.5 to 0.9 of the bias."""
_MOST = 2.0
"""The largest correction of the bias, on the logit scale."""
_ROUNDING = 1e-12


def intervals(estimates: Estimates, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Returns intervals of the AUPRCs on the logit scale, low (A, K) and high (A, K).

    The lower limit is that of the patients with one more of each class, which is ranked at random
    among the patients of the other class. The upper limit is that with `TOP` of a positive patient
    more, above all scores. The lower limit of the mean over several findings is also corrected for
    bias. With hundreds of positive patients this changes nothing. An interval is never narrower
    than without them. An AUPRC of 1 has the upper limit 1.

    Args:
        estimates: From `auprc_influence.estimate`.
        level: The level.

    Source, for a part of one more observation: Agresti & Coull 1998, doi
    10.1080/00031305.1998.10480550.
    """
    chance, top = _effects(estimates)
    number = np.ones(chance.shape[:2])
    low, high = influence_tests.intervals(estimates, level)
    lower = influence_tests.intervals(with_patients(estimates, chance, number), level)[0]
    lower = _without_bias(estimates, lower)
    number = np.tile([TOP, 0.0], (len(number), 1))
    upper = influence_tests.intervals(with_patients(estimates, top, number), level)[1]
    high = np.where(estimates.value == 1, estimates.value, np.fmax(high, upper))
    return np.fmin(low, lower), high


def differences(estimates: Estimates, first: np.ndarray, second: np.ndarray) -> PairedDifferences:
    """Returns the tests that two architectures have equal AUPRCs, for P pairs.

    The variance contains the squared deviations of patients that are not in the data: `OF_HIGHER`
    negatives, ranked at random by the model with the higher AUPRC, and `OF_LOWER` of a positive
    above all scores in the other model. The correlation of the models over negatives stays as
    observed. Nothing is added for several seeds. The variance of the mean over several findings
    contains the squared difference of the estimated biases.

    Args:
        estimates: From `auprc_influence.estimate`.
        first: (P,), indices of architectures.
        second: (P,), indices of others, which are subtracted.
    """
    chance, top = (side[:, kind] for side, kind in zip(_effects(estimates), (1, 0), strict=True))
    value = estimates.value[:, estimates.entries_of_parts].T
    is_higher = value[:, first] >= value[:, second]
    higher, lower = np.where(is_higher, first, second), np.where(is_higher, second, first)
    rows = np.arange(len(value))[:, None]
    positives, negatives = np.square(np.maximum(estimates.patients, 1)).T[:, :, None]
    more = OF_HIGHER * np.square(chance[rows, higher]) / negatives
    part = estimates.parts[:, 1]
    own, other = (part[rows, one, one] for one in (higher, lower))
    size = np.sqrt(own * other)
    correlation = np.divide(
        part[rows, higher, lower], size, out=np.zeros_like(size), where=size > 0
    )
    more = np.maximum(more - 2 * correlation * (np.sqrt((own + more) * other) - size), 0.0)
    added = np.stack([OF_LOWER * np.square(top[rows, lower]) / positives, more], axis=1)
    both = sum(estimates.parts[..., one, one].sum(axis=1) for one in (first, second))
    observed = both - 2 * estimates.parts[..., first, second].sum(axis=1)
    several = (estimates.seeds[first] > 1) | (estimates.seeds[second] > 1)
    kept = (observed > _ROUNDING * both) & ~several
    added = np.where(kept[:, None], added, 0.0)
    found = influence_tests.differences(estimates, first, second, added=added)
    bias = _bias_of_mean(estimates)
    variance = found.patient_variance.copy()
    variance[:, len(estimates.eligible)] += np.square(bias[first] - bias[second])
    return replace(found, patient_variance=variance)


def _without_bias(estimates: Estimates, low: np.ndarray) -> np.ndarray:
    """Returns lower limits, that of a mean over several findings less its bias, on the logit scale.

    Args:
        estimates: The AUPRCs.
        low: (A, K).
    """
    mean = len(estimates.eligible)
    value = estimates.value[:, mean]
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = np.clip(_bias_of_mean(estimates) / (value * (1 - value)), 0.0, _MOST)
    found = low.copy()
    found[:, mean] = special.expit(special.logit(low[:, mean]) - np.nan_to_num(shift))
    return found


def _bias_of_mean(estimates: Estimates) -> np.ndarray:
    """Returns the estimated bias of the mean over several findings, (A,); 0 for one finding.

    Few positives make an AUPRC too high, because each counts itself among those found. The bias of
    a finding is small beside its interval. That of the mean stays while its interval narrows.
    """
    if estimates.effects is None or estimates.eligible.sum() < 2:
        return np.zeros(len(estimates.value))
    findings = estimates.effects[: len(estimates.eligible), 3]
    return np.asarray(TIMES * np.nan_to_num(findings[estimates.eligible].mean(axis=0)))


def _effects(estimates: Estimates) -> tuple[np.ndarray, np.ndarray]:
    """Returns the effects by side of patients at chance, and above all scores, (K - 1, 2, A)."""
    if estimates.effects is None:
        raise ValueError("`estimates` must be from `auprc_influence.estimate`")
    top = estimates.effects[:, 2:3]
    return estimates.effects[:, :2], np.concatenate([top, np.zeros_like(top)], axis=1)

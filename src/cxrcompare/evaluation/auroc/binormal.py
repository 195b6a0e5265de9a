"""The variance of binormal placement values, for few patients that show too little of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from cxrcompare.evaluation.influence.influence_estimates import Estimates

ADDED_PATIENTS = 20
"""The observed variance counts as many patients as there are, the binormal one as many as this."""
SHAPES = 8.0
"""The largest factor of the binormal variance if the models spread differently."""
_ROUNDING = 1e-12
_CHANCE = 0.5


def placement_variance(auroc: np.ndarray) -> np.ndarray:
    """Returns the variance of the placement values of a class, in [0, 1/12].

    Scores of both classes are normal with equal variance, so a placement value is
    Phi(Z + sqrt(2) h), with Z standard normal and h = Phi^-1(AUROC). The mean of its square is the
    probability that two normal variables of correlation 1/2 are both below h.

    Args:
        auroc: Of any shape, in [0, 1].

    Source: Owen 1956, doi 10.1214/aoms/1177728074 (the bivariate normal distribution).
    """
    part = 2 * special.owens_t(special.ndtri(auroc), 1 / np.sqrt(3))
    return np.asarray(np.maximum(auroc - part - np.square(auroc), 0.0))


def added_variance(estimates: Estimates, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Returns what to add to the variance of differences of AUROCs, (K - 1, S, P).

    If few patients happen to contain none of a model's worst errors, its AUROC is too high and the
    variance too low at the same time. Under the null hypothesis both models have one AUROC,
    estimated by the mean of both. The variance of a model's placement values that binormal scores
    have there is averaged with the observed one, if it is larger, with the weight of
    `ADDED_PATIENTS`. The correlation of the models stays as observed, so small differences of
    models that rank nearly alike are still found. With hundreds of patients nothing is added.

    The binormal variance of the model with the higher AUROC is multiplied by `_shape_ratios`: if
    the other model has placement values that spread less, the shapes of their scores differ, and
    the higher model may be one whose positives spread more than those of binormal scores.

    Nothing is added for several seeds, for several findings pooled, nor against a constant score,
    whose AUROC is exactly 1/2.

    Args:
        estimates: AUROCs, from `auroc_tests.estimate`.
        first: (P,), indices of architectures.
        second: (P,), indices of others, which are subtracted.
    """
    findings = len(estimates.eligible)
    value = estimates.value[:, estimates.entries_of_parts].T
    null = placement_variance((value[:, first] + value[:, second]) / 2)[:, None]
    number = estimates.patients[:, :, None].astype(np.float64)
    pair = first, second
    of = [estimates.parts[..., one, one] for one in pair]
    wider = _shape_ratios(value, of, number, pair)
    shared = estimates.parts[..., first, second]
    both = of[0] * of[1]
    correlation = np.divide(shared, np.sqrt(both), out=np.zeros_like(both), where=both > 0)
    wide = [
        (one * number + ADDED_PATIENTS * np.maximum(null * more / number, one))
        / (number + ADDED_PATIENTS)
        for one, more in zip(of, wider, strict=True)
    ]
    observed = of[0] + of[1] - 2 * shared
    added = wide[0] + wide[1] - 2 * correlation * np.sqrt(wide[0] * wide[1]) - observed
    added = np.where(observed > _ROUNDING * (of[0] + of[1]), np.maximum(added, 0.0), 0.0)
    several = (estimates.seeds[first] > 1) | (estimates.seeds[second] > 1)
    constant = np.zeros(value[:, first].shape, dtype=bool)
    for one, side in zip(pair, of, strict=True):
        constant |= (side == 0).all(axis=1) & (value[:, one] == _CHANCE)
    added = np.where(several | constant[:, None], 0.0, added)
    if findings > 1:
        added[findings:] = 0.0
    return np.asarray(added)


def _shape_ratios(
    value: np.ndarray,
    of: Sequence[np.ndarray],
    number: np.ndarray,
    pair: tuple[np.ndarray, np.ndarray],
) -> list[np.ndarray]:
    """Returns the factors of the binormal variance of both models of the pairs, (K - 1, S, P) each.

    The relative spread of a model is the observed variance of its placement values over that of
    binormal scores with its AUROC. The factor of the model with the higher AUROC is its relative
    spread over that of the other model, from 1 to `SHAPES`. The factor of the other one is 1.

    Args:
        value: (K - 1, A), the AUROCs.
        of: The variance of the AUROC of both models by side, (K - 1, S, P) each.
        number: (K - 1, S, 1), the effective number of patients.
        pair: The indices of both models, (P,) each.
    """
    aurocs = [value[:, one][:, None] for one in pair]
    alone = placement_variance(value)
    spread = [
        np.divide(side * number, normal, out=np.zeros_like(side), where=normal > _ROUNDING)
        for side, normal in zip(of, (alone[:, one][:, None] for one in pair), strict=True)
    ]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = spread[0] / spread[1]
    known = (spread[0] > 0) & (spread[1] > 0)
    return [
        np.where(known & higher, np.clip(one, 1.0, SHAPES), 1.0)
        for one, higher in (
            (ratio, aurocs[0] > aurocs[1]),
            (1 / np.where(known, ratio, 1.0), aurocs[1] > aurocs[0]),
        )
    ]

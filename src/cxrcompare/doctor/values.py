"""Checks of the scores themselves: logits, percentages, rounding, constant columns."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from cxrcompare.comparison.data_quality import MANY_TIES
from cxrcompare.doctor.problem import Problem

_ROUNDING = 1e-3
"""Maximum distance from [0, 1] that is attributed to rounding."""

_SIGMOID_OF_ONE = 1 / (1 + np.exp(-1))
_MOST_DECIMALS = 8


def _from_percent(values: np.ndarray) -> np.ndarray:
    return values / 100


def _from_sigmoid(values: np.ndarray) -> np.ndarray:
    inside = np.clip(values, 0.5, _SIGMOID_OF_ONE)
    return np.asarray(np.clip(special.logit(inside), 0, 1))


def _clipped(values: np.ndarray) -> np.ndarray:
    return np.clip(values, 0, 1)


TO_PROBABILITIES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "logits": special.expit,
    "percent": _from_percent,
    "sigmoid": _from_sigmoid,
    "clip": _clipped,
}
"""The conversion of each kind of scores to probabilities, by the name of the repair."""


def kind(values: np.ndarray) -> str:
    """Returns the kind of the scores: "probabilities", a key of TO_PROBABILITIES, or "scores".

    Args:
        values: (N, F) finite.
    """
    low, high = float(values.min()), float(values.max())
    if low >= -_ROUNDING and high <= 1 + _ROUNDING:
        if low < 0 or high > 1:
            return "clip"
        twice = low >= 0.5 and high <= _SIGMOID_OF_ONE + 1e-6 and low < high
        return "sigmoid" if twice and (values.mean(axis=0) > 0.5).all() else "probabilities"
    if low < 0:
        return "logits"
    return "percent" if 2 < high <= 100 else "scores"


def probabilities(values: np.ndarray) -> np.ndarray | None:
    """Returns the scores as probabilities, or None if their kind is not known."""
    found = kind(values)
    if found == "probabilities":
        return values
    return TO_PROBABILITIES[found](values) if found in TO_PROBABILITIES else None


def problems(values: np.ndarray, names: tuple[str, ...], prevalence: np.ndarray) -> list[Problem]:
    """Returns the problems of the scores.

    Args:
        values: (N, F).
        names: The findings.
        prevalence: (F,) the share of positives; NaN if it is not known.
    """
    return [
        *_range(values, prevalence),
        *_softmax(values),
        *_constant(values, names),
        *_rounded(values, names),
    ]


def decimals(values: np.ndarray) -> int | None:
    """Returns the number of decimals of the most precise score; None for more than eight."""
    for places in range(_MOST_DECIMALS + 1):
        if np.allclose(values, np.round(values, places), rtol=0, atol=1e-12):
            return places
    return None


def tied(values: np.ndarray) -> np.ndarray:
    """Returns the share of rows that share their score with another row, (F,); 0 if all do."""
    shares = []
    for column in values.T:
        counts = np.unique(column, return_counts=True)[1]
        shares.append(counts[counts > 1].sum() / len(column) if len(counts) > 1 else 0.0)
    return np.array(shares)


_MESSAGES = {
    "logits": "The scores are logits, not probabilities: apply the sigmoid.",
    "percent": "The scores are percentages, not probabilities.",
    "sigmoid": "The sigmoid was probably applied twice: all scores are between 0.5 and 0.7311.",
    "clip": "Some scores are outside [0, 1] by a rounding error.",
    "scores": "The scores are neither probabilities, percentages nor logits.",
}


def _range(values: np.ndarray, prevalence: np.ndarray) -> list[Problem]:
    found = kind(values)
    if found == "probabilities":
        return []
    outside = ((values < 0) | (values > 1)).mean()
    evidence = [
        f"The scores are from {values.min():.6g} to {values.max():.6g}; {outside:.1%} are outside "
        f"[0, 1] and {(values < 0).mean():.1%} are negative."
    ]
    mended = probabilities(values)
    known = ~np.isnan(prevalence)
    if mended is not None and found != "clip" and known.any():
        evidence.append(
            f"After the change their mean is {mended[:, known].mean():.3f}; the mean prevalence is "
            f"{prevalence[known].mean():.3f}."
        )
    advice = "" if mended is not None else "Compare them with `cxrcompare compare --scores`."
    repair = found if found in TO_PROBABILITIES else ""
    return [Problem(found, _MESSAGES[found], tuple(evidence), repair=repair, advice=advice)]


def _half_precision(values: np.ndarray) -> bool:
    """Returns whether the scores, or their logits, are numbers of 16 bits."""
    inside = (values > 0).all() and (values < 1).all()
    with np.errstate(over="ignore"):
        return any(
            np.allclose(one, one.astype(np.float16), rtol=1e-5, atol=1e-7)
            for one in (values, *([np.asarray(special.logit(values))] if inside else []))
        )


def _softmax(values: np.ndarray) -> list[Problem]:
    if values.shape[1] < 3 or values.min() < 0 or values.max() > 1:
        return []
    sums = values.sum(axis=1)
    if np.abs(sums - 1).max() > 1e-3:
        return []
    evidence = f"The sum of the {values.shape[1]} scores of a row is {sums.min():.4f} to "
    text = "The scores of each row add up to 1: a softmax over findings that do not exclude others."
    advice = "Predict again with a sigmoid per finding; the network must be trained with it."
    return [Problem("softmax", text, (f"{evidence}{sums.max():.4f}.",), advice=advice)]


def _constant(values: np.ndarray, names: tuple[str, ...]) -> list[Problem]:
    same = np.flatnonzero((values == values[:1]).all(axis=0))
    if not len(same) or len(values) < 2:
        return []
    text = f"{len(same)} of {len(names)} columns have the same score in every row."
    evidence = ", ".join(f"{names[f]} {values[0, f]:.6g}" for f in same) + "."
    advice = "Check whether the network has an output for the finding; `--findings` leaves it out."
    return [Problem("constant", text, (evidence,), advice=advice)]


def _rounded(values: np.ndarray, names: tuple[str, ...]) -> list[Problem]:
    share = tied(values)
    if share.max() <= MANY_TIES:
        return []
    worst, many = int(np.argmax(share)), int((share > MANY_TIES).sum())
    places = decimals(values)
    if places == 0 and np.isin(values, (0, 1)).all():
        text = "The file has decisions (0 and 1), not scores."
    elif _half_precision(values):
        text = "The scores were stored in half precision (float16), so that many rows share theirs."
    elif places is None:
        text = "Many rows share their score: the scores were stored with few digits."
    else:
        text = f"The scores are rounded to {places} decimals, so that many rows share their score."
    evidence = (
        f"{share[worst]:.1%} of the rows share their score of {names[worst]} with another row; "
        f"{many} of {len(names)} findings are above {MANY_TIES:.0%}."
    )
    advice = "Write the scores again with nine significant digits (`%.9g`), from float32."
    return [Problem("rounded", text, (evidence,), advice=advice)]

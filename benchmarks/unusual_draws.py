"""Unusual test sets with a known truth, for `unusual_sets.py`.

All models of a set have the same quality, unless the function says otherwise.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import special
from simulated_sets import AUROC, Cell, Drawn, simulate

_APART = np.sqrt(2) * special.ndtri(AUROC)


def _scores(cell: Cell, labels: np.ndarray, patients: np.ndarray, rng: np.random.Generator):  # type: ignore[no-untyped-def]
    """Returns binormal scores (M, N, 1); half of the common part is of the patient."""
    several = len(np.unique(patients)) < len(patients)
    common = rng.normal(size=len(labels))
    if several:
        of_patient = rng.normal(size=int(patients.max()) + 1)[patients]
        common = np.sqrt(0.5) * common + np.sqrt(0.5) * of_patient
    noise = rng.normal(size=(cell.models, len(labels)))
    if several:  # what a model gets wrong in one unit of a patient, it gets wrong in the others
        own = rng.normal(size=(cell.models, int(patients.max()) + 1))[:, patients]
        noise = np.sqrt(0.5) * noise + np.sqrt(0.5) * own
    noise = np.sqrt(cell.correlation) * common + np.sqrt(1 - cell.correlation) * noise
    return (noise + _APART * labels)[:, :, None]


def _drawn(cell: Cell, labels: np.ndarray, patients: np.ndarray, scores: np.ndarray) -> Drawn:
    truth = np.full((cell.models, 3), AUROC if cell.metric == "auroc" else np.nan)
    return Drawn(labels[:, None].astype(float), patients, scores, truth)


def large_patients(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Patients have 5 to 30 units, and a label that most of their units share."""
    sizes = rng.integers(5, 31, cell.studies)
    patients = np.repeat(np.arange(cell.studies), sizes)
    ill = (rng.random(cell.studies) < cell.prevalence)[patients]
    labels = np.where(rng.random(len(patients)) < 0.9, ill, ~ill & (rng.random(len(ill)) < 0.1))
    return _drawn(cell, labels, patients, _scores(cell, labels, patients, rng))


def one_patient(cell: Cell, rng: np.random.Generator) -> Drawn:
    """One patient has half of the positive units, all others have one unit."""
    labels = rng.random(cell.studies) < cell.prevalence
    more = max(int(labels.sum()), 1)
    labels = np.append(labels, np.ones(more, dtype=bool))
    patients = np.append(np.arange(cell.studies), np.full(more, cell.studies))
    return _drawn(cell, labels, patients, _scores(cell, labels, patients, rng))


def views(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Patients have one or two studies of one to three images; images of a study share a label."""
    studies = np.repeat(np.arange(cell.studies), rng.integers(1, 3, cell.studies))
    labels = rng.random(len(studies)) < cell.prevalence
    images = rng.integers(1, 4, len(studies))
    labels, patients = np.repeat(labels, images), np.repeat(studies, images)
    return _drawn(cell, labels, patients, _scores(cell, labels, patients, rng))


def uncertain(cell: Cell, rng: np.random.Generator) -> Drawn:
    """A third of the positives and a tenth of the negatives, the doubtful ones, have no label."""
    drawn = simulate(cell, rng)
    labels = drawn.labels[:, 0]
    doubt = drawn.scores.mean(axis=0)[:, 0] + rng.normal(size=len(labels))
    dropped = np.where(labels == 1, doubt < np.quantile(doubt[labels == 1], 1 / 3), False)
    dropped |= (labels == 0) & (doubt > np.quantile(doubt[labels == 0], 0.9))
    truth = np.full_like(drawn.truth, np.nan)
    known = np.where(dropped, np.nan, labels)[:, None]
    return dataclasses.replace(drawn, labels=known, truth=truth)


def rounded(cell: Cell, rng: np.random.Generator) -> Drawn:
    """The probabilities of every second model are rounded to two decimals."""
    drawn = simulate(dataclasses.replace(cell, metric="auroc"), rng)
    scores = special.expit(2 * drawn.scores - 5)
    scores[1::2] = np.round(scores[1::2], 2)
    truth = drawn.truth.copy()
    truth[1::2] = _ROUNDED
    return dataclasses.replace(drawn, scores=scores, truth=truth)


def _rounded_auroc() -> float:
    """Returns the AUROC of rounded probabilities, by sums over a fine grid."""
    z = special.ndtri((np.arange(400_000) + 0.5) / 400_000)
    cells = [
        np.bincount(np.rint(100 * special.expit(2 * one - 5)).astype(int), minlength=101) / len(z)
        for one in (z + _APART, z)
    ]
    return float(cells[0] @ (np.cumsum(cells[1]) - cells[1] / 2))


_ROUNDED = _rounded_auroc()


def calibration_only(cell: Cell, rng: np.random.Generator) -> Drawn:
    """All AUROCs are equal; the logits of the first model are twice as large: it is worse."""
    drawn = simulate(dataclasses.replace(cell, metric="auroc"), rng)
    logits = _APART * (drawn.scores - _APART / 2) + special.logit(float(cell.prevalence))
    logits[0] *= 2
    truth = np.full_like(drawn.truth, _brier(cell, 1))
    truth[0] = _brier(cell, 2)
    return dataclasses.replace(drawn, scores=special.expit(logits), truth=truth)


def _brier(cell: Cell, factor: float) -> float:
    z = special.ndtri((np.arange(20_000) + 0.5) / 20_000)
    share = float(cell.prevalence)
    p = [
        special.expit(factor * (_APART * (one - _APART / 2) + special.logit(share)))
        for one in (z + _APART, z)
    ]
    return float(share * np.mean((1 - p[0]) ** 2) + (1 - share) * np.mean(p[1] ** 2))


def narrow_and_wide(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Equal AUROCs of 0.93; the positives of every second model spread half as much."""
    labels = rng.random(cell.studies) < cell.prevalence
    noise = _scores(cell, np.zeros(cell.studies), np.arange(cell.studies), rng)
    spread = np.where(np.arange(cell.models) % 2 == 0, 0.5, 1.0)[:, None, None]
    shifted = spread * noise + np.sqrt(1 + spread**2) * special.ndtri(0.93)
    scores = np.where(labels[:, None], shifted, noise)
    drawn = _drawn(cell, labels, np.arange(cell.studies), scores)
    return dataclasses.replace(drawn, truth=np.full((cell.models, 3), 0.93))


def few_or_many_images(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Patients have 1 to 20 images, each with a label of its own; labels of a patient correlate."""
    patients = np.repeat(np.arange(cell.studies), rng.integers(1, 21, cell.studies))
    latent = np.sqrt(0.5) * rng.normal(size=cell.studies)[patients]
    latent = latent + np.sqrt(0.5) * rng.normal(size=len(patients))
    labels = latent > special.ndtri(1 - float(cell.prevalence))
    return _drawn(cell, labels, patients, _scores(cell, labels, patients, rng))


def three_levels(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Scores have three distinct values."""
    drawn = simulate(cell, rng)
    scores = np.digitize(drawn.scores, _LEVELS).astype(float)
    return dataclasses.replace(drawn, scores=scores, truth=np.full_like(drawn.truth, _LEVELLED))


_LEVELS = np.array([0.5, 1.5])


def _levelled_auroc() -> float:
    """Returns the AUROC of scores that are cut at `_LEVELS`; ties count one half."""
    cut = np.r_[-np.inf, _LEVELS, np.inf]
    negative, positive = np.diff(special.ndtr(cut)), np.diff(special.ndtr(cut - _APART))
    return float(positive @ (np.cumsum(negative) - negative / 2))


_LEVELLED = _levelled_auroc()


def transformed(cell: Cell, rng: np.random.Generator) -> Drawn:
    """The second model is an increasing function of the first one; the third one is another."""
    drawn = simulate(cell, rng)
    scores = drawn.scores.copy()
    scores[1] = scores[0] ** 3
    return dataclasses.replace(drawn, scores=scores)


def identical(cell: Cell, rng: np.random.Generator) -> Drawn:
    """The first two models are identical."""
    drawn = simulate(cell, rng)
    return dataclasses.replace(drawn, scores=drawn.scores[[0, 0, *range(2, cell.models)]])


def calibrated_differently(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Logits are multiplied by 0.1, 1 and 5, and shifted by 4, 0 and -6: the AUROCs are equal."""
    drawn = simulate(cell, rng)
    slope, shift = np.array([[0.1, 1.0, 5.0], [4.0, 0.0, -6.0]])[:, :, None, None]
    return dataclasses.replace(drawn, scores=special.expit(slope * drawn.scores + shift))


def rare_findings(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Four findings have the prevalence of the cell, the others one of 0.4 %."""
    shares = np.where(np.arange(cell.findings) < 4, float(cell.prevalence), 0.004)
    labels = rng.random((cell.studies, cell.findings)) < shares
    noise = rng.normal(size=(cell.models, *labels.shape))
    noise = np.sqrt(cell.correlation) * rng.normal(size=labels.shape) + (
        np.sqrt(1 - cell.correlation) * noise
    )
    truth = np.full((cell.models, cell.findings + 2), AUROC)
    return Drawn(labels.astype(float), np.arange(cell.studies), noise + _APART * labels, truth)


def missing_labels(cell: Cell, rng: np.random.Generator) -> Drawn:
    """The second and third finding have a label only if the first looks or is likely positive."""
    drawn = simulate(cell, rng)
    labels = drawn.labels.copy()
    looks = drawn.scores[:, :, 0].mean(axis=0) + rng.normal(size=len(labels))
    labels[(labels[:, 0] == 0) & (looks < 0.5), 1] = np.nan
    labels[(looks < 0) | (drawn.scores[:, :, 2].mean(axis=0) > 2), 2] = np.nan
    return dataclasses.replace(drawn, labels=labels, truth=np.full_like(drawn.truth, np.nan))


def hospitals(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Three hospitals with prevalences of 2, 10 and 40 %, and scores that are shifted by it."""
    hospital = rng.integers(0, 3, cell.studies)
    labels = rng.random(cell.studies) < _SHARES[hospital]
    patients = np.arange(cell.studies)
    scores = _scores(cell, labels, patients, rng) + _SHIFTS[hospital][:, None]
    drawn = _drawn(cell, labels, patients, scores)
    return dataclasses.replace(drawn, truth=np.full_like(drawn.truth, _OF_HOSPITALS))


_SHARES, _SHIFTS = np.array([0.02, 0.1, 0.4]), np.array([-0.5, 0.0, 0.5])
_PAIRS = special.ndtr((_APART + _SHIFTS[:, None] - _SHIFTS) / np.sqrt(2))
_OF_HOSPITALS = float(_SHARES @ _PAIRS @ (1 - _SHARES) / _SHARES.sum() / (1 - _SHARES).sum())

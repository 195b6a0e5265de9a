"""Test sets with a known truth, for `verdicts.py`: binormal scores of correlated models."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass

import numpy as np
from scipy import special

CHEXPERT = (0.09, 0.31, 0.06, 0.52, 0.01, 0.16, 0.05, 0.02, 0.30, 0.02, 0.21, 0.02, 0.01, 0.51)
NIH = (0.11, 0.02, 0.13, 0.19, 0.06, 0.06, 0.01, 0.09, 0.06, 0.02, 0.03, 0.02, 0.05, 0.004)
"""Prevalences of the 14 findings in CheXpert's test studies, and in NIH's test images."""

AUROC, BETTER, MARGIN = 0.85, 0.90, 0.02
_SLOPE = 0.33  # d AUROC / d separation near 0.85: turns a spread of AUROCs into one of separations
_THRESHOLD = 1.0  # the given threshold
_ROC_POINTS = ("partial_auroc", "sensitivity_at_specificity", "specificity_at_sensitivity")
_RATE = 0.1  # the false positive rate up to which the partial AUROC goes; the others are at 0.9
_CUTS = np.array([-0.5, 0.5, 1.5, 2.5])  # of tied scores


@dataclass(frozen=True)
class Cell:
    """One cell of the grid.

    Attributes:
        studies: The number of units.
        prevalence: Of every finding, or "chexpert" or "nih".
        findings: Their number.
        models: The number of architectures.
        seeds: Trained runs of each architecture.
        correlation: Between the scores of two models within a class.
        units: The number of units per patient; their scores and labels are correlated.
        effect: "equal"; "one" (the first model is better in every finding); "one finding" (better
            in the first finding only); "margin" (the first model is better by the margin);
            "separated" (all models rank perfectly); "ties" (scores of five distinct values);
            "shapes" (equal AUROCs, but the first model's positives have half the spread).
        seed_sd: Standard deviation of the AUROC between seeds.
        metric: "auroc", or another metric.
        rule: For sensitivity and specificity: "given", or how the threshold is chosen on
            validation.
        validation: The number of validation units.
    """

    studies: int = 500
    prevalence: float | str = 0.1
    findings: int = 1
    models: int = 5
    seeds: int = 1
    correlation: float = 0.7
    units: int = 1
    effect: str = "equal"
    seed_sd: float = 0.0
    metric: str = "auroc"
    rule: str = ""
    validation: int = 0


def grid() -> list[Cell]:
    """Returns the cells: sizes x prevalences x models, and one change at a time from the middle."""
    core = [
        Cell(studies=studies, prevalence=prevalence, models=models)
        for studies, prevalence, models in itertools.product(
            (50, 200, 500, 5000), (0.01, 0.02, 0.1, 0.3), (2, 5, 20)
        )
    ]
    return core + single_changes() + effects() + other_metrics()


def single_changes() -> list[Cell]:
    """Returns cells with equal models and one change from the middle."""
    middle = Cell()
    return [
        *(dataclasses.replace(middle, correlation=value) for value in (0.3, 0.95)),
        *(
            dataclasses.replace(middle, units=3, studies=studies, prevalence=prevalence)
            for studies, prevalence in ((200, 0.3), (500, 0.1), (5000, 0.02))
        ),
        *(
            dataclasses.replace(middle, seeds=seeds, seed_sd=0.01, prevalence=0.2, studies=studies)
            for seeds, studies in itertools.product((3, 5), (500, 5000))
        ),
        *(
            dataclasses.replace(middle, findings=findings, studies=studies, prevalence=prevalence)
            for findings, prevalence in ((5, 0.1), (14, "chexpert"), (14, "nih"))
            for studies in (200, 500, 5000)
        ),
        Cell(models=2, prevalence=0.025, effect="shapes"),
        Cell(models=2, prevalence=0.1, effect="shapes"),
        Cell(models=2, prevalence=0.1, effect="shapes", studies=5000),
    ]


def effects() -> list[Cell]:
    """Returns cells in which models differ, are perfect, or have tied scores."""
    return [
        *(Cell(effect="one", prevalence=0.2, studies=studies) for studies in (200, 500, 5000)),
        *(Cell(effect="margin", prevalence=0.2, studies=studies) for studies in (500, 5000)),
        Cell(effect="margin", prevalence=0.5, studies=5000, models=2),
        Cell(effect="margin", prevalence=0.5, studies=10000),
        Cell(effect="equal", prevalence=0.5, studies=10000),
        Cell(effect="separated", prevalence=0.2, studies=200),
        *(Cell(effect="ties", prevalence=0.2, studies=studies) for studies in (200, 500)),
        Cell(effect="one", seeds=3, seed_sd=0.01, prevalence=0.2, studies=5000),
        Cell(effect="one finding", findings=14, prevalence="chexpert", studies=500),
        Cell(effect="one finding", findings=5, prevalence=0.2, studies=5000),
    ]


def other_metrics() -> list[Cell]:
    """Returns cells of metrics other than AUROC."""
    sizes = ((200, 0.3), (500, 0.1), (2000, 0.02))
    found = [
        Cell(metric=metric, studies=studies, prevalence=prevalence)
        for metric in ("brier", "log_loss", "auprc", "ece", *_ROC_POINTS)
        for studies, prevalence in sizes
    ]
    found += [Cell(metric="auprc", studies=5000, prevalence=0.005)]
    found += [
        Cell(metric=metric, effect="one", prevalence=0.2)
        for metric in ("brier", "log_loss", "auprc", *_ROC_POINTS)
    ]
    found += [
        Cell(metric=metric, rule="given", studies=studies, prevalence=prevalence)
        for metric in ("sensitivity", "specificity")
        for studies, prevalence in sizes
    ]
    found += [
        Cell(metric=metric, rule=rule, validation=validation, prevalence=0.2)
        for rule in ("youden", "sensitivity=0.9", "specificity=0.9")
        for metric in ("sensitivity", "specificity")
        for validation in (200, 1000)
    ]
    return found


@dataclass(frozen=True)
class Drawn:
    """A drawn test set.

    Attributes:
        labels: (N, F).
        patients: (N,).
        scores: (M, N, F), the runs of an architecture adjacent.
        truth: (A, F + 2), the metric of each architecture: of findings, their mean, all pooled;
            at the threshold that the population would choose; NaN where it is not known.
        validation: Labels and scores of validation; None if the cell has none.
    """

    labels: np.ndarray
    patients: np.ndarray
    scores: np.ndarray
    truth: np.ndarray
    validation: tuple[np.ndarray, np.ndarray] | None = None


def simulate(cell: Cell, rng: np.random.Generator) -> Drawn:
    """Draws a test set: binormal scores with a part common to all models and to a patient."""
    share = prevalences(cell)
    truth = np.full((cell.models, cell.findings), AUROC)
    if cell.effect == "one":
        truth[0] = BETTER
    if cell.effect == "margin":
        truth[0] = AUROC + MARGIN
    if cell.effect == "one finding":
        truth[0, 0] = BETTER
    separation = np.sqrt(2) * special.ndtri(truth)
    runs = np.repeat(separation, cell.seeds, axis=0)
    runs = runs + cell.seed_sd / _SLOPE * rng.normal(size=(len(runs), 1))
    labels, patients, scores = _draw(cell, cell.studies, runs, share, rng)
    validation = None
    if cell.validation:
        own = dataclasses.replace(cell, units=1)
        validation = tuple(_draw(own, cell.validation, runs, share, rng)[::2])
    known = _truth(cell, separation, share)
    return Drawn(labels, patients, scores, known, validation)  # type: ignore[arg-type]


def prevalences(cell: Cell) -> np.ndarray:
    """Returns the prevalence of each finding, (F,)."""
    chosen = {"chexpert": CHEXPERT, "nih": NIH}.get(str(cell.prevalence))
    return np.full(cell.findings, cell.prevalence) if chosen is None else np.array(chosen)


def _draw(
    cell: Cell, studies: int, separation: np.ndarray, share: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns labels, patients and scores."""
    patients = np.repeat(np.arange(-(-studies // cell.units)), cell.units)[:studies]
    illness = rng.normal(size=(patients[-1] + 1, cell.findings))[patients]
    own = rng.normal(size=(studies, cell.findings))
    latent = illness if cell.units == 1 else np.sqrt(0.7) * illness + np.sqrt(0.3) * own
    labels = (latent > special.ndtri(1 - share)).astype(float)
    common = rng.normal(size=(studies, cell.findings))
    if cell.units > 1:
        patient = rng.normal(size=(patients[-1] + 1, cell.findings))[patients]
        common = np.sqrt(0.5) * common + np.sqrt(0.5) * patient
    noise = rng.normal(size=(len(separation), studies, cell.findings))
    noise = np.sqrt(cell.correlation) * common + np.sqrt(1 - cell.correlation) * noise
    scores = noise + separation[:, None] * labels
    if cell.effect == "shapes":
        narrow = 0.5 * noise[0] + np.sqrt(1.25) * special.ndtri(AUROC)
        scores[0] = np.where(labels == 1, narrow, noise[0])
    if cell.effect == "separated":
        scores = scores + 100 * labels
    if cell.effect == "ties":
        scores = np.digitize(scores, _CUTS).astype(float)
    if cell.metric in ("brier", "log_loss"):
        scores = special.expit(scores - 2)
    return labels, patients, scores


def threshold(cell: Cell) -> float:
    """Returns the threshold that is given."""
    return _THRESHOLD if cell.rule == "given" else float("nan")


def _truth(cell: Cell, separation: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Returns the true metric, (A, F + 2); all findings pooled are weighted by their cases."""
    weights = {"sensitivity": share, "specificity": 1 - share}.get(cell.metric, np.ones(len(share)))
    if cell.metric == "auroc":
        weights = share  # all negatives have the same distribution, so positives are averaged
    each = np.vectorize(lambda apart, p: _metric(cell, apart, p))(separation, share)
    pooled = (each * weights).sum(axis=1) / weights.sum()
    return np.column_stack([each, each.mean(axis=1), pooled])


def _metric(cell: Cell, apart: float, prevalence: float) -> float:
    """Returns the metric of a model whose positives are `apart` above its negatives."""
    if cell.metric == "auroc":
        if cell.effect == "separated":
            return 1.0
        return _tied(apart) if cell.effect == "ties" else float(special.ndtr(apart / np.sqrt(2)))
    if cell.metric in ("brier", "log_loss"):
        z = np.linspace(-8, 8, 2001)
        weight = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
        positive, negative = special.expit(z + apart - 2), special.expit(z - 2)
        if cell.metric == "brier":
            loss = (1 - positive) ** 2, negative**2
        else:
            loss = -np.log(positive), -np.log1p(-negative)
        return float(prevalence * loss[0] @ weight + (1 - prevalence) * loss[1] @ weight)
    if cell.metric == "auprc":
        cut = np.linspace(-9, 12, 20001)
        hits, alarms = special.ndtr(apart - cut), special.ndtr(-cut)
        precision = prevalence * hits / (prevalence * hits + (1 - prevalence) * alarms)
        return float(-np.sum(np.diff(hits) * (precision[1:] + precision[:-1]) / 2))
    if cell.metric == "partial_auroc":
        below = (np.arange(20_000) + 0.5) / 20_000 * _RATE
        area = _RATE * float(special.ndtr(apart + special.ndtri(below)).mean())
        return (1 + (area - _RATE**2 / 2) / (_RATE - _RATE**2 / 2)) / 2
    if cell.metric in _ROC_POINTS:  # both rates are the same for equal spreads
        return float(special.ndtr(apart - special.ndtri(1 - _RATE)))
    at = _population_threshold(cell.rule, apart)
    rates = {"sensitivity": special.ndtr(apart - at), "specificity": special.ndtr(at)}
    return float(rates.get(cell.metric, float("nan")))


def _population_threshold(rule: str, apart: float) -> float:
    """Returns the threshold that a rule chooses with infinitely many validation units."""
    name, _, rate = rule.partition("=")
    if name == "given":
        return _THRESHOLD
    if name == "youden":
        return apart / 2
    if name == "sensitivity":
        return apart - float(special.ndtri(float(rate)))
    return float(special.ndtri(float(rate))) if name == "specificity" else float("nan")


def _tied(apart: float) -> float:
    """Returns the AUROC of binormal scores that are cut at `_CUTS`; ties count one half."""
    cut = np.r_[-np.inf, _CUTS, np.inf]
    negative, positive = np.diff(special.ndtr(cut)), np.diff(special.ndtr(cut - apart))
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum())

"""Simulates verdicts on unusual test sets: large patients, dropped labels, rare findings, rounding.

The sets are drawn here, and compared and counted as in `verdicts.py`. All models of a set have the
same quality, unless the case says otherwise.

    python benchmarks/unusual_sets.py --sets 300 --out unusual.csv        # about 20 minutes
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import verdicts
from scipy import special
from simulated_sets import AUROC, Cell, Drawn, simulate

_APART = np.sqrt(2) * special.ndtri(AUROC)


@dataclass(frozen=True)
class Case:
    """An unusual kind of test set.

    Attributes:
        name: What is unusual.
        cell: The metric, models and other facts of the set.
        draw: Draws a set.
    """

    name: str
    cell: Cell
    draw: Callable[[Cell, np.random.Generator], Drawn]


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


def cases() -> list[Case]:
    """Returns the cases."""
    rare = {"studies": 5000, "prevalence": 0.005}
    chosen = {"validation": 60, "prevalence": 0.3, "models": 2}
    return [
        Case("patients of 5 to 30 units", Cell(80, 0.3, models=3), large_patients),
        Case("one patient has half of the positives", Cell(300, 0.1, models=3), one_patient),
        Case("images of studies of patients", Cell(200, 0.1, models=3), views),
        Case("doubtful labels dropped", Cell(500, 0.1, models=3), uncertain),
        Case("prevalence 0.5 %, AUROC", Cell(**rare, models=3), simulate),
        Case("prevalence 0.5 %, AUPRC", Cell(**rare, models=3, metric="auprc"), simulate),
        Case("prevalence 0.5 %, Brier", Cell(**rare, models=3, metric="brier"), simulate),
        Case("very different seeds", Cell(500, 0.2, models=3, seeds=3, seed_sd=0.05), simulate),
        Case("every second model rounded", Cell(500, 0.1, models=4), rounded),
        Case("20 models, correlation 0.95", Cell(500, 0.1, models=20, correlation=0.95), simulate),
        Case("calibration only", Cell(1000, 0.2, models=3, metric="brier"), calibration_only),
        Case(
            "60 validation patients, Youden",
            Cell(metric="specificity", rule="youden", **chosen),  # type: ignore[arg-type]
            simulate,
        ),
        Case(
            "60 validation patients, Youden",
            Cell(metric="sensitivity", rule="youden", **chosen),  # type: ignore[arg-type]
            simulate,
        ),
        Case("AUROC 0.93, different shapes", Cell(500, 0.03, models=4), narrow_and_wide),
    ]


def rates(case: Case, sets: int, seed: int) -> dict[str, object]:
    """Draws the sets of a case, compares their models, and counts."""
    counted: dict[str, list[bool]] = {name: [] for name in verdicts.RATES}
    silent = 0
    for number in range(sets):
        rng = np.random.default_rng([seed, number])
        drawn = case.draw(case.cell, rng)
        claims = verdicts.cxrcompare(case.cell, drawn, rng)
        silent += claims.silent
        if not claims.silent:
            verdicts.count_set(case.cell, drawn, claims, counted)
    means = {name: verdicts.mean(values) for name, values in counted.items()}
    cell = case.cell
    return {
        "case": case.name,
        "metric": cell.metric,
        "models": cell.models,
        "sets": sets,
        "no_verdict": round(silent / sets, 4),
        **means,
    }


def main() -> None:
    """Runs the cases and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--sets", type=int, default=300, help="drawn test sets per case")
    options = parser.parse_args()
    with options.out.open("w", newline="") as file:
        writer = None
        for number, case in enumerate(cases()):
            row = rates(case, options.sets, 100 + number)
            writer = writer or csv.DictWriter(file, list(row))
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(row)
            file.flush()
            print(row, flush=True)


if __name__ == "__main__":
    main()

"""Simulates verdicts on unusual test sets: large patients, dropped labels, rare findings, rounding.

The sets are drawn by `unusual_draws.py`, and compared and counted as in `verdicts.py`. All models
of a set have the same quality, unless the case says otherwise.

    python benchmarks/unusual_sets.py --out unusual.csv        # about 20 minutes
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
import unusual_draws
import verdicts
from simulated_sets import Cell, Drawn, simulate


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


def cases() -> list[Case]:
    """Returns the cases."""
    rare = {"studies": 5000, "prevalence": 0.005}
    chosen = {"validation": 60, "prevalence": 0.3, "models": 2}
    return [
        Case("patients of 5 to 30 units", Cell(80, 0.3, models=3), unusual_draws.large_patients),
        Case(
            "one patient has half of the positives",
            Cell(300, 0.1, models=3),
            unusual_draws.one_patient,
        ),
        Case("images of studies of patients", Cell(200, 0.1, models=3), unusual_draws.views),
        Case("doubtful labels dropped", Cell(500, 0.1, models=3), unusual_draws.uncertain),
        Case("prevalence 0.5 %, AUROC", Cell(**rare, models=3), simulate),
        Case("prevalence 0.5 %, AUPRC", Cell(**rare, models=3, metric="auprc"), simulate),
        Case("prevalence 0.5 %, Brier", Cell(**rare, models=3, metric="brier"), simulate),
        Case("very different seeds", Cell(500, 0.2, models=3, seeds=3, seed_sd=0.05), simulate),
        Case("every second model rounded", Cell(500, 0.1, models=4), unusual_draws.rounded),
        Case("20 models, correlation 0.95", Cell(500, 0.1, models=20, correlation=0.95), simulate),
        Case(
            "calibration only",
            Cell(1000, 0.2, models=3, metric="brier"),
            unusual_draws.calibration_only,
        ),
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
        Case(
            "AUROC 0.93, different shapes", Cell(500, 0.03, models=4), unusual_draws.narrow_and_wide
        ),
        *_cases_of_structure(),
    ]


def _cases_of_structure() -> list[Case]:
    """Returns the cases of related models, findings without labels, and several hospitals."""
    few = Cell(400, 0.03, models=3)
    three = Cell(500, 0.1, models=3)
    return [
        Case(
            "patients of 1 to 20 images, labels per image",
            Cell(80, 0.15, models=3),
            unusual_draws.few_or_many_images,
        ),
        Case("three score values, 12 positives", few, unusual_draws.three_levels),
        Case("increasing function of another model", few, unusual_draws.transformed),
        Case(
            "increasing function of another model",
            dataclasses.replace(few, metric="auprc"),
            unusual_draws.transformed,
        ),
        Case("two identical models", few, unusual_draws.identical),
        Case("different calibration, AUROC", three, unusual_draws.calibrated_differently),
        Case(
            "10 of 14 findings not eligible",
            dataclasses.replace(three, findings=14),
            unusual_draws.rare_findings,
        ),
        Case(
            "labels missing not at random",
            dataclasses.replace(three, findings=3),
            unusual_draws.missing_labels,
        ),
        Case("three hospitals of different prevalence", three, unusual_draws.hospitals),
        Case(
            "prevalence 3 %, AUPRC",
            dataclasses.replace(three, prevalence=0.03, metric="auprc"),
            simulate,
        ),
        Case(
            "14 findings of prevalence 3 %, mean AUPRC",
            dataclasses.replace(three, prevalence=0.03, metric="auprc", findings=14),
            simulate,
        ),
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
    parser.add_argument("--sets", type=int, default=1000, help="drawn test sets per case")
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

"""Validation predictions that rank validation worse than chance, or much worse than the test set.

Thresholds, recalibration and ensembles that are chosen on such a validation set are wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from scipy import special

from cxrcompare.comparison.data_quality import name_of
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation.auroc import chance
from cxrcompare.evaluation.auroc.auroc_tests import class_patients
from cxrcompare.evaluation.auroc.delong import unit_placements
from cxrcompare.evaluation.auroc.influence import auroc_influences, standard_error
from cxrcompare.predictions import Aligned, Note

_FEWEST_PATIENTS = 10
"""Patients of each class without which a finding is left out, in both sets."""

_FAR = 0.1
"""The difference in AUROC from which validation is far below the test set."""

_FAMILY = 0.05
"""Family-wise error rate, over both tests of all runs and findings (Bonferroni)."""


class _Case(NamedTuple):
    """A run and finding with a significant result.

    Attributes:
        finding: Index of the finding.
        validation: AUROC of validation.
        test: AUROC of the test set.
        p_value: Adjusted.
        below: Whether validation is below chance; else it is far below the test set.
    """

    finding: int
    validation: float
    test: float
    p_value: float
    below: bool


def check(panel: Panel, validation: Aligned | None, auroc: np.ndarray) -> list[Note]:
    """Returns at most one warning per run.

    A finding is reported if the AUROC of validation is significantly below 0.5, or at least 0.1
    below that of the test set and significantly so: a normal test with the variances of both sets,
    which have different patients.

    Args:
        panel: The runs that are compared, first those of validation.
        validation: The same runs and findings on other patients, or None.
        auroc: (M, F), AUROCs of the runs on the test set.
    """
    if validation is None:
        return []
    groups = np.unique(validation.patients, return_inverse=True)[1]
    enough = class_patients(validation.labels, groups).min(axis=1) >= _FEWEST_PATIENTS
    enough &= class_patients(panel.labels, panel.resamples.patient).min(axis=1) >= _FEWEST_PATIENTS
    notes = []
    for m in range(len(validation.runs)):
        tests = 2 * len(validation.runs) * int(enough.sum())
        cases = sorted(
            _cases(panel, validation, groups, m, auroc[m], np.flatnonzero(enough), tests),
            key=lambda case: (not case.below, case.p_value),
        )
        if cases:
            notes.append(_note(panel, m, cases))
    return notes


def _cases(
    panel: Panel,
    validation: Aligned,
    groups: np.ndarray,
    m: int,
    auroc: np.ndarray,
    findings: np.ndarray,
    tests: int,
) -> Iterator[_Case]:
    """Yields the findings of a run that are significant after correction for all tests."""
    for f in findings.tolist():
        label, score = validation.labels[:, f], validation.scores[m, :, f]
        known = ~np.isnan(label)
        positive = label[known] == 1
        value = float(unit_placements(positive, score[known])[positive].mean())
        own = float(auroc[f])
        if value < 0.5:
            p_value = float(chance.p_worse(label, score[None], groups)[0]) * tests
            if p_value <= _FAMILY:
                yield _Case(f, value, own, p_value, below=True)
                continue
        if own - value >= _FAR:
            error = np.hypot(
                _error(label, score, groups),
                _error(panel.labels[:, f], panel.scores[m, :, f], panel.resamples.patient),
            )
            p_value = float(special.ndtr((value - own) / error)) * tests if error > 0 else 0.0
            if p_value <= _FAMILY:
                yield _Case(f, value, own, p_value, below=False)


def _error(label: np.ndarray, score: np.ndarray, groups: np.ndarray) -> float:
    _, *sides = auroc_influences(label, score[None], groups)
    return standard_error((sides[0] + sides[1])[0])


def _note(panel: Panel, m: int, cases: list[_Case]) -> Note:
    first = cases[0]
    others = len(cases) - 1
    more = f", and {others} more finding{'s' if others > 1 else ''} like this" if others else ""
    if first.below:
        code = "validation_below_chance"
        text = (
            f"ranks validation worse than chance (AUROC {first.validation:.3f}, {first.test:.3f} "
            f"on the test set; adjusted p {first.p_value:.2g}){more}: check whether the labels of "
            "validation are reversed, or its rows or columns are in another order"
        )
    else:
        code = "validation_far_below"
        text = (
            f"ranks validation much worse than the test set (AUROC {first.validation:.3f} against "
            f"{first.test:.3f}; adjusted p {first.p_value:.2g}){more}: check whether its "
            "validation predictions are of this model and of these units"
        )
    return Note(code, text, name_of(panel, m), panel.findings[first.finding])

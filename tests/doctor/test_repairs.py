"""Each defect that is added to a healthy file is found, alone, and repaired to the original."""

import numpy as np
import pytest
from scipy.special import logit

from cxrcompare import doctor
from cxrcompare.predictions import read_predictions


def swapped(values, first, second):
    order = np.arange(values.shape[1])
    order[[first, second]] = order[[second, first]]
    return values[:, order]


def inverted(values, *columns):
    changed = values.copy()
    changed[:, columns] = 1 - changed[:, columns]
    return changed


SCORES = {
    "logits": (logit, "logits", ["logits"]),
    "percentages": (lambda p: 100 * p, "percent", ["percent"]),
    "the sigmoid of probabilities": (lambda p: 1 / (1 + np.exp(-p)), "sigmoid", ["sigmoid"]),
    "a rounding error": (lambda p: np.where(p == p.max(), 1 + 1e-7, p), "clip", ["clip"]),
    "an inverted column": (lambda p: inverted(p, 3), "inverted", ["inverted"]),
    "all columns inverted": (lambda p: 1 - p, "inverted", ["inverted"]),
    "swapped columns": (lambda p: swapped(p, 1, 4), "columns", ["columns"]),
    "columns shifted to the left": (lambda p: np.roll(p, -1, axis=1), "columns", ["columns"]),
    "columns shifted to the right": (lambda p: np.roll(p, 1, axis=1), "columns", ["columns"]),
    "rows one too high": (lambda p: np.roll(p, -1, axis=0), "rows", ["rows"]),
    "rows five too low": (lambda p: np.roll(p, 5, axis=0), "rows", ["rows"]),
    "rows reversed": (lambda p: p[::-1], "rows", ["rows"]),
    "inverted logits": (lambda p: -logit(p), "logits,inverted", ["logits", "inverted"]),
    "inverted percentages": (
        lambda p: 100 * inverted(p, 0),
        "percent,inverted",
        ["percent", "inverted"],
    ),
    "swapped columns, one of them inverted": (
        lambda p: swapped(inverted(p, 0), 1, 4),
        "columns,inverted",
        ["columns", "inverted"],
    ),
    "all columns inverted and shifted": (
        lambda p: np.roll(1 - p, 1, axis=1),
        "columns,inverted",
        ["columns", "inverted"],
    ),
    "shifted rows and swapped columns": (
        lambda p: np.roll(swapped(p, 1, 4), 2, axis=0),
        "rows,columns",
        ["rows", "columns"],
    ),
}


@pytest.mark.parametrize("defect", SCORES)
def test_a_defect_of_the_scores_is_found_and_repaired(codes, cohort, defect):
    damage, repairs, expected = SCORES[defect]
    path, reference = cohort.write(scores=damage(cohort.scores)), cohort.reference()
    problems = doctor.examine(path, reference)
    assert [problem.code for problem in problems] == expected
    assert [problem.repair for problem in problems] == repairs.split(",")
    assert all(problem.evidence for problem in problems)
    fixed = cohort.folder / "fixed.csv"
    doctor.repair(path, reference, repairs.split(","), fixed)
    true = cohort.scores.copy()
    if repairs == "clip":
        true[true == true.max()] = 1
    np.testing.assert_allclose(read_predictions(fixed).values, true, rtol=0, atol=1e-12)
    assert codes(fixed, reference) == []


def test_only_the_named_repairs_are_applied(codes, cohort):
    """Inverted columns keep their headers when only the direction changes."""
    damaged = swapped(1 - cohort.scores, 1, 4)
    path, reference = cohort.write(scores=damaged), cohort.reference()
    assert codes(path, reference) == ["columns", "inverted"]
    for name, expected in (
        ("inverted", swapped(cohort.scores, 1, 4)),
        ("columns", 1 - cohort.scores),
    ):
        fixed = cohort.folder / f"{name}.csv"
        doctor.repair(path, reference, [name], fixed)
        np.testing.assert_allclose(read_predictions(fixed).values, expected, rtol=0, atol=1e-12)

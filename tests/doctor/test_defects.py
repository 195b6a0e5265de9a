"""Each defect that is added to a healthy file is found, alone, and repaired to the original."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare import doctor
from cxrcompare.predictions import read_predictions


def codes(path, reference):
    return [problem.code for problem in doctor.examine(path, reference)]


def logit(values):
    return np.log(values / (1 - values))


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
def test_a_defect_of_the_scores_is_found_and_repaired(cohort, defect):
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


def test_only_the_named_repairs_are_applied(cohort):
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


def test_a_repair_of_rows_of_an_inverted_file_is_not_invented(cohort):
    """Any order of rows is better than inverted scores, but not better than chance."""
    path = cohort.write(scores=1 - cohort.scores)
    assert codes(path, cohort.reference()) == ["inverted"]


@pytest.mark.parametrize("mistake", ["the reference's order", "sorted", "sorted by number"])
def test_scores_in_the_order_of_another_list(make_cohort, mistake):
    cohort = make_cohort()
    cohort.ids = [f"{n}.png" for n in range(len(cohort.ids))]
    order = np.random.default_rng(1).permutation(len(cohort.ids))
    ids, names = cohort.ids, [cohort.ids[row] for row in order]
    if mistake == "the reference's order":
        reference = cohort.reference(order=order)
        path = cohort.write(scores=cohort.scores[order])
    else:
        reference = cohort.reference(order=order)
        positions = sorted(range(len(ids)), key=ids.__getitem__)
        true = cohort.scores[positions if mistake == "sorted" else np.arange(len(ids))]
        path = cohort.write(ids=names, scores=true)
    (problem,) = doctor.examine(path, reference)
    assert problem.code == "rows"
    assert problem.confirm
    words = {"sorted": "ids sorted as text", "sorted by number": "ids sorted by number"}
    assert words.get(mistake, "order is that of the reference") in problem.message
    doctor.repair(path, reference, ["rows"], cohort.folder / "fixed.csv")
    fixed = pd.read_csv(cohort.folder / "fixed.csv").set_index("image_id").loc[ids]
    np.testing.assert_allclose(fixed.to_numpy(), cohort.scores, rtol=0, atol=1e-12)


def test_rows_shifted_within_the_images_of_patients_are_found(make_cohort):
    """With ten images per patient, a shift by one leaves nine tenths with their patient."""
    cohort = make_cohort(units=3000, per_patient=10)
    labels = np.repeat(cohort.labels[::10], 10, axis=0)
    logits = logit(cohort.scores) + 2.25 * (labels - cohort.labels)
    flip = np.random.default_rng(2).random(labels.shape) < 0.1
    labels, logits = np.where(flip, 1 - labels, labels), np.where(flip, -logits, logits)
    path = cohort.write(scores=np.roll(1 / (1 + np.exp(-logits)), 1, axis=0))
    assert codes(path, cohort.reference(labels=labels)) == ["rows"]


def test_shuffled_rows_are_reported_without_a_repair(cohort):
    shuffled = np.random.default_rng(5).permutation(cohort.scores)
    (problem,) = doctor.examine(cohort.write(scores=shuffled), cohort.reference())
    assert (problem.code, problem.repair) == ("shuffled", "")
    assert "shuffles" in problem.advice


def test_noise_whose_means_fit_no_prevalence_is_not_called_shuffled(cohort):
    noise = np.random.default_rng(5).random(cohort.scores.shape)
    assert codes(cohort.write(scores=noise), cohort.reference()) == []


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda p: p.round(2), "rounded to 2 decimals"),
        (lambda p: (p > 0.2).astype(float), "decisions"),
        (lambda p: p.astype(np.float16).astype(float), "half precision"),
        (lambda p: 1 / (1 + np.exp(-logit(p).astype(np.float16).astype(float))), "half precision"),
    ],
)
def test_rounded_scores(cohort, damage, words):
    (problem,) = doctor.examine(cohort.write(scores=damage(cohort.scores)), cohort.reference())
    assert problem.code == "rounded"
    assert words in problem.message
    assert (
        "6 of 6 findings" in problem.evidence[0] or "findings are above 1%" in problem.evidence[0]
    )


def test_two_equal_scores_are_not_rounding(cohort):
    scores = cohort.scores.copy()
    scores[1] = scores[0]
    assert codes(cohort.write(scores=scores), cohort.reference()) == []


def test_constant_columns(cohort):
    scores = cohort.scores.copy()
    scores[:, 2] = 0.25
    (problem,) = doctor.examine(cohort.write(scores=scores), cohort.reference())
    assert problem.code == "constant"
    assert problem.evidence == ("Consolidation 0.25.",)


def test_the_prevalences_as_constants_are_not_shuffled_rows(cohort):
    scores = np.tile(cohort.labels.mean(axis=0), (len(cohort.labels), 1))
    assert codes(cohort.write(scores=scores), cohort.reference()) == ["constant"]


def test_control_characters_of_a_header_do_not_reach_the_terminal(cohort):
    path = cohort.write()
    path.write_text(path.read_text().replace("Pneumothorax", "Pneu\x1b[2Jmothorax"))
    reference = cohort.reference()
    text = doctor.page(path, reference, doctor.examine(path, reference))
    assert "unknown_findings" in text
    assert "\x1b" not in text


def test_a_softmax_over_findings(cohort):
    odds = np.exp(logit(cohort.scores))
    softmax = odds / odds.sum(axis=1, keepdims=True)
    assert codes(cohort.write(scores=softmax), cohort.reference()) == ["softmax"]


def test_scores_of_another_range_have_no_repair(cohort):
    (problem,) = doctor.examine(cohort.write(scores=255 * cohort.scores), cohort.reference())
    assert (problem.code, problem.repair) == ("scores", "")
    assert "--scores" in problem.advice


@pytest.mark.parametrize(("factor", "code"), [(1e308, "scores"), (-1e308, "logits")])
def test_scores_whose_sum_overflows(cohort, factor, code):
    assert code in codes(cohort.write(scores=factor * cohort.scores), cohort.reference())


def test_high_probabilities_are_not_a_second_sigmoid(make_cohort):
    """All scores within [0.5, 0.7311] are; scores of a narrow range elsewhere are not."""
    cohort = make_cohort()
    narrow = 0.45 + 0.2 * cohort.scores
    assert codes(cohort.write(scores=narrow), cohort.reference()) == []


def test_uncertain_labels_of_the_reference(cohort):
    labels = cohort.labels.copy()
    labels[:7, 0], labels[:2, 3] = -1, -1
    (problem,) = doctor.examine(cohort.write(), cohort.reference(labels=labels))
    assert problem.code == "label_states"
    assert problem.evidence == ("9 cells of 3600: Atelectasis 7, Edema 2.",)


def test_names_of_findings(cohort):
    path = cohort.write()
    path.write_text(path.read_text().replace("Pneumothorax", "Pneumotorax"))
    problems = doctor.examine(path, cohort.reference())
    assert [problem.code for problem in problems] == ["unknown_findings", "findings_differ"]
    assert "close to 'Pneumothorax'" in problems[0].evidence[0]
    assert [problem.note for problem in problems] == [False, True]


def test_files_without_a_common_finding(cohort):
    path = cohort.write()
    renamed = ("Hernia", "Mass", "Nodule", "Fibrosis", "Emphysema", "Infiltration")
    rows = path.read_text().split("\n")
    path.write_text("\n".join([",".join(["image_id", *renamed]), *rows[1:]]))
    assert codes(path, cohort.reference()) == ["no_findings"]


def test_the_direction_of_one_column_is_that_of_mann_and_whitney(cohort):
    from scipy import stats

    path = cohort.write(scores=inverted(cohort.scores, 3))
    (problem,) = doctor.examine(path, cohort.reference())
    positive = cohort.labels[:, 3] == 1
    score = 1 - cohort.scores[:, 3]
    statistic = stats.mannwhitneyu(score[positive], score[~positive]).statistic
    area = statistic / positive.sum() / (~positive).sum()
    assert f"Edema: AUROC {area:.3f}, inverted {1 - area:.3f};" in problem.evidence[0]

"""Validation with reversed labels or foreign scores is said, and chance differences are not."""

import numpy as np
import pytest
from scipy import special

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.suspicions import validation_labels
from cxrcompare.predictions import Aligned


def drawn(rng, units, findings=3, skill=(1.5, 1.5), prevalence=0.3):
    """Returns labels (N, F) and scores of one run per skill, (M, N, F)."""
    labels = (rng.random((units, findings)) < prevalence).astype(float)
    noise = rng.normal(size=(len(skill), units, findings))
    return labels, special.expit(noise + np.array(skill)[:, None, None] * labels - 1)


@pytest.fixture
def checked(make_panel):
    """Returns a function that gives the notes of a test set and a validation set."""

    def check(test, valid, patients=None):
        labels, scores = test
        panel = make_panel(labels, {f"m{m}": one for m, one in enumerate(scores)})
        ids = np.arange(len(valid[0])).astype(str) if patients is None else patients
        aligned = Aligned(
            "study",
            np.arange(len(valid[0])).astype(str),
            np.arange(len(valid[0])).astype(str),
            ids,
            panel.findings,
            valid[0],
            tuple((f"m{m}", "") for m in range(len(scores))),
            valid[1],
            None,
            (),
        )
        auroc = np.array(
            [[area(y, s) for y, s in zip(labels.T, run.T, strict=True)] for run in scores]
        )
        return validation_labels.check(panel, aligned, auroc)

    return check


def area(label, score):
    """Returns the AUROC by its definition: the share of ordered pairs."""
    positive, negative = score[label == 1], score[label == 0]
    return float(np.mean(positive[:, None] > negative[None]))


def test_clean_validation_says_nothing(checked):
    rng = np.random.default_rng(0)
    assert checked(drawn(rng, 300), drawn(rng, 200)) == []


def test_reversed_labels_of_all_findings_and_of_one(checked):
    rng = np.random.default_rng(1)
    test, (labels, scores) = drawn(rng, 300), drawn(rng, 200)
    notes = checked(test, (1 - labels, scores))
    assert [(note.code, note.model) for note in notes] == [
        ("validation_below_chance", "m0"),
        ("validation_below_chance", "m1"),
    ]
    assert all("and 2 more findings like this" in note.message for note in notes)
    labels[:, 1] = 1 - labels[:, 1]
    notes = checked(test, (labels, scores))
    assert [(note.code, note.finding) for note in notes] == [
        ("validation_below_chance", "Edema")
    ] * 2
    value = area(labels[:, 1], scores[0, :, 1])
    assert f"AUROC {value:.3f}, " in notes[0].message


def test_shuffled_rows_of_one_run(checked):
    rng = np.random.default_rng(2)
    test, (labels, scores) = drawn(rng, 400), drawn(rng, 400)
    scores[1] = rng.permutation(scores[1])
    (note,) = checked(test, (labels, scores))
    assert (note.code, note.model) == ("validation_far_below", "m1")
    assert "validation predictions are of this model" in note.message


def test_a_worse_validation_within_a_tenth_says_nothing(checked):
    rng = np.random.default_rng(3)
    assert checked(drawn(rng, 3000, skill=(1.5,)), drawn(rng, 3000, skill=(1.25,))) == []


def test_findings_with_few_patients_are_left_out(checked):
    rng = np.random.default_rng(4)
    test, (labels, scores) = drawn(rng, 300), drawn(rng, 200)
    assert checked(test, (1 - labels, scores), np.array(["p1", "p2"] * 100)) == []
    labels[:] = 0
    labels[:9] = 1
    assert checked(test, (labels, -scores)) == []


def test_models_without_skill_are_reported_in_at_most_five_percent_of_sets(checked):
    rng = np.random.default_rng(5)
    skill, fired = (0.0,) * 5, 0
    for _ in range(60):
        fired += bool(checked(drawn(rng, 100, skill=skill), drawn(rng, 60, skill=skill)))
    assert fired <= 7  # 60 sets at 5 %: more than 7 has a probability of 1.4 %


def test_compare_warns_of_reversed_labels(make_bench, rows):
    bench = make_bench(studies=200)
    test = [bench.model(name, 0.5) for name in "ab"]
    valid = [bench.model(name, 0.5, "valid") for name in "ab"]
    standard = bench.standard()
    reversed_labels = bench.standard("valid", 1 - bench.labels["valid"])
    found = compare(
        test,
        standard,
        validation=valid,
        validation_reference=reversed_labels,
        options=Options(replicates=100),
    )
    assert rows(found.warnings, code="validation_below_chance")["model"].tolist() == ["a", "b"]

"""Validation files of two models that were exchanged, or of another model, are said."""

import numpy as np
import pytest
from scipy import special, stats

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.suspicions import validation_files
from cxrcompare.predictions import Aligned

SHIFTS = {"low": -2.0, "middle": 0.0, "high": 2.0}


def scores(rng, units, shifts, findings=2):
    noise = rng.normal(size=(len(shifts), units, findings))
    return special.expit(noise + np.array(shifts)[:, None, None])


@pytest.fixture
def checked(make_panel):
    """Returns a function that gives the notes of scores of the test set and of validation."""

    def check(test, valid):
        labels = np.zeros(test.shape[1:])
        panel = make_panel(labels, dict(zip(SHIFTS, test, strict=False)))
        ids = np.arange(valid.shape[1]).astype(str)
        runs = tuple((run.model, run.seed) for run in panel.runs)
        held_out = np.zeros(valid.shape[1:])
        aligned = Aligned("study", ids, ids, ids, panel.findings, held_out, runs, valid, None, ())
        return validation_files.check(panel, aligned)

    return check


def test_files_in_order_and_a_common_shift_of_all_runs_say_nothing(checked):
    rng = np.random.default_rng(0)
    test = scores(rng, 300, [*SHIFTS.values()])
    assert checked(test, scores(rng, 200, [*SHIFTS.values()])) == []
    assert checked(test, scores(rng, 200, [one + 1 for one in SHIFTS.values()])) == []


def test_exchanged_files_are_named_once(checked):
    rng = np.random.default_rng(1)
    test, valid = (scores(rng, units, [*SHIFTS.values()]) for units in (300, 200))
    (note,) = checked(test, valid[[2, 1, 0]])
    assert (note.code, note.model) == ("validation_exchanged", "low")
    assert "test scores of high" in note.message
    (note,) = checked(test[:2], valid[[1, 0]])
    assert (note.code, note.model) == ("validation_exchanged", "low")


def test_one_file_of_another_checkpoint(checked):
    rng = np.random.default_rng(2)
    test, valid = (scores(rng, units, [*SHIFTS.values()]) for units in (300, 300))
    valid[1] = special.expit(special.logit(valid[1]) - 1)
    (note,) = checked(test, valid)
    assert (note.code, note.model) == ("validation_of_other_model", "middle")
    assert checked(test[:2], valid[:2]) == []  # with two runs, either may be right


def test_models_with_equal_scores_cannot_be_told_and_small_sets_are_no_evidence(checked):
    rng = np.random.default_rng(3)
    assert checked(scores(rng, 300, [0, 0, 0]), scores(rng, 200, [0, 0, 0])) == []
    for _ in range(30):
        assert checked(scores(rng, 20, [0, 0.5, 1]), scores(rng, 12, [0, 0.5, 1])) == []


def test_the_distance_is_that_of_kolmogorov_and_smirnov():
    rng = np.random.default_rng(4)
    test, valid = scores(rng, 2000, [0, 1]), scores(rng, 2000, [0.3, 2])
    found = validation_files._distances(test, valid)
    expected = [
        [
            np.mean([stats.ks_2samp(v, t).statistic for v, t in zip(a.T, b.T, strict=True)])
            for b in test
        ]
        for a in valid
    ]
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_compare_warns_of_exchanged_files(make_bench, row):
    bench = make_bench(studies=200)
    paths = {}
    for split in ("test", "valid"):
        for name, shift in (("a", -1.5), ("b", 1.5)):
            given = special.expit(bench.signal[split] + shift)
            other = {"a": "b", "b": "a"}[name] if split == "valid" else name
            paths[split, other] = bench.table(other, given, split)
    standard, held_out = bench.references()
    found = compare(
        [paths["test", "a"], paths["test", "b"]],
        standard,
        validation=[paths["valid", "a"], paths["valid", "b"]],
        validation_reference=held_out,
        options=Options(replicates=100),
    )
    assert row(found.warnings, code="validation_exchanged")["model"] == "a"

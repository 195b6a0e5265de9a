"""Scores of another scale, rounded scores and constant columns."""

import numpy as np
import pytest
from scipy.special import logit

from cxrcompare import doctor
from cxrcompare.doctor.values import decimals, kind, probabilities, tied


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


def test_two_equal_scores_are_not_rounding(codes, cohort):
    scores = cohort.scores.copy()
    scores[1] = scores[0]
    assert codes(cohort.write(scores=scores), cohort.reference()) == []


def test_constant_columns(cohort):
    scores = cohort.scores.copy()
    scores[:, 2] = 0.25
    (problem,) = doctor.examine(cohort.write(scores=scores), cohort.reference())
    assert problem.code == "constant"
    assert problem.evidence == ("Consolidation 0.25.",)


def test_a_softmax_over_findings(codes, cohort):
    odds = np.exp(logit(cohort.scores))
    softmax = odds / odds.sum(axis=1, keepdims=True)
    assert codes(cohort.write(scores=softmax), cohort.reference()) == ["softmax"]


def test_scores_of_another_range_have_no_repair(cohort):
    (problem,) = doctor.examine(cohort.write(scores=255 * cohort.scores), cohort.reference())
    assert (problem.code, problem.repair) == ("scores", "")
    assert "--scores" in problem.advice


@pytest.mark.parametrize(("factor", "code"), [(1e308, "scores"), (-1e308, "logits")])
def test_scores_whose_sum_overflows(codes, cohort, factor, code):
    assert code in codes(cohort.write(scores=factor * cohort.scores), cohort.reference())


def test_high_probabilities_are_not_a_second_sigmoid(codes, make_cohort):
    """All scores within [0.5, 0.7311] are; scores of a narrow range elsewhere are not."""
    cohort = make_cohort()
    narrow = 0.45 + 0.2 * cohort.scores
    assert codes(cohort.write(scores=narrow), cohort.reference()) == []


@pytest.mark.parametrize(
    ("scores", "expected", "changed"),
    [
        ([0.0, 0.4, 1.0], "probabilities", [0, 0.4, 1]),
        ([-1e-4, 0.4, 1.0], "clip", [0, 0.4, 1]),
        ([-2.0, 0.0, 2.0], "logits", [0.1192, 0.5, 0.8808]),
        ([0.0, 50.0, 100.0], "percent", [0, 0.5, 1]),
        # the sigmoid of 0, 1/2 and 1
        ([0.5, 0.62245933, 0.73105858], "sigmoid", [0, 0.5, 1]),
        ([0.0, 0.5, 1.5], "scores", None),
        ([0.0, 0.5, 255.0], "scores", None),
    ],
)
def test_kinds_by_hand(scores, expected, changed):
    values = np.array(scores)[:, None]
    assert kind(values) == expected
    found = probabilities(values)
    if changed is None:
        assert found is None
    else:
        np.testing.assert_allclose(found[:, 0], changed, atol=1e-4)


@pytest.mark.parametrize(
    ("scores", "places"), [([1, 0], 0), ([0.5, 0.25], 2), ([0.12345678], 8), ([1 / 3], None)]
)
def test_decimals_by_hand(scores, places):
    assert decimals(np.array(scores, dtype=float)) == places


def test_shares_of_tied_rows_by_hand():
    # two of four rows share .1; no row shares a score; a constant column is another problem
    values = np.array([[0.1, 0.1, 0.5], [0.1, 0.2, 0.5], [0.2, 0.3, 0.5], [0.3, 0.4, 0.5]])
    assert tied(values).tolist() == [0.5, 0, 0]

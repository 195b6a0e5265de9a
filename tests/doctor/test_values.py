"""Scores of another scale, rounded scores and constant columns."""

import numpy as np
import pytest
from scipy.special import logit

from cxrcompare import doctor


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

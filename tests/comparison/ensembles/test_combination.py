"""Mean of probabilities, logits and ranks."""

import numpy as np
import pytest
from scipy import special, stats

from cxrcompare.comparison.ensembles.combination import combine


def test_mean_of_probabilities_and_logits_by_hand():
    scores = np.array([[[0.2], [0.5]], [[0.8], [0.9]]])
    assert combine(scores, "probabilities", scores)[:, 0] == pytest.approx([0.5, 0.7])
    # logit(0.2) + logit(0.8) = 0; logit(0.5) = 0, logit(0.9) = log 9, and expit(log 3) = 3 / 4
    assert combine(scores, "logits", scores)[:, 0] == pytest.approx([0.5, 0.75])


def test_logits_of_0_and_1_are_finite():
    scores = np.array([[[0.0], [1.0]], [[1.0], [1.0]]])
    found = combine(scores, "logits", scores)[:, 0]
    assert found[0] == pytest.approx(0.5)
    assert found[1] == pytest.approx(1 / (1 + np.exp(-27.6)))


def test_ranks_are_mid_ranks_of_the_known_units():
    scores = np.array([[[5.0], [1.0], [9.0]]])
    known = np.array([[[1.0], [5.0], [5.0], [7.0]]])
    # 5: one lower and two ties of four; 1: one tie; 9: all four are lower
    assert combine(scores, "ranks", known)[:, 0] == pytest.approx([0.5, 0.125, 1.0])


def test_ranks_do_not_depend_on_the_scale_of_a_member():
    rng = np.random.default_rng(0)
    scores = rng.random((3, 50, 2))
    warped = scores.copy()
    warped[1] = np.exp(7 * warped[1])
    assert combine(warped, "ranks", warped) == pytest.approx(combine(scores, "ranks", scores))
    slow = [
        [stats.percentileofscore(one[:, f], one[:, f], "mean") / 100 for f in range(2)]
        for one in scores
    ]
    assert combine(scores, "ranks", scores) == pytest.approx(np.mean(slow, axis=0).T)


def test_an_unknown_rule_is_refused():
    with pytest.raises(ValueError, match="rule"):
        combine(np.zeros((1, 1, 1)), "votes", np.zeros((1, 1, 1)))


def test_the_mean_logit_is_the_geometric_mean_of_odds():
    scores = np.random.default_rng(1).uniform(0.05, 0.95, (4, 10, 3))
    odds = np.prod(scores / (1 - scores), axis=0) ** 0.25
    assert combine(scores, "logits", scores) == pytest.approx(odds / (1 + odds))
    assert special.logit(combine(scores, "logits", scores)) == pytest.approx(np.log(odds))

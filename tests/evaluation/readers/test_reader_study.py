from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

from cxrcompare.evaluation import curves
from cxrcompare.evaluation.readers import reader_study


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


class TestBelowCurve:
    CURVE = (curves.roc(np.array([1.0, 0, 1, 0, 0]), np.array([0.9, 0.8, 0.8, 0.3, 0.1])),)

    @pytest.mark.parametrize(
        ("sensitivity", "specificity", "expected"),
        [
            (0.7, 5 / 6, 1),  # the curve is .75 at 1/6
            (0.75, 5 / 6, 0),  # on the curve is not below it
            (0.8, 5 / 6, 0),
            (0.5, 1.0, 0),  # the top of the first step
            (0.4, 1.0, 1),
            (0.99, 0.2, 1),
            (1.0, 0.0, 0),
            (np.nan, 0.5, np.nan),
        ],
    )
    def test_by_hand(self, sensitivity, specificity, expected):
        found = reader_study.below_curve(self.CURVE, sensitivity, specificity)
        np.testing.assert_array_equal(found, expected)

    def test_takes_many_readers(self):
        found = reader_study.below_curve(self.CURVE, np.array([0.7, 0.8]), np.array([5 / 6, 5 / 6]))
        assert found.tolist() == [1, 0]

    def test_without_a_curve_is_nan(self):
        curve = curves.roc(np.ones(3), np.arange(3.0))
        assert np.isnan(reader_study.below_curve([curve], 0.5, 0.5))

    def test_seeds_are_averaged(self):
        # Curves at 1/6: .75, as above, and 1/6, the diagonal; their mean is 11 / 24 = .458.
        chance = curves.roc(np.array([1.0, 0]), np.zeros(2))
        both = [*self.CURVE, chance]
        assert reader_study.below_curve(both, 0.45, 5 / 6) == 1
        assert reader_study.below_curve(both, 0.46, 5 / 6) == 0


class TestCohen:
    def test_by_hand(self):
        # 20 both yes, 5 and 10 one yes, 15 both no: agreement .7, chance .5 * .6 + .5 * .4 = .5.
        first = np.repeat([1.0, 1, 0, 0], [20, 5, 10, 15])
        second = np.repeat([1.0, 0, 1, 0], [20, 5, 10, 15])
        assert reader_study.cohen(first, second) == pytest.approx(0.4, abs=1e-15)

    def test_equals_scikit_learn(self):
        first, second = rng().integers(0, 2, (2, 60)).astype(float)
        weights = rng(1).integers(0, 4, (5, 60))
        assert reader_study.cohen(first, second) == pytest.approx(cohen_kappa_score(first, second))
        expected = [cohen_kappa_score(first, second, sample_weight=w) for w in weights]
        np.testing.assert_allclose(reader_study.cohen(first, second, weights), expected, atol=1e-12)

    def test_leaves_out_what_a_reader_left_out(self):
        first, second = np.array([1.0, 0, 1, np.nan]), np.array([1.0, 1, np.nan, 0])
        assert reader_study.cohen(first, second) == reader_study.cohen(first[:2], second[:2])

    def test_of_one_answer_throughout_is_nan(self):
        assert np.isnan(reader_study.cohen(np.ones(5), np.ones(5)))

    def test_of_the_same_answers_is_1_and_of_opposite_ones_is_negative(self):
        answers = np.array([1.0, 0, 0, 1])
        assert reader_study.cohen(answers, answers) == 1
        assert reader_study.cohen(answers, 1 - answers) == -1


class TestFleiss:
    def test_by_hand(self):
        # Of 3 readers 3, 0, 2, 1 say yes: agreeing pairs 3/3, 3/3, 1/3, 1/3, mean 2/3; half of all
        # answers are yes, chance 1/2: (2/3 - 1/2) / (1/2) = 1/3.
        ratings = np.array([[1.0, 0, 1, 1], [1, 0, 1, 0], [1, 0, 0, 0]])
        assert reader_study.fleiss(ratings) == pytest.approx(1 / 3, abs=1e-15)

    def test_equals_statsmodels(self):
        ratings = (rng().random((5, 80)) < rng(1).random(80)).astype(float)
        table, _ = aggregate_raters(ratings.T.astype(int))
        assert reader_study.fleiss(ratings) == pytest.approx(fleiss_kappa(table), abs=1e-12)

    def test_weights_are_repeated_units(self):
        ratings = (rng().random((3, 30)) < 0.4).astype(float)
        weights = rng(1).integers(0, 4, (6, 30))
        expected = [reader_study.fleiss(np.repeat(ratings, w, axis=1)) for w in weights]
        np.testing.assert_allclose(reader_study.fleiss(ratings, weights), expected, atol=1e-12)

    def test_leaves_out_units_that_a_reader_left_out(self):
        ratings = np.array([[1.0, 0, 1, 0], [1, 0, 0, np.nan], [0, 0, 1, 1]])
        assert reader_study.fleiss(ratings) == reader_study.fleiss(ratings[:, :3])

    def test_of_one_answer_throughout_is_nan(self):
        assert np.isnan(reader_study.fleiss(np.zeros((3, 5))))

    def test_of_complete_agreement_is_1(self):
        assert reader_study.fleiss(np.tile([1.0, 0, 1], (4, 1))) == 1


class TestMajority:
    def test_by_hand(self):
        ratings = np.array(
            [[1.0, 1, 0, np.nan, 1], [1, 0, 0, np.nan, np.nan], [0, np.nan, 0, np.nan, 1]]
        )
        np.testing.assert_array_equal(
            reader_study.majority(ratings[:, :, None])[:, 0], [1, np.nan, 0, np.nan, 1]
        )

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrcompare.evaluation import curves
from cxrcompare.evaluation.thresholds import operating

# Descending: .9 (1), .8 (0), .7 (1), .6 (1), .5 (0), .4 (0).
LABELS = np.array([1.0, 0, 1, 1, 0, 0])
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])


def rates(labels: np.ndarray, scores: np.ndarray, threshold: float) -> Any:
    called = scores >= threshold
    return called[labels == 1].mean(), 1 - called[labels == 0].mean()


def test_youden_by_hand():
    # J at .9: 1/3; .8: 0; .7: 1/3; .6: 1 - 1/3 = 2/3, the highest.
    point = operating.youden(LABELS, SCORES)
    assert point.threshold == 0.6
    assert (point.sensitivity, point.specificity) == (1, pytest.approx(2 / 3))
    assert point.precision == pytest.approx(3 / 4)


def test_youden_of_equals_takes_the_highest_threshold():
    # J at .9: 1/2 (one of two positives, no negative); at .7: 1 - 1/2 = 1/2.
    point = operating.youden(np.array([1.0, 0, 1, 0]), np.array([0.9, 0.8, 0.7, 0.6]))
    assert point.threshold == 0.9


@pytest.mark.parametrize(
    ("target", "threshold"),
    [(0.3, 0.9), (1 / 3, 0.9), (0.5, 0.7), (2 / 3, 0.7), (0.67, 0.6), (1, 0.6)],
)
def test_fixed_sensitivity_takes_the_highest_threshold_that_reaches_it(target, threshold):
    assert operating.fixed_sensitivity(LABELS, SCORES, target).threshold == threshold


@pytest.mark.parametrize(
    ("target", "threshold"), [(1, 0.9), (0.9, 0.9), (2 / 3, 0.6), (0.5, 0.6), (1 / 3, 0.6)]
)
def test_fixed_specificity_takes_the_highest_sensitivity_that_keeps_it(target, threshold):
    # At 1/3: .6 and .5 both have sensitivity 1; of equals the highest threshold.
    assert operating.fixed_specificity(LABELS, SCORES, target).threshold == threshold


def test_nothing_is_called_where_only_that_keeps_the_specificity():
    point = operating.fixed_specificity(np.array([0.0, 1]), np.array([0.9, 0.1]), 1)
    assert point.threshold == np.nextafter(0.9, 1)
    assert (point.sensitivity, point.specificity) == (0, 1)
    assert np.isnan(point.precision)


def test_max_f1_by_hand():
    # F1 at .9: 2/4; .8: 2/5; .7: 4/6; .6: 6/7.
    point = operating.max_f1(LABELS, SCORES)
    assert point.threshold == 0.6
    assert point.precision == pytest.approx(3 / 4)


tables = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=2, max_size=30).filter(
    lambda rows: 0 < sum(y for y, _ in rows) < len(rows)
)


@settings(max_examples=100, deadline=None)
@given(tables, st.sampled_from([0.25, 0.5, 0.8, 0.9, 1.0]))
def test_rules_equal_a_search_over_all_thresholds(rows, target):
    labels, scores = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    thresholds = sorted({*scores, np.nextafter(scores.max(), np.inf)}, reverse=True)
    both = {t: rates(labels, scores, t) for t in thresholds}

    def f1(t: float) -> float:
        called = scores >= t
        tp = (called & (labels == 1)).sum()
        return 2 * tp / (called.sum() + (labels == 1).sum())

    best = max(round(se + sp, 9) for se, sp in both.values())
    assert operating.youden(labels, scores).threshold == next(
        t for t, (se, sp) in both.items() if round(se + sp, 9) == best
    )
    assert operating.fixed_sensitivity(labels, scores, target).threshold == next(
        t for t, (se, _) in both.items() if se >= target - 1e-9
    )
    kept = {t: se for t, (se, sp) in both.items() if sp >= target - 1e-9}
    assert operating.fixed_specificity(labels, scores, target).threshold == next(
        t for t, se in kept.items() if se == max(kept.values())
    )
    assert f1(operating.max_f1(labels, scores).threshold) == max(f1(t) for t in thresholds)


@pytest.mark.parametrize("rule", operating.RULES)
class TestEveryRule:
    def test_says_what_it_does_on_the_data(self, rule, problem):
        one = problem(findings=1, models=1)
        labels, scores = one.labels[:, 0], one.scores[0, :, 0]
        point = operating.choose(labels, scores, rule, 0.8)
        known = ~np.isnan(labels)
        expected = rates(labels[known], scores[known], point.threshold)
        assert (point.sensitivity, point.specificity) == pytest.approx(expected)

    def test_lies_on_the_roc_curve(self, rule, problem):
        one = problem(findings=1, models=1)
        labels, scores = one.labels[:, 0], one.scores[0, :, 0]
        point = operating.choose(labels, scores, rule, 0.8)
        curve = curves.roc(labels, scores)
        gap = np.abs(curve.fpr - (1 - point.specificity)) + np.abs(curve.tpr - point.sensitivity)
        assert gap.min() < 1e-12

    def test_does_not_depend_on_the_order_of_rows(self, rule, problem):
        one = problem(findings=1, models=1)
        labels, scores = one.labels[:, 0], one.scores[0, :, 0]
        order = one.rng.permutation(len(labels))
        assert operating.choose(labels, scores, rule) == operating.choose(
            labels[order], scores[order], rule
        )

    @pytest.mark.parametrize("label", [0.0, 1.0, np.nan])
    def test_needs_both_classes(self, rule, label):
        point = operating.choose(np.full(3, label), np.arange(3.0), rule)
        assert np.isnan(list(vars(point).values())).all()

    def test_works_with_no_units(self, rule):
        assert np.isnan(operating.choose(np.zeros(0), np.zeros(0), rule).threshold)


def test_an_unknown_rule_is_named():
    with pytest.raises(ValueError, match="youden"):
        operating.choose(LABELS, SCORES, "best")


@pytest.mark.parametrize("target", [0, -0.1, 1.1])
@pytest.mark.parametrize("rule", ["sensitivity", "specificity"])
def test_a_target_is_in_0_to_1(rule, target):
    with pytest.raises(ValueError, match="target"):
        operating.choose(LABELS, SCORES, rule, target)


def test_net_benefit_weighs_a_miss_against_false_positives():
    labels = np.array([1, 0, 0, 1, 0, 0, 0, 0, 0, 1.0])
    scores = np.arange(10, 0, -1.0)
    # net benefit times 10 at 0.25 (weight 1/3): 1 at score 10; 2 - 2/3 at 7; 3 - 7/3 at 1
    assert operating.choose(labels, scores, "net_benefit", 0.25).threshold == 7
    # a false positive weighs 1/9: 3 - 7/9 is best
    assert operating.choose(labels, scores, "net_benefit", 0.1).threshold == 1
    # at 0.75 a false positive weighs 3: only the first
    assert operating.choose(labels, scores, "net_benefit", 0.75).threshold == 10

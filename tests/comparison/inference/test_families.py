"""Families of tests: the error rate of all verdicts together."""

from typing import NamedTuple

import numpy as np
import pytest
from scipy import stats

from cxrcompare.comparison.inference.families import (
    FamilyTests,
    adjust_both,
    adjust_family,
    adjust_rows,
    factors,
)


def family_of(p_values, equivalence=None, eligible=(True, True)):
    p = np.atleast_2d(p_values).astype(float)
    other = np.full_like(p, np.nan) if equivalence is None else np.atleast_2d(equivalence)
    return FamilyTests(p, other.astype(float), np.array(eligible))


def test_half_of_the_error_rate_is_for_the_mean():
    # two pairs; entries: two findings, their mean, all pooled
    tests = family_of([[0.1, 0.2, 0.3, 0.4], [0.001, 0.002, 0.003, 0.004]])
    assert factors([tests])[0].tolist() == [[12, 12, 4, 12]] * 2
    [found] = adjust_family([tests], "bonferroni", 0.95)
    assert found.p_value[1] == pytest.approx([0.012, 0.024, 0.012, 0.048])
    single = 1 - 0.05 / 12
    assert found.simultaneous_level[0] == pytest.approx([single, single, 0.9875, single])


def test_tests_that_are_not_made_are_not_counted():
    tests = family_of([[np.nan, 0.2, 0.3, np.nan], [np.nan, 0.002, np.nan, np.nan]])
    assert factors([tests])[0].tolist() == [[4, 4, 2, 4]] * 2
    only_mean = family_of([[np.nan, np.nan, 0.3, np.nan]])
    assert factors([only_mean])[0][0, 2] == 1


def test_the_mean_over_one_finding_is_that_finding():
    # one finding in all: the mean and all pooled are the same hypothesis
    alone = family_of([[0.01, 0.01, 0.01]] * 3, eligible=(True,))
    assert (factors([alone])[0] == 3).all()
    for correction in ("bonferroni", "holm", "fdr"):
        [found] = adjust_family([alone], correction, 0.95)
        assert (found.p_value == found.p_value[:, :1]).all()
        assert found.p_value[0, 0] == pytest.approx(0.01 if correction == "fdr" else 0.03)
    # one eligible finding of two: it shares the half of the mean, and is counted once
    one = family_of([[0.01, np.nan, 0.01, 0.2]], eligible=(True, False))
    assert factors([one])[0].tolist() == [[2, 2, 2, 2]]
    [found] = adjust_family([one], "holm", 0.95)
    assert found.p_value[0] == pytest.approx([0.02, np.nan, 0.02, 0.4], nan_ok=True)


def test_subgroups_and_metrics_can_share_a_family():
    first, second = family_of([[0.01, 0.02, 0.03, 0.04]]), family_of([[0.5, np.nan, 0.5, 0.5]])
    found = adjust_family([first, second], "bonferroni", 0.95)
    assert found[0].p_value[0] == pytest.approx([0.1, 0.2, 0.12, 0.4])
    assert found[1].p_value[0] == pytest.approx([1, np.nan, 1, 1], nan_ok=True)


@pytest.mark.parametrize("correction", ["bonferroni", "holm"])
@pytest.mark.parametrize("truth", ["equal", "at the margin", "half of the pairs at the margin"])
def test_simulated_error_of_differences_and_equivalences_together(correction, truth):
    """Six pairs, three findings, independent normal estimates: at most 5 % have a false verdict.

    The worst case for a family: margin 3.5 standard errors, all pairs equal, or at the margin.
    Standard error of the rate: 0.7 points.
    """
    rng = np.random.default_rng(3)
    margin, pairs, sets, false = 3.5, 6, 1000, 0
    away = {"equal": 0, "at the margin": pairs}.get(truth, pairs // 2)
    true = np.zeros((pairs, 5))
    true[:away] = margin
    for _ in range(sets):
        z = true + rng.normal(size=true.shape)
        p = 2 * stats.norm.sf(abs(z))
        equal = np.maximum(stats.norm.sf(margin - z), stats.norm.sf(margin + z))
        [found] = adjust_family([family_of(p, equal, (True,) * 3)], correction, 0.95)
        different = found.p_value < 0.05
        equivalent = ~different & (found.p_equivalence < 0.05)
        wrong = np.where(true == 0, different, equivalent | (different & (z < 0)))
        false += wrong.any()
    assert false / sets < 0.05 + 2.5 * 0.007


def test_rows_of_a_table_share_the_error_rate_in_halves():
    families = ["x"] * 4 + ["y"] * 2
    findings = ["mean", "Edema", "Mass", "Mass", "mean", "Edema"]
    p_values = np.array([0.01, 0.01, 0.02, np.nan, 0.03, 0.03])
    adjusted = adjust_rows(families, findings, p_values, "bonferroni")
    # x: 2 * 0.01 for the mean, 2 * 2 tests for the findings; y: the mean is its only finding
    assert adjusted[:3] == pytest.approx([0.02, 0.04, 0.08])
    assert np.isnan(adjusted[3])
    assert adjusted[4:] == pytest.approx([0.03, 0.03])
    assert adjust_rows(families, findings, p_values, "fdr")[0] == pytest.approx(0.01)


class Row(NamedTuple):
    finding: str
    p_value: float
    p_equivalence: float


@pytest.mark.parametrize("correction", ["bonferroni", "holm"])
@pytest.mark.parametrize("truth", ["equal", "half at the margin"])
def test_simulated_error_of_the_rows_of_a_table(correction, truth):
    """A mean and eight findings of one family: at most 5 % of tables have a false verdict."""
    rng = np.random.default_rng(4)
    margin, sets, false = 3.5, 1500, 0
    findings = ["mean", *"abcdefgh"]
    true = np.where(np.arange(9) % 2, margin, 0) if truth == "half at the margin" else np.zeros(9)
    for _ in range(sets):
        z = true + rng.normal(size=9)
        p = 2 * stats.norm.sf(abs(z))
        equal = np.maximum(stats.norm.sf(margin - z), stats.norm.sf(margin + z))
        rows = [Row(*one) for one in zip(findings, p.tolist(), equal.tolist(), strict=True)]
        different, equivalent = map(np.array, adjust_both(rows, ["x"] * 9, correction))
        better = different < 0.05
        within = ~better & (equivalent < 0.05)
        false += np.where(true == 0, better, within | (better & (z < 0))).any()
    assert false / sets < 0.05 + 2.5 * 0.0056


def test_holms_factors_fall_when_both_hypotheses_of_a_row_are_rejected():
    rows = [Row("a", 0.001, 0.002), Row("b", 0.02, 0.5)]
    different, equivalent = adjust_both(rows, ["x", "x"], "holm")
    assert different == pytest.approx([0.002, 0.02])
    assert equivalent == pytest.approx([0.004, 0.5])

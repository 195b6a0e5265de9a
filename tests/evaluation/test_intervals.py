from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from cxrcompare.evaluation import intervals


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


class TestQuantiles:
    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan"))), min_size=1, max_size=20),
        st.floats(0, 1),
    )
    def test_equals_numpy(self, values, probability):
        replicates = np.array(values)
        found = intervals.quantiles(replicates, np.array([probability]))[0]
        defined = replicates[~np.isnan(replicates)]
        expected = np.quantile(defined, probability) if defined.size else np.nan
        assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)

    def test_takes_other_probabilities_in_each_place(self):
        replicates = np.tile(np.arange(11.0)[:, None], (1, 2))
        found = intervals.quantiles(replicates, np.array([[0.0, 0.5], [1.0, np.nan]]))
        np.testing.assert_array_equal(found, [[0, 5], [10, np.nan]])


class TestPercentile:
    def test_by_hand(self):
        # 0..100 in steps of 1: the 2.5 % and the 97.5 % quantile are 2.5 and 97.5.
        low, high = intervals.percentile(rng().permutation(101).astype(float), 0.95)
        assert (low, high) == (pytest.approx(2.5), pytest.approx(97.5))

    def test_leaves_degenerate_replicates_out_and_counts_them(self):
        replicates = np.array([[1.0, np.nan], [2.0, np.nan], [np.nan, np.nan], [3.0, np.nan]])
        low, high = intervals.percentile(replicates, 0.5)
        assert (low[0], high[0]) == (1.5, 2.5)
        assert np.isnan(low[1])
        assert np.isnan(high[1])
        assert intervals.degenerate(replicates).tolist() == [1, 4]

    def test_a_higher_level_is_wider(self):
        replicates = rng().normal(size=(500, 3))
        low, high = intervals.percentile(replicates, 0.9)
        lower, higher = intervals.percentile(replicates, 0.99)
        assert (lower < low).all()
        assert (high < higher).all()

    def test_takes_a_level_for_each_place(self):
        replicates = rng().normal(size=(400, 2, 3))
        levels = np.array([0.5, 0.9, 0.99])
        low, high = intervals.percentile(replicates, levels)
        for place, level in enumerate(levels):
            expected = intervals.percentile(replicates[:, :, place], level)
            np.testing.assert_array_equal((low[:, place], high[:, place]), expected)


class TestStandardError:
    def test_is_the_standard_deviation_of_what_is_defined(self):
        replicates = rng().normal(size=(50, 2))
        expected = replicates.std(axis=0, ddof=1)
        np.testing.assert_allclose(intervals.standard_error(replicates), expected)
        replicates[3, 0] = np.nan
        assert intervals.standard_error(replicates)[0] == pytest.approx(
            np.delete(replicates[:, 0], 3).std(ddof=1)
        )

    def test_of_fewer_than_two_is_nan(self):
        assert np.isnan(intervals.standard_error(np.array([1.0, np.nan])))
        assert np.isnan(intervals.standard_error(np.array([np.nan, np.nan])))


class TestPValue:
    def test_by_hand(self):
        # 9 replicates, 1 at most 0: (1 + 1) / (9 + 1) on that side, doubled 0.4.
        replicates = np.array([-1.0, 1, 2, 3, 4, 5, 6, 7, 8])
        assert intervals.p_value(replicates) == pytest.approx(0.4)
        assert intervals.p_value(replicates, side="greater") == pytest.approx(0.2)
        assert intervals.p_value(replicates, side="less") == pytest.approx(0.9)

    @pytest.mark.parametrize("replicates", [9, 99, 9999])
    def test_is_never_zero(self, replicates):
        p = intervals.p_value(np.ones(replicates))
        assert p == pytest.approx(2 / (replicates + 1))

    def test_is_one_where_nothing_ever_differs(self):
        assert intervals.p_value(np.zeros(100)) == 1

    def test_is_at_most_one_and_symmetric(self):
        replicates = rng().normal(size=(101, 40))
        p = intervals.p_value(replicates)
        assert ((p > 0) & (p <= 1)).all()
        np.testing.assert_array_equal(p, intervals.p_value(-replicates))

    def test_leaves_degenerate_replicates_out(self):
        assert intervals.p_value(np.array([1.0, 2.0, np.nan])) == pytest.approx(2 / 3)
        assert np.isnan(intervals.p_value(np.array([np.nan, np.nan])))

    def test_against_a_margin(self):
        replicates = np.linspace(-0.02, 0.08, 999)
        assert intervals.p_value(replicates, -0.01, "greater") == pytest.approx(0.1, abs=2e-3)

    def test_agrees_with_the_percentile_interval(self):
        replicates = rng(3).normal(0.9, 0.45, size=(999, 300))
        low, high = intervals.percentile(replicates)
        p = intervals.p_value(replicates)
        clear = np.abs(p - 0.05) > 0.01
        np.testing.assert_array_equal((p < 0.05)[clear], ((low > 0) | (high < 0))[clear])

    def test_names_the_sides(self):
        with pytest.raises(ValueError, match="greater"):
            intervals.p_value(np.ones(3), side="one")


class TestWilson:
    def test_by_hand(self):
        # 8 of 10, z = 1.959964: centre (.8 + z^2 / 20) / (1 + z^2 / 10) = .71671,
        # half z / (1 + z^2 / 10) sqrt(.016 + z^2 / 400) = .22661.
        low, high = intervals.wilson(8, 10)
        assert low == pytest.approx(0.49016, abs=1e-5)
        assert high == pytest.approx(0.94332, abs=1e-5)

    @pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
    def test_equals_statsmodels(self, level):
        k, n = (a.ravel() for a in np.meshgrid(np.arange(0, 12), [12, 40, 700]))
        expected = proportion_confint(k, n, alpha=1 - level, method="wilson")
        np.testing.assert_allclose(intervals.wilson(k, n, level), expected, atol=1e-12)

    def test_stays_inside_0_and_1_and_holds_the_share(self):
        for n in (1, 7, 100):
            low, high = intervals.wilson(np.arange(n + 1), n)
            share = np.arange(n + 1) / n
            assert ((low >= 0) & (high <= 1) & (low <= share) & (share <= high)).all()

    def test_of_no_trials_is_nan(self):
        assert np.isnan(intervals.wilson(0, 0)).all()

    def test_covers_about_95_percent_on_average(self):
        # Exact: for each true share the chance that the interval of a binomial(80) holds it.
        low, high = intervals.wilson(np.arange(81), 80)
        shares = np.linspace(0.02, 0.98, 97)
        chance = stats.binom.pmf(np.arange(81)[:, None], 80, shares)
        held = (low[:, None] <= shares) & (shares <= high[:, None])
        assert 0.94 < (chance * held).sum(axis=0).mean() < 0.96


def test_minimum_detectable_by_hand():
    # 1.959964 + 0.841621 = 2.801585 standard errors at 95 % and 80 % power.
    assert intervals.minimum_detectable(0.01) == pytest.approx(0.02801585, abs=1e-8)
    # with 4 degrees of freedom 2.7764 + 0.9410 standard errors, by the tables of Student
    assert intervals.minimum_detectable(0.01, degrees=4) == pytest.approx(0.037174, abs=1e-5)
    assert np.isnan(intervals.minimum_detectable(np.nan))

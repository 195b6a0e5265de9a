from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.probabilities import calibration


class TestEce:
    def test_by_hand(self):
        # 2 bins. [0, .5): probabilities .1 .3, labels 0 1: |.2 - .5| = .3, weight 2/5.
        # [.5, 1]: .5 .8 1, labels 0 1 1: |.76667 - .66667| = .1, weight 3/5. ECE = .12 + .06.
        labels = np.array([0.0, 1, 0, 1, 1])
        probabilities = np.array([0.1, 0.3, 0.5, 0.8, 1.0])
        value = calibration.ece(labels, probabilities, None, calibration.edges(2))
        assert value == pytest.approx(0.18, abs=1e-15)

    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(
            st.tuples(st.integers(0, 1), st.floats(0, 1), st.integers(0, 3)),
            min_size=1,
            max_size=30,
        ),
        st.integers(1, 20),
    )
    def test_equals_a_loop_over_bins(self, rows, bins):
        labels, probabilities, weights = (
            np.array(column, dtype=float) for column in zip(*rows, strict=True)
        )
        bounds = calibration.edges(bins)
        expected = 0.0
        for k in range(bins):
            inside = (bounds[k] <= probabilities) & (
                (probabilities < bounds[k + 1]) | (k == bins - 1)
            )
            expected += abs(np.sum((weights * (probabilities - labels))[inside]))
        expected = expected / weights.sum() if weights.sum() else np.nan
        assert calibration.ece(labels, probabilities, weights, bounds) == pytest.approx(
            expected, abs=1e-12, nan_ok=True
        )

    def test_of_the_prevalence_said_of_everyone_is_0(self):
        labels = np.repeat([0.0, 1.0], [70, 30])
        assert calibration.ece(labels, np.full(100, 0.3)) == pytest.approx(0, abs=1e-12)

    def test_of_certain_and_wrong_is_1(self):
        assert calibration.ece(np.array([0.0, 1.0]), np.array([1.0, 0.0])) == 1

    def test_bins_are_closed_on_the_left_and_the_last_on_both_sides(self):
        index = calibration.bin_index(np.array([0, 0.249, 0.25, 0.75, 1.0]), calibration.edges(4))
        assert index.tolist() == [0, 0, 1, 3, 3]


def draw(
    units: int = 400, slope: float = 0.7, shift: float = -0.4, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    logit = rng.normal(size=units) * 1.5
    labels = (rng.random(units) < special.expit(shift + slope * logit)).astype(float)
    return labels, special.expit(logit), rng.integers(0, units // 2, units)


class TestRecalibration:
    def test_estimates_equal_statsmodels(self):
        labels, probabilities, _ = draw()
        logit = special.logit(probabilities)
        tilted = sm.Logit(labels, sm.add_constant(logit)).fit(disp=False, tol=1e-12)
        shifted = sm.GLM(
            labels, np.ones((len(labels), 1)), family=sm.families.Binomial(), offset=logit
        ).fit(tol=1e-12)
        found = calibration.recalibration(labels, probabilities)
        assert found.slope == pytest.approx(tilted.params[1], abs=1e-8)
        assert found.intercept == pytest.approx(shifted.params[0], abs=1e-8)

    def test_clustered_interval_equals_statsmodels(self):
        labels, probabilities, patients = draw()
        design = sm.add_constant(special.logit(probabilities))
        _, groups = np.unique(patients, return_inverse=True)
        fit = sm.Logit(labels, design).fit(
            disp=False, cov_type="cluster", cov_kwds={"groups": groups}, tol=1e-12
        )
        # statsmodels multiplies the variance by G / (G - 1) * (N - 1) / (N - 2), this by the first.
        spare = np.sqrt((len(labels) - 1) / (len(labels) - 2))
        found = calibration.recalibration(labels, probabilities, patients)
        half = intervals.special.ndtri(0.975) * fit.bse[1] / spare
        assert found.slope_high - found.slope == pytest.approx(half, rel=1e-6)
        assert found.slope - found.slope_low == pytest.approx(half, rel=1e-6)

    def test_of_right_probabilities_is_slope_1_and_intercept_0(self):
        labels, probabilities, _ = draw(units=20_000, slope=1, shift=0)
        found = calibration.recalibration(labels, probabilities)
        assert found.slope_low < 1 < found.slope_high
        assert found.intercept_low < 0 < found.intercept_high
        assert found.slope_high - found.slope_low < 0.12

    @pytest.mark.parametrize(("factor", "expected"), [(0.5, 2.0), (2.0, 0.5)])
    def test_too_extreme_probabilities_have_a_slope_below_1(self, factor, expected):
        labels, probabilities, _ = draw(units=20_000, slope=1, shift=0)
        stretched = special.expit(factor * special.logit(probabilities))
        assert calibration.recalibration(labels, stretched).slope == pytest.approx(
            expected, rel=0.1
        )

    def test_too_high_probabilities_have_a_negative_intercept(self):
        labels, probabilities, _ = draw(units=20_000, slope=1, shift=0)
        higher = special.expit(special.logit(probabilities) + 1)
        assert calibration.recalibration(labels, higher).intercept == pytest.approx(-1, abs=0.1)

    def test_swapped_classes_keep_the_slope_and_turn_the_intercept(self):
        labels, probabilities, _ = draw()
        one = calibration.recalibration(labels, probabilities)
        other = calibration.recalibration(1 - labels, 1 - probabilities)
        assert other.slope == pytest.approx(one.slope, abs=1e-8)
        assert other.intercept == pytest.approx(-one.intercept, abs=1e-8)

    @pytest.mark.parametrize("direction", [1, -1])
    def test_separable_has_no_slope(self, direction):
        labels = np.array([0.0, 0, 0, 1, 1])
        scores = np.array([0.1, 0.2, 0.4, 0.4, 0.9])[::direction]
        found = calibration.recalibration(labels, scores)
        assert np.isnan([found.slope, found.slope_low, found.slope_high]).all()
        assert np.isfinite([found.intercept, found.intercept_low, found.intercept_high]).all()

    def test_constant_probabilities_have_no_slope(self):
        found = calibration.recalibration(np.array([0.0, 1, 0, 1]), np.full(4, 0.3))
        assert np.isnan(found.slope)
        assert found.intercept == pytest.approx(-special.logit(0.3), abs=1e-9)

    @pytest.mark.parametrize(("sd", "defined"), [(0.099, False), (0.101, True)])
    def test_probabilities_that_hardly_vary_have_no_slope(self, sd, defined):
        labels, probabilities, _ = draw()
        logits = special.logit(probabilities)
        near = special.expit(sd * (logits - logits.mean()) / logits.std())
        assert calibration.logit_sd(near) == pytest.approx(sd)
        found = calibration.recalibration(labels, near)
        assert np.isfinite([found.slope, found.slope_low, found.slope_high]).all() == defined
        assert np.isfinite([found.intercept, found.intercept_low, found.intercept_high]).all()

    @pytest.mark.parametrize("label", [0.0, 1.0, np.nan])
    def test_one_class_is_nan(self, label):
        found = calibration.recalibration(np.full(4, label), np.linspace(0.1, 0.9, 4))
        assert all(np.isnan(part).all() for part in vars(found).values())

    @pytest.mark.parametrize("constant", [0.0, 1e-9, 0.5, 1.0])
    def test_the_shift_of_a_constant_is_found_however_far(self, constant):
        labels = (np.arange(40) % 8 == 0).astype(float)
        found = calibration.recalibration(labels, np.full(40, constant))
        far = special.logit(np.clip(constant, 1e-12, 1 - 1e-12))
        assert found.intercept == pytest.approx(special.logit(1 / 8) - far, abs=1e-6)

    def test_probabilities_of_0_and_1_are_survived(self):
        labels, probabilities, _ = draw()
        probabilities[:3], probabilities[3:6] = 0, 1
        labels[:6] = [1, 0, 0, 0, 1, 1]
        found = calibration.recalibration(labels, probabilities)
        assert all(np.isfinite(part).all() for part in vars(found).values())

    def test_influences_add_up_to_the_interval_and_forecast_leaving_a_patient_out(self):
        labels, probabilities, patients = draw()
        ids = np.unique(patients)
        found = calibration.recalibration(labels, probabilities, patients)
        for part in ("slope", "intercept"):
            value, high = getattr(found, part), getattr(found, f"{part}_high")
            influence = getattr(found, f"{part}_influence")
            half = intervals.special.ndtri(0.975) * np.sqrt(np.sum(influence**2))
            assert high - value == pytest.approx(half, rel=1e-12)
            some = np.arange(0, len(ids), 7)
            without = [
                calibration.recalibration(
                    *(column[patients != ids[i]] for column in (labels, probabilities, patients))
                )
                for i in some
            ]
            moved = value - np.array([getattr(one, part) for one in without])
            assert np.corrcoef(moved, influence[some])[0, 1] > 0.99

    def test_unknown_labels_drop_out(self):
        labels, probabilities, patients = draw()
        labels[:50] = np.nan
        one = calibration.recalibration(labels, probabilities, patients)
        other = calibration.recalibration(labels[50:], probabilities[50:], patients[50:])
        for part in ("slope", "slope_high", "intercept", "intercept_low"):
            assert getattr(one, part) == pytest.approx(getattr(other, part))
        dropped = ~np.isin(np.unique(patients), patients[50:])
        assert not one.slope_influence[dropped].any()


class TestReliability:
    def test_by_hand(self):
        labels = np.array([0.0, 1, 0, 1, np.nan])
        diagram = calibration.reliability(
            labels, np.array([0.1, 0.3, 0.9, 1.0, 0.6]), calibration.edges(4)
        )
        # Bins [0, .25): .1 with 0; [.25, .5): .3 with 1; [.75, 1]: .9 and 1 with 0 and 1.
        assert diagram.left.tolist() == [0, 0.25, 0.75]
        assert diagram.right.tolist() == [0.25, 0.5, 1]
        assert diagram.predicted == pytest.approx([0.1, 0.3, 0.95])
        assert diagram.observed == pytest.approx([0, 1, 0.5])
        assert diagram.count.tolist() == [1, 1, 2]
        low, high = intervals.wilson(1, 2)
        assert (diagram.low[2], diagram.high[2]) == (low, high)

    def test_gaps_weighted_by_counts_are_the_ece(self):
        labels, probabilities, _ = draw()
        diagram = calibration.reliability(labels, probabilities)
        gaps = diagram.count * np.abs(diagram.predicted - diagram.observed)
        assert gaps.sum() / len(labels) == pytest.approx(calibration.ece(labels, probabilities))


def test_a_slope_with_a_large_standard_error_is_not_given():
    """Two positives of 60, with little spread: the estimate says nothing."""
    state = np.random.default_rng(0)
    labels = np.zeros(60)
    labels[[3, 40]] = 1
    probabilities = 1 / (1 + np.exp(3 - 0.11 * state.normal(size=60)))
    assert np.isnan(calibration.recalibration(labels, probabilities).slope)
    largest = 0.0
    for _ in range(300):
        labels = (state.random(100) < 0.05).astype(float)
        spread = state.uniform(0.1, 0.5)
        found = calibration.recalibration(
            labels, 1 / (1 + np.exp(3 - spread * state.normal(size=100)))
        )
        if not np.isnan(found.slope):
            assert found.slope_high - found.slope_low <= 2 * 1.96 * 5.01
            largest = max(largest, abs(found.slope))
    assert 0 < largest < 25

"""Tests of the means and differences: by hand, against a bootstrap, and in simulations."""

import numpy as np
import pytest
from scipy import stats

from cxrcompare.evaluation.bootstrap import resampling
from cxrcompare.localisation.maps.map_set import MapSet, from_arrays
from cxrcompare.localisation.measuring import paired_tests
from cxrcompare.localisation.measuring.measures import METRICS, Measured, measure
from cxrcompare.localisation.tables import Choices

from ..made_maps import FINDINGS, looking, made_masks, source_of

FAST = Choices(least_patients=2)


def sets_of(names: list[str], images: int, kinds: dict[str, str] | None = None) -> list[MapSet]:
    ids = [f"i{n}" for n in range(images)]
    values = np.zeros((images, 1, 1, 1), np.float32)
    return [
        from_arrays(name, "", ids, FINDINGS[:1], values, kind=(kinds or {}).get(name, "network"))
        for name in names
    ]


def measured_of(names: list[str], values: np.ndarray, kinds: dict[str, str] | None = None):
    """Returns measures (S, N) of one finding, the same for every measure; NaN: no region."""
    parts = (~np.isnan(values[0]))[:, None].astype(float)
    return Measured(
        tuple(sets_of(names, values.shape[1], kinds)),
        np.repeat(values[:, :, None, None], len(METRICS), axis=3),
        parts,
        np.where(parts > 0, 0.1, np.nan),
        np.full((len(names), 1), np.nan),
    )


def test_a_mean_has_the_interval_of_the_patients_by_hand():
    # Patients A (0.2, 0.4), B (0.6), C (0.8, no region): mean (0.2 + 0.4 + 0.6 + 0.8) / 4 = 0.5.
    # Deviations summed by patient: A -0.4, B 0.1, C 0.3. The jackknife divides them by 1 minus the
    # share of the units: (0.16 / (1/2)^2 + (0.01 + 0.09) / (3/4)^2) / 16 x 2/3 = 0.0340741. Three
    # patients with 2, 1, 1 units are worth 16 / 6 equal ones: 5/3 degrees of freedom.
    values = np.array([[0.2, 0.4, 0.6, 0.8, np.nan]])
    means, _ = paired_tests.rows(measured_of(["m"], values), list("AABCC"), FAST)
    row = next(row for row in means if row.finding == "Edema" and row.metric == "map_auroc")
    half = stats.t.ppf(0.975, 5 / 3) * np.sqrt(0.0340741) / 0.25
    assert (row.value, row.images, row.patients, row.regions) == (pytest.approx(0.5), 4, 3, 4)
    assert (row.low, row.high) == (
        pytest.approx(1 / (1 + np.exp(half)), rel=1e-5),
        pytest.approx(1 / (1 + np.exp(-half)), rel=1e-5),
    )


def test_without_clusters_a_difference_is_the_paired_t_test():
    half = np.random.default_rng(0).uniform(0, 0.3, 6)
    differences = 0.1 + np.concatenate([half, -half])  # symmetric: no correction for skewness
    values = np.stack([0.5 + differences, np.full(12, 0.5)])
    _, different = paired_tests.rows(measured_of(["a", "b"], values), list("abcdefghijkl"), FAST)
    row = next(row for row in different if row.metric == "iou" and row.finding == "Edema")
    expected = stats.ttest_rel(values[0], values[1])
    assert row.p_value == pytest.approx(expected.pvalue)
    low, high = expected.confidence_interval(0.95)
    assert (row.low, row.high) == (pytest.approx(low), pytest.approx(high))


def test_all_hits_have_an_interval_of_some_width():
    means, _ = paired_tests.rows(
        measured_of(["m"], np.ones((1, 20))), list(map(str, range(20))), FAST
    )
    row = next(row for row in means if row.metric == "hit_rate" and row.finding == "Edema")
    assert row.high == 1
    assert row.low == pytest.approx(1 / (1 + stats.norm.ppf(0.975) ** 2 / 20))


def test_intervals_are_those_of_a_bootstrap_of_patients():
    rng = np.random.default_rng(3)
    patients = np.repeat(np.arange(150), 2)
    level = rng.beta(3, 2, 150)[patients]
    values = np.clip(level[None] + rng.normal(0, 0.1, (2, 300)), 0.01, 0.99)
    drawn = resampling.draw(patients, 4000, rng)
    weights = drawn.counts[:, drawn.patient].astype(float)
    replicates = weights @ values.T / weights.sum(axis=1)[:, None]
    means, different = paired_tests.rows(
        measured_of(["a", "b"], values), [str(p) for p in patients], FAST
    )
    row = next(row for row in means if row.model == "a" and row.metric == "iou")
    expected = np.quantile(replicates[:, 0], [0.025, 0.975])
    assert np.allclose([row.low, row.high], expected, atol=0.006)
    change = next(row for row in different if row.metric == "iou")
    expected = np.quantile(replicates[:, 0] - replicates[:, 1], [0.025, 0.975])
    assert np.allclose([change.low, change.high], expected, atol=0.002)


def test_intervals_cover_and_tests_of_equal_maps_reject_about_five_percent():
    rng = np.random.default_rng(5)
    covered = rejected = 0
    patients = np.repeat(np.arange(40), 2)
    names = [str(p) for p in patients]
    for _ in range(400):
        level = rng.beta(4, 4, 40)[patients]
        values = np.clip(level + rng.normal(0, 0.15, (2, 80)), 0, 1)
        found = paired_tests.estimates_of(measured_of(["a", "b"], values), names, "iou", 2)
        low, high = paired_tests.influence_tests.intervals(found, 0.95)
        covered += low[0, 0] <= 0.5 <= high[0, 0]
        tested = paired_tests.influence_tests.differences(found, np.array([0]), np.array([1]))
        rejected += tested.p_value[0, 0] < 0.05
    assert 0.92 < covered / 400 < 0.98
    assert 0.02 < rejected / 400 < 0.085


def test_too_few_patients_have_no_interval_and_no_test():
    values = np.random.default_rng(0).random((2, 9))
    means, different = paired_tests.rows(
        measured_of(["a", "b"], values), list("abcdefghi"), Choices()
    )
    assert {row.method for row in means if row.finding == "Edema"} == {"too few patients"}
    assert all(np.isnan(row.low) for row in means)
    assert {row.verdict for row in different} == {""}


def test_networks_and_baselines_are_two_families():
    rng = np.random.default_rng(0)
    level = rng.random(60) * 0.5 + 0.2
    values = np.stack([level, level + rng.normal(0, 0.01, 60), level - 0.15 * rng.random(60)])
    found = measured_of(["a", "b", "centre"], values, {"centre": "baseline"})
    _, different = paired_tests.rows(found, [str(n) for n in range(60)], Choices())
    rows = {
        (r.model_a, r.model_b): r for r in different if (r.metric, r.finding) == ("iou", "mean")
    }
    assert set(rows) == {("a", "b"), ("a", "centre"), ("b", "centre")}
    assert rows["a", "b"].verdict == "equivalent"
    assert rows["a", "centre"].verdict == rows["b", "centre"].verdict == "a_better"
    # One pair of networks is one test; of the two pairs with the baseline the smaller counts twice.
    assert rows["a", "b"].p_adjusted == pytest.approx(rows["a", "b"].p_value)
    against = [rows["a", "centre"], rows["b", "centre"]]
    smaller = min(row.p_value for row in against)
    assert min(row.p_adjusted for row in against) == pytest.approx(2 * smaller)


def test_two_seeds_give_no_test_and_three_do():
    masks = made_masks(40)
    source, patients = source_of(masks), [*masks]
    sets = [looking(name, masks, 2, s, str(s)) for name in ("a", "b") for s in (0, 1)]
    _, different = paired_tests.rows(measure(sets, source), patients, Choices())
    assert {row.verdict for row in different} == {""}
    sets = [looking(name, masks, 2, s + 5, str(s)) for name in ("a", "b") for s in (0, 1, 2)]
    _, different = paired_tests.rows(measure(sets, source), patients, Choices())
    assert {row.method for row in different} == {"influence of patients and seeds (Welch)"}
    assert "" not in {row.verdict for row in different}

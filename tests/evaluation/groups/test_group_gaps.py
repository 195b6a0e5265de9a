"""Gaps between groups: hand-worked values, slow references, error rates."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from cxrcompare.evaluation.groups import group_estimates, group_gaps
from cxrcompare.evaluation.probabilities import net_benefit

ALONE, TWO = [[0]], [[0], [1]]
FIRST, SECOND = np.array([0]), np.array([1])


def rates(inside, outside, architectures=ALONE):
    """Returns the gaps of two groups of patients with one unit each, values (M, U)."""
    n, m = inside.shape[1], outside.shape[1]
    pair = (
        group_estimates.rate(inside, np.arange(n), n + m, architectures, added=True),
        group_estimates.rate(outside, n + np.arange(m), n + m, architectures, added=True),
    )
    return group_gaps.gaps([pair], architectures)


def test_a_gap_of_rates_is_that_of_agresti_and_caffo():
    inside = np.repeat([1.0, 0.0], (16, 4))[None]  # 16 of 20, with the added units 17 of 22
    outside = np.repeat([1.0, 0.0], (45, 5))[None]  # 45 of 50, 46 of 52
    found = group_gaps.single(rates(inside, outside), 0.1)
    p, q = 17 / 22, 46 / 52
    variance = p * (1 - p) / 22 + q * (1 - q) / 52
    assert found.value[0] == pytest.approx(0.8 - 0.9)
    # the patients' part is multiplied by n / (n - 1), so the variance is a little larger
    assert found.standard_error[0] ** 2 == pytest.approx(variance, rel=0.05)
    assert found.standard_error[0] ** 2 > variance
    half = stats.t.ppf(0.975, found.degrees[0]) * found.standard_error[0]
    assert [found.low[0], found.high[0]] == pytest.approx([p - q - half, p - q + half])
    expected = 2 * stats.t.sf(abs(p - q) / found.standard_error[0], found.degrees[0])
    assert found.p_value[0] == pytest.approx(expected)


def test_equivalence_is_the_larger_of_two_one_sided_tests():
    rng = np.random.default_rng(0)
    found = group_gaps.single(
        rates(rng.integers(0, 2, (1, 300)) * 1.0, rng.integers(0, 2, (1, 400)) * 1.0), 0.2
    )
    centre = (found.low[0] + found.high[0]) / 2
    error, degrees = found.standard_error[0], found.degrees[0]
    upper = stats.t.cdf((centre - 0.2) / error, degrees)
    lower = stats.t.sf((centre + 0.2) / error, degrees)
    assert found.p_equivalence[0] == pytest.approx(max(upper, lower))


def test_the_gap_of_one_group_is_minus_that_of_the_other():
    rng = np.random.default_rng(1)
    one, two = rng.integers(0, 2, (1, 30)) * 1.0, rng.integers(0, 2, (1, 50)) * 1.0
    there, back = group_gaps.single(rates(one, two), 0.1), group_gaps.single(rates(two, one), 0.1)
    assert there.value == pytest.approx(-back.value)
    assert there.low == pytest.approx(-back.high)
    assert there.p_value == pytest.approx(back.p_value)
    assert there.p_equivalence == pytest.approx(back.p_equivalence)


def test_the_variance_of_means_over_findings_and_shared_patients_is_that_of_the_bootstrap():
    rng = np.random.default_rng(2)
    count = 200
    person = rng.normal(size=count)
    units = np.repeat(np.arange(count), 2)  # every patient has a unit in both groups
    inside = np.tile([True, False], count)
    values = person[units] + rng.normal(size=(2, 2, 2 * count))  # (finding, model, unit)
    values[:, 1] += 0.5 * values[:, 0]
    estimates = [
        tuple(
            group_estimates.rate(v[:, side], units[side], count, TWO, added=False)
            for side in (inside, ~inside)
        )
        for v in values
    ]
    found = group_gaps.gaps(estimates, TWO)
    singles = group_gaps.single(found, 0.1)
    pair = group_gaps.differences(found, FIRST, SECOND, 0.1)
    gap = (values[:, :, inside] - values[:, :, ~inside]).mean(axis=0)  # (model, patient)
    draws = rng.integers(0, count, (4000, count))
    means = gap[:, draws].mean(axis=2)
    assert singles.value == pytest.approx(gap.mean(axis=1))
    assert singles.standard_error == pytest.approx(means.std(axis=1), rel=0.05)
    assert pair.standard_error[0] == pytest.approx((means[0] - means[1]).std(), rel=0.05)
    assert pair.value[0] == pytest.approx(gap.mean(axis=1)[0] - gap.mean(axis=1)[1])


def test_noise_and_seeds_add_their_variance_and_two_seeds_have_no_test():
    rng = np.random.default_rng(3)
    values = rng.integers(0, 2, (6, 80)) * 1.0
    architectures = [[0], [1, 2], [3, 4, 5]]
    pair = tuple(
        group_estimates.rate(values[:, side], np.arange(80)[side], 80, architectures, added=True)
        for side in (slice(0, 30), slice(30, 80))
    )
    quiet = group_gaps.gaps([pair], architectures)
    noise = np.full((3, 4), 0.05)  # variance 4 * 0.0025 = 0.01
    loud = group_gaps.gaps([pair], architectures, noise)
    before, after = group_gaps.single(quiet, 0.1), group_gaps.single(loud, 0.1)
    assert after.standard_error**2 - before.standard_error**2 == pytest.approx([0.01] * 3)
    gaps = values[:, :30].mean(axis=1) - values[:, 30:].mean(axis=1)
    assert quiet.seed_variance[2] == pytest.approx(gaps[3:].var(ddof=1) / 3)
    assert np.isnan(before.p_value).tolist() == [False, True, False]
    # the same noise in both models cancels in their difference
    apart = [group_gaps.differences(one, FIRST, FIRST + 2, 0.1) for one in (quiet, loud)]
    assert apart[0].standard_error == pytest.approx(apart[1].standard_error)


def test_equal_models_do_not_differ_in_their_gaps():
    values = np.repeat(np.random.default_rng(4).normal(size=(1, 60)), 2, axis=0)
    pair = tuple(
        group_estimates.rate(values[:, side], np.arange(60)[side], 60, TWO, added=False)
        for side in (slice(0, 30), slice(30, 60))
    )
    found = group_gaps.differences(group_gaps.gaps([pair], TWO), FIRST, SECOND, 0.1)
    assert found.p_value[0] == 1
    assert found.p_equivalence[0] == 0
    assert [found.low[0], found.high[0]] == [0, 0]


def draw(rng, sizes, prevalence, views):
    """Returns labels, scores of two models, patients and groups; no gap in truth."""
    count = sum(sizes)
    patients = np.repeat(np.arange(count), views)
    latent = np.repeat(rng.normal(size=count), views) + rng.normal(size=count * views)
    logit = np.log(prevalence / (1 - prevalence)) - 0.5 + latent
    labels = (rng.uniform(size=len(logit)) < expit(logit)).astype(float)
    scores = expit(logit + 0.5 * rng.normal(size=(2, len(logit))))
    return labels, scores, patients, patients < sizes[0]


def estimated(metric, labels, scores, patients, group, count):
    if metric == "auroc":
        return group_estimates.auroc(labels[group], scores[:, group], patients[group], count, TWO)
    if metric == "sensitivity":
        group = group & (labels == 1)
        values = (scores[:, group] >= 0.3).astype(float)
        return group_estimates.rate(values, patients[group], count, TWO, added=True)
    values = labels[group] - scores[:, group]
    if metric == "net_benefit":
        values = net_benefit.unit_net_benefit(labels[group], scores[:, group], 0.2)
    return group_estimates.rate(values, patients[group], count, TWO, added=False)


@pytest.mark.parametrize("metric", ["auroc", "sensitivity", "calibration", "net_benefit"])
@pytest.mark.parametrize(("sizes", "views"), [((80, 200), 1), ((60, 120), 2)])
def test_without_a_gap_at_most_five_per_cent_are_significant(metric, sizes, views):
    rng = np.random.default_rng(5)
    rejected = np.zeros(2)
    for _ in range(500):
        labels, scores, patients, inside = draw(rng, sizes, 0.3, views)
        pair = tuple(
            estimated(metric, labels, scores, patients, group, sum(sizes))
            for group in (inside, ~inside)
        )
        found = group_gaps.gaps([pair], TWO)
        rejected += [
            group_gaps.single(found, 0.05).p_value[0] < 0.05,
            group_gaps.differences(found, FIRST, SECOND, 0.05).p_value[0] < 0.05,
        ]
    # 5 % and 2.5 Monte Carlo standard errors; measured 2.2 to 6.4 %
    assert (rejected / 500 <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 500)).all()


def test_a_gap_as_large_as_the_margin_is_called_small_in_at_most_five_per_cent():
    rng = np.random.default_rng(6)
    called = 0
    for _ in range(1000):
        inside = (rng.uniform(size=(1, 300)) < 0.8).astype(float)
        outside = (rng.uniform(size=(1, 500)) < 0.9).astype(float)
        called += int(group_gaps.single(rates(inside, outside), 0.1).p_equivalence[0] < 0.05)
    assert called <= 50 + 2.5 * np.sqrt(1000 * 0.05 * 0.95)  # measured 5.6 %


def test_the_joint_test_of_two_models_is_that_of_their_difference():
    rng = np.random.default_rng(7)
    pair = tuple(
        group_estimates.rate(rng.normal(size=(2, n)), first + np.arange(n), 90, TWO, added=False)
        for n, first in ((30, 0), (60, 30))
    )
    gaps = group_gaps.gaps([pair], TWO)
    joint = group_gaps.equal(gaps)
    single = group_gaps.differences(gaps, FIRST, SECOND, 0.1)
    assert joint.degrees == 1
    assert joint.degrees_second == pytest.approx(single.degrees[0])
    assert joint.p_value == pytest.approx(single.p_value[0])  # F with 1 degree is t squared


def test_the_joint_test_of_equal_models_holds_its_level():
    rng = np.random.default_rng(8)
    four = [[0], [1], [2], [3]]
    rejected = 0
    for _ in range(1000):
        person = rng.normal(size=40)
        values = person + rng.normal(size=(4, 40))
        pair = tuple(
            group_estimates.rate(values[:, side], np.arange(40)[side], 40, four, added=False)
            for side in (slice(0, 15), slice(15, 40))
        )
        rejected += int(group_gaps.equal(group_gaps.gaps([pair], four)).p_value < 0.05)
    assert 25 <= rejected <= 68  # measured 4.9 %


def test_the_joint_test_of_identical_models_finds_nothing():
    values = np.repeat(np.random.default_rng(9).normal(size=(1, 40)), 2, axis=0)
    pair = tuple(
        group_estimates.rate(values[:, side], np.arange(40)[side], 40, TWO, added=False)
        for side in (slice(0, 15), slice(15, 40))
    )
    assert group_gaps.equal(group_gaps.gaps([pair], TWO)).p_value == 1

"""Sensitivity at the same flags: by hand, by repeated rows, by derivatives, and by simulation."""

import numpy as np
import pytest
from scipy import special, stats

from cxrcompare.evaluation.influence import influence_tests
from cxrcompare.evaluation.thresholds import flag_points


def test_by_hand():
    # prevalence 1/2: flags = (TPR + FPR) / 2. Above 0.5: two of 4 positives, one of 4 negatives,
    # so 3/8 of the site is flagged. With the next score, a positive, it would be 1/2; 7/16 needs
    # one half of that positive: TPR = 2.5 / 4.
    labels = np.array([1, 1, 0, 1, 1, 0, 0, 0.0])
    scores = np.array([[0.9, 0.8, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1]])
    patients = np.arange(8)
    for share, expected in ((3 / 8, 0.5), (7 / 16, 0.625), (1 / 2, 0.75)):
        found = flag_points.influences(labels, scores, patients, 0.5, share)
        assert found.value[0] == pytest.approx(expected)


def test_unknown_labels_constant_scores_and_extremes():
    labels = np.array([1, np.nan, 0, 1, 0.0])
    scores = np.array([[0.9, 0.99, 0.1, 0.8, 0.2], [0.5] * 5])
    found = flag_points.influences(labels, scores, np.arange(5), 0.5, 0.25)
    assert found.value == pytest.approx([0.5, 0.25])  # a constant flags a quarter of the positives
    assert np.isfinite(found.sides).all()
    for prevalence, share in ((np.nan, 0.5), (0.5, 1.0), (0.5, 0.0)):
        none = flag_points.influences(labels, scores, np.arange(5), prevalence, share)
        assert np.isnan(none.value).all()


def test_prevalence_of_the_site_equals_repeated_rows():
    rng = np.random.default_rng(0)
    labels = np.repeat([1.0, 0.0], [40, 60])
    scores = rng.normal(labels)[None]
    # a site of prevalence 1/4: every negative twice gives 40 of 160
    repeated = np.append(labels, labels[labels == 0])
    more = np.append(scores[0], scores[0, labels == 0])[None]
    for share in (0.1, 0.3, 0.7):
        at_site = flag_points.influences(labels, scores, np.arange(100), 0.25, share)
        sampled = flag_points.influences(repeated, more, np.arange(160), 0.25, share)
        assert at_site.value == pytest.approx(sampled.value)
        threshold = np.sort(more[0])[::-1][round(160 * share) - 1]
        assert at_site.value[0] == pytest.approx((scores[0, labels == 1] >= threshold).mean())


def test_the_variance_is_that_of_the_bootstrap():
    rng = np.random.default_rng(1)
    patients = np.repeat(np.arange(250), 2)
    shared = rng.normal(size=250)[patients]
    labels = (rng.normal(size=500) + shared > 1).astype(float)
    scores = np.stack([labels + shared + rng.normal(size=500), labels + rng.normal(size=500)])
    found = flag_points.estimate(
        labels[:, None],
        scores[:, :, None],
        patients,
        [[0], [1]],
        np.array([True]),
        np.array([0.2]),
        np.array([0.2]),
    )
    drawn = []
    for _ in range(600):
        units = (2 * rng.integers(0, 250, 250)[:, None] + [0, 1]).ravel()
        one = flag_points.influences(labels[units], scores[:, units], np.arange(500), 0.2, 0.2)
        drawn.append(one.value)
    spread = np.std(drawn, axis=0)
    assert found.patient_sd[:, 0] == pytest.approx(spread, rel=0.2)
    differences = influence_tests.differences(found, np.array([0]), np.array([1]))
    apart = np.std(np.diff(drawn, axis=1))
    assert differences.standard_error[0, 0] == pytest.approx(apart, rel=0.2)
    assert np.isnan(found.value[:, 2]).all()


@pytest.mark.parametrize(("number", "prevalence"), [(300, 0.1), (600, 0.3)])
def test_intervals_cover_and_equal_models_differ_in_5_percent(number, prevalence):
    rng = np.random.default_rng(2)
    share, sets = 0.15, 400
    # binormal: TPR = Phi(1 - c), FPR = Phi(-c), at the c that flags the share
    grid = np.linspace(-5, 5, 20_001)
    flagged = 0.1 * special.ndtr(1 - grid) + 0.9 * special.ndtr(-grid)
    truth = special.ndtr(1 - grid[np.argmin(np.abs(flagged - share))])
    covered, rejected = 0, 0
    for _ in range(sets):
        labels = (rng.random(number) < prevalence).astype(float)
        common = rng.normal(size=number) * np.sqrt(0.6)
        scores = labels + common + rng.normal(size=(2, number)) * np.sqrt(0.4)
        found = flag_points.estimate(
            labels[:, None],
            scores[:, :, None],
            np.arange(number),
            [[0], [1]],
            np.array([True]),
            np.array([0.1]),
            np.array([share]),
        )
        low, high = influence_tests.intervals(found)
        covered += low[0, 0] <= truth <= high[0, 0]
        test = influence_tests.differences(found, np.array([0]), np.array([1]))
        rejected += test.p_value[0, 0] < 0.05
    assert 0.92 <= covered / sets <= 0.98
    assert rejected <= stats.binom.ppf(0.999, sets, 0.06)


@pytest.mark.parametrize("auroc", [0.65, 0.97])
@pytest.mark.parametrize("spread", [0.5, 1.0, 2.0])
def test_limits_cover_the_truth_with_ten_positives(auroc, spread):
    """Without half a patient more at each end, 0 to 100 % are covered."""
    rng, prevalence, share = np.random.default_rng(6), 10 / 210, 20 / 210
    labels, patients = np.r_[np.ones(10), np.zeros(200)], np.arange(210)
    apart = special.ndtri(auroc) * np.sqrt(1 + spread**2)
    cuts = np.linspace(-8, 12, 40_001)
    hits, alarms = special.ndtr((apart - cuts) / spread), special.ndtr(-cuts)
    flagged = prevalence * hits + (1 - prevalence) * alarms
    truth = np.interp(share, flagged[::-1], hits[::-1])
    inside = []
    for _ in range(250):
        normal = rng.normal(size=210)
        score = np.where(labels == 1, apart + spread * normal, normal)
        found = flag_points.influences(labels, score[None], patients, prevalence, share)
        inside.append(found.limits[0, 0] <= truth <= found.limits[0, 1])
    assert np.mean(inside) > 0.9

"""Tests and intervals of AUROCs: against DeLong, by hand, and in simulations."""

import numpy as np
import pytest
from scipy import special, stats

from cxrcompare.evaluation.auroc import auroc_tests, delong
from cxrcompare.evaluation.influence import influence_tests


def binormal(rng, models, units, prevalence, auroc=0.85, findings=1, seeds=1, correlation=0.7):
    """Returns labels (N, F) and scores (M * S, N, F) of equally good models."""
    labels = (rng.random((units, findings)) < prevalence).astype(float)
    shared = rng.normal(size=(units, findings))
    own = rng.normal(size=(models * seeds, units, findings))
    noise = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
    return labels, noise + np.sqrt(2) * special.ndtri(auroc) * labels


class Difference:
    """The first row of `influence_tests.differences`, with its 95 % interval."""

    def __init__(self, found):
        low, high = found.interval(0.95)
        self.low, self.high = low[0], high[0]
        for name in ("difference", "standard_error", "degrees", "p_value"):
            setattr(self, name, getattr(found, name)[0])


def difference(estimates, first, second):
    return Difference(influence_tests.differences(estimates, np.array([first]), np.array([second])))


def estimate(labels, scores, patients=None, seeds=1, eligible=None):
    patients = np.arange(len(labels)) if patients is None else patients
    models = [range(a, a + seeds) for a in range(0, len(scores), seeds)]
    eligible = np.ones(labels.shape[1], dtype=bool) if eligible is None else eligible
    return auroc_tests.estimate(labels, scores, patients, models, eligible)


def test_one_finding_is_delong_with_satterthwaites_t():
    labels, scores = binormal(np.random.default_rng(0), 2, 300, 0.2)
    labels[:5] = np.nan
    found = difference(estimate(labels, scores), 0, 1)
    areas = delong.delong(labels[:, 0], scores[:, :, 0])
    expected = delong.paired(areas, 0, 1)
    assert found.difference == pytest.approx(expected.difference)
    assert found.standard_error == pytest.approx(expected.standard_error)
    # by hand: the parts of the variance of both classes, with n - 1 degrees of freedom each
    parts, counts = [], []
    positive, negative, auroc = delong.placements(labels[:, 0], scores[:, :, 0])
    for side in (positive, negative):
        parts.append(np.var(side[0] - side[1], ddof=1) / side.shape[1])
        counts.append(side.shape[1])
    degrees = sum(parts) ** 2 / sum(p**2 / (n - 1) for p, n in zip(parts, counts, strict=True))
    assert found.degrees[0] == pytest.approx(degrees)
    t = (auroc[0] - auroc[1]) / np.sqrt(sum(parts))
    assert found.p_value[0] == pytest.approx(2 * stats.t.sf(abs(t), degrees))


def test_the_mean_of_two_equal_findings_is_one_of_them():
    labels, scores = binormal(np.random.default_rng(1), 2, 300, 0.2)
    doubled = estimate(np.hstack([labels] * 2), np.concatenate([scores] * 2, axis=2))
    found = difference(doubled, 0, 1)
    assert found.difference[2] == pytest.approx(found.difference[0])
    assert found.standard_error[2] == pytest.approx(found.standard_error[0])


def test_findings_that_are_not_eligible_do_not_enter_the_mean():
    labels, scores = binormal(np.random.default_rng(2), 2, 300, 0.2, findings=3)
    labels[:, 1] = 0
    labels[0, 1] = 1
    eligible = np.array([True, False, True])
    found = estimate(labels, scores, eligible=eligible)
    kept = estimate(labels[:, eligible], scores[:, :, eligible])
    assert found.value[:, 3] == pytest.approx(kept.value[:, 2])
    assert found.covariance[3] == pytest.approx(kept.covariance[2])
    none = estimate(labels, scores, eligible=np.zeros(3, dtype=bool))
    assert np.isnan(none.value[:, 3]).all()
    assert np.isnan(difference(none, 0, 1).p_value[3])


def test_seeds_add_their_variance_and_lower_the_degrees_of_freedom():
    """If seeds have no error of patients in common, it is Welch's t-test of the seeds."""
    rng = np.random.default_rng(3)
    labels = np.repeat([1.0, 0.0], 5000)[:, None]
    values = {0: [0.80, 0.82, 0.81], 1: [0.84, 0.85, 0.87]}
    scores = []
    for aurocs in values.values():
        for auroc in aurocs:  # that share of positives lies above all negatives, the rest below
            above = int(auroc * 5000)
            positives = rng.permutation(np.repeat([1.0, -1.0], [above, 5000 - above]))
            scores.append(np.r_[positives, np.zeros(5000)])
    found = difference(estimate(labels, np.array(scores)[:, :, None], seeds=3), 0, 1)
    expected = stats.ttest_ind(values[0], values[1], equal_var=False)
    assert found.difference[0] == pytest.approx(np.mean(values[0]) - np.mean(values[1]))
    assert found.p_value[0] == pytest.approx(expected.pvalue, rel=0.1)


def test_models_that_rank_alike_do_not_differ():
    labels, scores = binormal(np.random.default_rng(4), 1, 200, 0.3)
    found = difference(estimate(labels, np.concatenate([scores, np.exp(scores)])), 0, 1)
    assert found.difference.tolist() == [0, 0]
    assert found.p_value.tolist() == [1, 1]
    assert found.low.tolist() == found.high.tolist() == [0, 0]


def test_perfect_separation_has_an_interval():
    labels = np.repeat([1.0, 0.0], [12, 40])[:, None]
    found = estimate(labels, labels.T[:, :, None] + np.zeros((1, 52, 1)))
    low, high = auroc_tests.intervals(found)
    assert high[0, 0] == 1
    assert 0.8 < low[0, 0] < 0.95
    assert np.isnan(low[0, 1])
    assert auroc_tests.newcombe(0.0, 12, 40) == pytest.approx((0.0, 1 - low[0, 0]))


def test_a_constant_score_has_an_area_of_exactly_a_half():
    labels, scores = binormal(np.random.default_rng(8), 2, 100, 0.3)
    scores[0] = 0.2
    low, high = auroc_tests.intervals(estimate(labels, scores))
    assert low[0].tolist() == high[0].tolist() == [0.5, 0.5]
    assert (low[1] < high[1]).all()


def test_newcombe_by_its_equation():
    low, high = auroc_tests.newcombe(0.8, 30, 50)
    for t in (low, high):
        part = 1 + 39 * ((1 - t) / (2 - t) + t / (1 + t))
        variance = t * (1 - t) * part / 1500
        assert (0.8 - t) ** 2 == pytest.approx(special.ndtri(0.975) ** 2 * variance)


@pytest.mark.parametrize("missing", [0.0, 1.0])
def test_one_class_is_undefined(missing):
    labels, scores = binormal(np.random.default_rng(5), 2, 50, 0.3)
    labels[:] = 1 - missing
    found = estimate(labels, scores, eligible=np.array([False]))
    assert np.isnan(found.value).all()
    assert np.isnan(difference(found, 0, 1).p_value).all()
    assert np.isnan(auroc_tests.intervals(found)).all()


def test_order_of_units_names_of_patients_and_monotone_maps_do_not_matter():
    rng = np.random.default_rng(6)
    labels, scores = binormal(rng, 4, 200, 0.3, findings=2, seeds=2)
    patients = rng.integers(0, 80, 200)
    found = difference(estimate(labels, scores, patients, 2), 0, 1)
    order = rng.permutation(200)
    other = difference(
        estimate(labels[order], np.exp(scores[:, order]), 500 - patients[order], 2), 0, 1
    )
    turned = difference(estimate(labels, scores, patients, 2), 1, 0)
    for name in ("difference", "standard_error", "degrees", "p_value", "low"):
        assert getattr(found, name) == pytest.approx(getattr(other, name), rel=1e-9)
    assert found.low == pytest.approx(-turned.high)
    assert found.p_value == pytest.approx(turned.p_value)


@pytest.mark.parametrize(
    ("units", "prevalence", "findings", "seeds", "copies"),
    [(200, 0.1, 1, 1, 1), (300, 0.1, 5, 1, 1), (300, 0.2, 1, 3, 1), (450, 0.1, 1, 1, 3)],
    ids=["20 positives", "five findings", "three seeds", "three units a patient"],
)
def test_simulated_size_and_coverage(units, prevalence, findings, seeds, copies):
    rng = np.random.default_rng(7)
    rejected, covered, sets = 0, 0, 300
    for _ in range(sets):
        labels, scores = binormal(rng, 2, units, prevalence, findings=findings, seeds=seeds)
        patients = np.repeat(np.arange(units // copies), copies)
        if copies > 1:
            scores = scores + rng.normal(size=(units // copies, 1))[patients]
        enough = auroc_tests.class_patients(labels, patients).min(axis=1) >= 10
        found = estimate(labels, scores, patients, seeds, enough)
        rejected += difference(found, 0, 1).p_value[-1] < 0.05
        if copies == 1:
            low, high = auroc_tests.intervals(found)
            covered += ((low[:, -1] <= 0.85) & (high[:, -1] >= 0.85)).mean()
    assert rejected / sets <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / sets)
    if copies == 1:
        assert covered / sets >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / sets)


def test_intervals_add_half_a_positive_at_chance():
    """By hand: the placement 1/2, of weight 1/2, joins those of the positives, the smaller class.

    Every positive counts twice and the new one once, with 12.5 positives in the denominators.
    """
    labels = (np.arange(120) < 12).astype(float)[:, None]
    scores = binormal(np.random.default_rng(5), 1, 120, 0.1)[1] + labels
    found = estimate(labels, scores)
    positive, negative, auroc = delong.placements(labels[:, 0], scores[:, :, 0])
    doubled = np.append(np.repeat(positive[0], 2), 0.5)
    centre = doubled.mean()
    squares = np.sum((doubled - centre) ** 2) / 2
    parts = squares / 11.5 / 12.5, np.var(negative[0], ddof=1) / 108
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / 11.5 + parts[1] ** 2 / 107)
    half = stats.t.ppf(0.975, degrees) * np.sqrt(sum(parts)) / (centre * (1 - centre))
    low, high = auroc_tests.intervals(found)
    ends = special.expit(special.logit(centre) + np.array([-half, half]))
    assert low[0, 0] == pytest.approx(ends[0])
    above = influence_tests.intervals(found)[1][0, 0]  # the limit without the half positive
    assert ends[1] < above
    middle = (special.logit(ends[1]) + special.logit(above)) / 2
    assert high[0, 0] == pytest.approx(special.expit(middle))
    assert high[0, 0] > auroc[0]
    assert low[0, 1] == pytest.approx(low[0, 0])  # the mean over one finding is that finding


def test_the_interval_of_a_mean_over_findings_covers_it():
    """Eight findings with 10 to 20 positives: changed by the full half patients, 90 % cover."""
    rng, covered = np.random.default_rng(3), []
    labels = (np.arange(200)[:, None] < np.array([10, 11, 12, 13, 14, 16, 18, 20])).astype(float)
    shift = np.sqrt(2) * special.ndtri(0.85)
    for _ in range(200):
        scores = rng.normal(size=(2, *labels.shape)) + shift * labels
        low, high = auroc_tests.intervals(estimate(labels, scores))
        covered += ((low[:, 8] <= 0.85) & (high[:, 8] >= 0.85)).tolist()
    assert 0.92 <= np.mean(covered) <= 0.98


def test_an_interval_includes_the_auroc_of_the_patients():
    """One pair of 400 is ordered wrongly: half a patient more pulls the interval below it."""
    labels = (np.arange(50) < 10).astype(float)[:, None]
    scores = np.where(labels == 1, 5.0, 0.0) + np.arange(50)[:, None] / 100
    scores[0], scores[-1] = 2.0, 3.0
    found = estimate(labels, scores[None])
    low, high = auroc_tests.intervals(found)
    assert (low <= found.value).all()
    assert (high >= found.value).all()
    assert low[0, 0] < 0.95


@pytest.mark.parametrize("spread", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("auroc", [0.75, 0.93, 0.97])
def test_simulated_coverage_with_ten_positives(auroc, spread):
    """Positives spread less, as much, or more than negatives; without half more: 73 to 96 %."""
    rng, sets, covered = np.random.default_rng(11), 250, 0
    labels = (np.arange(150) < 10).astype(float)[:, None]
    shift = np.sqrt(1 + spread**2) * special.ndtri(auroc)
    for _ in range(sets):
        noise = rng.normal(size=(1, 150, 1))
        scores = np.where(labels == 1, shift + spread * noise, noise)
        low, high = auroc_tests.intervals(estimate(labels, scores))
        covered += low[0, 0] <= auroc <= high[0, 0]
    assert covered / sets >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / sets)


def test_the_mean_over_findings_is_widened_by_the_mean_of_its_findings():
    """With findings of one size, half as much per finding for two."""
    labels, scores = binormal(np.random.default_rng(6), 1, 200, 0.1, findings=2)
    found = estimate(labels, scores)
    low, _ = auroc_tests.intervals(found)
    plain = influence_tests.intervals(found)
    widened = (plain[0] - low)[0]
    assert 0 < widened[2] < widened[:2].max()

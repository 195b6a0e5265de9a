"""Model against reader at matched rates: hand-worked, against the bootstrap, and simulated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from cxrcompare.comparison.inference.multiplicity import holm
from cxrcompare.evaluation import curves
from cxrcompare.evaluation.thresholds import matched_points
from cxrcompare.evaluation.thresholds.matched_points import (
    sensitivity_difference,
    specificity_difference,
)


def study(rng, units, prevalence=0.3, auroc=0.85, specificity=0.9, readers=1, per_patient=1):
    """Returns labels, scores, calls of readers who are exactly as good as the model, and patients.

    Model and readers see the same signal with a correlated noise; readers call what exceeds a fixed
    threshold, so their point is on the population's ROC curve of the model.
    """
    labels = (rng.random(units) < prevalence).astype(float)
    patients = np.arange(units) // per_patient
    shared = np.sqrt(0.5) * (rng.normal(size=units) + rng.normal(size=units)[patients])

    def seen():
        noise = np.sqrt(0.5) * (shared + rng.normal(size=units))
        return np.sqrt(2) * special.ndtri(auroc) * labels + noise

    limit = special.ndtri(specificity)
    return labels, seen(), np.array([seen() >= limit for _ in range(readers)], float), patients


def bootstrap_error(labels, score, calls, patients, rng, replicates=400):
    """Returns the bootstrap standard error of the difference in sensitivity, patient by patient."""
    members = [np.flatnonzero(patients == one) for one in np.unique(patients)]
    found = []
    for _ in range(replicates):
        drawn = np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])
        y, s, r = labels[drawn], score[drawn], calls[drawn]
        at = curves.sensitivity_at(curves.roc(y, s), np.array(r[y == 0].mean()))
        found.append(at - r[y == 1].mean())
    return np.std(found)


def test_by_hand():
    # 20 positives, scores 1 (12 of them) and 0; 40 negatives, scores 1 (8) and 0. The reader calls
    # 10 of the positives that score 1, and the 8 negatives that score 1: both have the same false
    # positive rate 8/40, the model calls 12 of 20. Difference 2/20. All discordance is in two
    # positives: variance = 20/19 * (2 * .9**2 + 18 * .1**2) / 20**2; negatives agree exactly.
    labels = np.array([1.0] * 20 + [0.0] * 40)
    score = np.array([1.0] * 12 + [0.0] * 8 + [1.0] * 8 + [0.0] * 32)
    calls = np.array([1.0] * 10 + [0.0] * 10 + [1.0] * 8 + [0.0] * 32)
    found = sensitivity_difference(labels, score[None], calls, np.arange(60))
    error = np.sqrt(20 / 19 * (2 * 0.81 + 18 * 0.01) / 400)
    half = stats.t.ppf(0.975, 19) * error
    assert found.difference == pytest.approx(0.1)
    assert (found.low, found.high) == pytest.approx((0.1 - half, 0.1 + half))
    assert found.p_value == pytest.approx(0.5)  # sign test: 2 of 2, 2 * 1/4


def test_the_noise_of_the_threshold_is_included_and_units_are_clustered():
    rng = np.random.default_rng(3)
    for per_patient in (1, 3):
        labels, score, calls, patients = study(rng, 900, 0.3, per_patient=per_patient)
        found = sensitivity_difference(labels, score[None], calls[0], patients)
        error = (found.high - found.low) / 2 / 1.97
        expected = bootstrap_error(labels, score, calls[0], patients, rng)
        assert error == pytest.approx(expected, rel=0.15)
        positive = labels == 1
        at = np.quantile(score[~positive], 1 - calls[0][~positive].mean())
        frozen = np.std((score[positive] >= at) - calls[0][positive]) / np.sqrt(positive.sum())
        assert error > 1.1 * frozen  # a test at a fixed threshold is too certain


def test_specificity_is_sensitivity_with_the_classes_exchanged_and_agrees_with_the_curve():
    labels, score, calls, patients = study(np.random.default_rng(5), 400)
    found = specificity_difference(labels, score[None], calls[0], patients)
    sensitivity = calls[0][labels == 1].mean()
    at = curves.specificity_at(curves.roc(labels, score), np.array(sensitivity))
    assert found.difference == pytest.approx(at - 1 + calls[0][labels == 0].mean())
    assert np.sign(found.difference) == np.sign(
        sensitivity_difference(labels, score[None], calls[0], patients).difference
    )


def test_order_and_monotone_maps_do_not_matter():
    labels, score, calls, patients = study(np.random.default_rng(6), 300, per_patient=2)
    found = sensitivity_difference(labels, score[None], calls[0], patients)
    order = np.random.default_rng(7).permutation(300)
    same = sensitivity_difference(
        labels[order], np.exp(score[None, order]), calls[0][order], patients[order]
    )
    assert np.array(list(vars(same).values())) == pytest.approx(list(vars(found).values()))


def test_unknown_labels_and_missing_calls_are_excluded():
    labels, score, calls, patients = study(np.random.default_rng(8), 300)
    extended = [np.append(values, [np.nan, 1.0]) for values in (labels, calls[0])]
    extended[1][-2:] = [1.0, np.nan]
    found = sensitivity_difference(
        extended[0], np.append(score, [9, -9])[None], extended[1], np.append(patients, [900, 901])
    )
    assert found == sensitivity_difference(labels, score[None], calls[0], patients)


def test_three_seeds_add_their_variance_and_two_are_not_tested():
    labels, score, calls, patients = study(np.random.default_rng(9), 400)
    one = sensitivity_difference(labels, score[None], calls[0], patients)
    same = sensitivity_difference(labels, np.stack([score] * 3), calls[0], patients)
    assert (same.low, same.high) == pytest.approx((one.low, one.high))
    other = np.stack([score, score + np.random.default_rng(1).normal(size=400), score])
    several = sensitivity_difference(labels, other, calls[0], patients)
    values = [
        sensitivity_difference(labels, seed[None], calls[0], patients).difference for seed in other
    ]
    assert several.difference == pytest.approx(np.mean(values))
    # variance between seeds over 3 alone, with at least 2 degrees of freedom
    assert several.high - several.low > 2 * 1.96 * np.std(values, ddof=1) / np.sqrt(3)
    assert several.high - several.low > one.high - one.low
    assert np.isnan(sensitivity_difference(labels, other[:2], calls[0], patients).p_value)


def test_a_rate_that_cannot_be_matched_is_not_tested():
    labels, score, calls, patients = study(np.random.default_rng(2), 300)
    none = np.where(labels == 0, 0.0, calls[0])  # no false positive
    found = sensitivity_difference(labels, score[None], none, patients)
    assert np.isfinite(found.difference)
    assert np.isnan([found.low, found.high, found.p_value]).all()
    one_class = sensitivity_difference(np.ones(300), score[None], calls[0], patients)
    assert np.isnan(one_class.difference)


@pytest.mark.parametrize(
    ("units", "prevalence", "auroc", "specificity", "per_patient"),
    [
        (200, 0.1, 0.75, 0.8, 1),
        (500, 0.1, 0.85, 0.95, 3),
        (500, 0.3, 0.85, 0.9, 1),
        (2000, 0.02, 0.95, 0.98, 1),
    ],
)
def test_equally_good_readers_rarely_differ(units, prevalence, auroc, specificity, per_patient):
    rng = np.random.default_rng(0)
    families = 0
    p_values = []
    for _ in range(150):
        labels, score, calls, patients = study(
            rng, units, prevalence, auroc, specificity, 3, per_patient
        )
        tests = np.array(
            [
                matched_points.combined_p_value(
                    sensitivity_difference(labels, score[None], one, patients),
                    specificity_difference(labels, score[None], one, patients),
                )
                for one in calls
            ]
        )
        families += (holm(tests) < 0.05).any()
        p_values += tests.tolist()
    assert families <= 13  # 99 % limit of a binomial of 150 and 5 %
    assert np.mean(np.array(p_values) < 0.05) < 0.075


def test_a_better_model_is_found():
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels, score, calls, patients = study(rng, 500, 0.3, 0.85, 0.9)
        better = score + 1.2 * labels
        a = sensitivity_difference(labels, better[None], calls[0], patients)
        b = specificity_difference(labels, better[None], calls[0], patients)
        found += matched_points.combined_p_value(a, b) < 0.05 and a.difference > 0
    assert found >= 18


def plain_slope(fp, tp, wanted):
    """The slope from all steps of the curve; `roc_slope` reads those around the window only."""

    def deviate(count, total):
        return special.ndtri((np.asarray(count) + 0.5) / (total + 1))

    x, y = deviate(np.append(0, fp), fp[-1]), deviate(np.append(0, tp), tp[-1])
    centre = deviate(wanted, fp[-1])
    ends = np.clip([centre - 0.5, centre + 0.5], x[0], x[-1])
    kept = np.append(np.flatnonzero(np.diff(x)), len(x) - 1)
    low, middle, high = np.interp([ends[0], centre, ends[1]], x[kept], y[kept])
    return (high - low) / (ends[1] - ends[0]) * np.exp((centre**2 - middle**2) / 2)


def test_the_slope_needs_only_the_steps_around_the_window():
    rng = np.random.default_rng(0)
    for _ in range(3000):
        steps = rng.integers(0, 4, size=(2, rng.integers(1, 60)))
        steps[0, steps.sum(axis=0) == 0] = 1
        fp, tp = np.cumsum(steps, axis=1)
        if fp[-1] and tp[-1]:
            wanted = rng.choice([rng.random() * fp[-1], float(rng.integers(0, fp[-1] + 1))])
            expected = plain_slope(fp, tp, wanted)
            assert matched_points.roc_slope(fp, tp, wanted) == pytest.approx(expected, rel=1e-9)

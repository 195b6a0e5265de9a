"""Worse than chance or not: by hand, against slow references, and over many sets of noise."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

from cxrcompare.comparison.inference.multiplicity import holm
from cxrcompare.evaluation.auroc import chance, delong

KINDS = ("independent", "correlated", "clustered", "few patients", "rare", "tied", "saturated")


def test_the_mann_whitney_test_where_each_patient_has_one_unit():
    rng = np.random.default_rng(0)
    labels = (rng.random(80) < 0.3).astype(float)
    labels[:5] = np.nan
    scores = np.round(rng.normal(size=(4, 80)), 1)  # with ties
    expected = [
        stats.mannwhitneyu(
            row[labels == 1],
            row[labels == 0],
            alternative="less",
            method="asymptotic",
            use_continuity=False,
        ).pvalue
        for row in scores
    ]
    found = chance.exchanged(labels, scores, np.arange(80))
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_moments_are_those_of_every_exchange_of_patients():
    # Four patients with two units each and two with one: 4! * 2! exchanges, all of them written out
    patients = np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 5])
    labels = np.array([1.0, 0, 0, 0, 1, 1, 0, 0, 0, 1])
    scores = np.array([0.1, 0.4, 0.5, 0.9, 0.2, 0.3, 0.7, 0.7, 0.6, 0.05])
    ranks, sums = stats.rankdata(scores), []
    for pairs in itertools.permutations(range(4)):
        for singles in ([8, 9], [9, 8]):
            order = [unit for p in pairs for unit in (2 * p, 2 * p + 1)] + singles
            sums.append(ranks @ labels[order])
    z = (ranks @ labels - np.mean(sums)) / np.std(sums)
    found = chance.exchanged(labels, scores[None], patients)
    assert found[0] == pytest.approx(stats.norm.cdf(z), rel=1e-9)


def test_the_larger_of_both_p_values():
    rng = np.random.default_rng(1)
    labels, patients = (rng.random(120) < 0.2).astype(float), np.arange(120) // 2
    scores = rng.normal(size=(6, 120))
    areas = delong.clustered(labels, scores, patients)
    own = stats.norm.cdf((areas.auroc - 0.5) / np.sqrt(np.diag(areas.covariance)))
    expected = np.maximum(own, chance.exchanged(labels, scores, patients))
    np.testing.assert_allclose(chance.p_worse(labels, scores, patients), expected)


def test_scores_turned_round_turn_the_p_value_round():
    rng = np.random.default_rng(2)
    labels, patients = (rng.random(90) < 0.3).astype(float), np.arange(90) // 3
    scores = rng.normal(size=(5, 90))
    up, down = (chance.exchanged(labels, sign * scores, patients) for sign in (1, -1))
    np.testing.assert_allclose(up + down, 1)
    mapped = chance.p_worse(labels, np.exp(scores), patients)
    np.testing.assert_allclose(mapped, chance.p_worse(labels, scores, patients))


def test_perfectly_inverted_scores_are_found():
    labels = np.repeat([1.0, 0], [8, 32])
    # one of the 76,904,685 choices of 8 units of 40
    found = chance.p_worse(labels, (1 - labels)[None], np.arange(40))[0]
    assert found == pytest.approx(1 / 76_904_685)
    assert chance.p_worse(labels, labels[None], np.arange(40))[0] > 0.999


@pytest.mark.parametrize(
    ("labels", "scores"),
    [
        (np.zeros(6), np.arange(6.0)),
        (np.eye(6)[0], np.arange(6.0)),
        (np.full(6, np.nan),) * 2,
        (np.array([1.0, 0, 1, 0, 1, 0]), np.full(6, 0.5)),
    ],
)
def test_undefined_is_nan(labels, scores):
    assert np.isnan(chance.p_worse(labels, scores[None], np.arange(6))[0])


def noise(
    rng: np.random.Generator, kind: str, runs: int = 15, findings: int = 14, units: int = 150
) -> Any:
    """Returns labels (N, F), patients (N,) and scores (M, N, F) that are independent of them."""
    patients = np.arange(units)
    label = rng.normal(size=(units, findings)) + rng.normal(size=(units, 1))
    score = rng.normal(size=(runs, units, findings))
    if kind == "correlated":  # findings go together, and so do runs
        score += 2 * rng.normal(size=(units, findings)) + rng.normal(size=(units, 1))
    if kind in ("clustered", "few patients"):  # units of a patient are nearly alike
        patients //= 5 if kind == "clustered" else 15
        label += 3 * rng.normal(size=(units, findings))[patients]
        score += 3 * rng.normal(size=(runs, units, findings))[:, patients]
    if kind == "tied":
        score = np.round(score)
    if kind == "saturated":  # 96 % share the highest score
        score = np.minimum(score, -1.8)
    share = 0.03 if kind in ("rare", "saturated") else 0.25
    labels = (label > np.quantile(label, 1 - share, axis=0)).astype(float)
    labels[rng.random(labels.shape) < 0.1] = np.nan
    return labels, patients, score


@pytest.mark.parametrize("number", [1, 2, 3, 5, 7])
@pytest.mark.parametrize(
    "scores",
    [np.arange(8.0), np.array([0, 0, 0, 1, 1, 2, 3, 3.0]), np.array([0, 1, 1, 1, 1, 1, 1, 2.0])],
)
def test_the_exact_test_counts_every_choice_of_the_positives(scores, number):
    ranks = stats.rankdata(scores)
    choices = [list(one) for one in itertools.combinations(range(8), number)]
    sums = np.array([ranks[one].sum() for one in choices])
    for one, own in zip(choices, sums, strict=True):
        positive = np.isin(np.arange(8), one)
        assert chance.exact(positive, scores) == pytest.approx(np.mean(sums <= own + 1e-9))


@pytest.mark.parametrize("units", [6, 9, 12])
def test_the_level_holds_over_all_choices_of_few_units(units):
    """Of all choices of the positives, the share with a p-value of at most p is at most p."""
    scores = np.arange(float(units))
    for number in range(2, units - 1):
        found = np.sort(
            [
                chance.p_worse(np.isin(scores, one).astype(float), scores[None], scores)[0]
                for one in itertools.combinations(scores, number)
            ]
        )
        small = found[found <= 0.05]
        rank = np.searchsorted(found, small * (1 + 1e-9), side="right")
        assert (rank / len(found) <= small * (1 + 1e-9)).all()


def test_many_units_have_no_exact_test():
    positive = np.arange(5000) % 10 == 0
    assert np.isnan(chance.exact(positive, np.arange(5000.0)))


@pytest.mark.parametrize("kind", KINDS)
def test_noise_raises_an_alarm_in_at_most_5_percent_of_sets(kind):
    """15 runs x 14 findings, Holm over all: of 100 sets at 5 %, over 11 have probability 0.4 %."""
    rng = np.random.default_rng(5)
    alarms = 0
    for _ in range(100):
        labels, patients, scores = noise(rng, kind)
        p_values = [
            chance.p_worse(labels[:, f], scores[:, :, f], patients) for f in range(labels.shape[1])
        ]
        alarms += bool((holm(np.ravel(p_values)) <= 0.05).any())
    assert alarms <= 11

"""Figures of merit of networks, readers and their panel: values, influences, noise."""

import dataclasses

import numpy as np
import pytest

from cxrcompare.comparison.inputs.panel import CHOSEN
from cxrcompare.comparison.readers.reader_merit import merit

NAN = float("nan")


@pytest.fixture
def drawn(make_panel):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (120, 1)) * 1.0
    labels[:5] = NAN
    scores = {f"a__seed{s}": 0.4 * labels + 0.6 * rng.uniform(size=(120, 1)) for s in range(2)}
    scores = {name: np.nan_to_num(one, nan=0.5) for name, one in scores.items()}
    scores["b"] = rng.uniform(size=(120, 1))
    ratings = (rng.uniform(size=(4, 120, 1)) < 0.2 + 0.6 * np.nan_to_num(labels)) * 1.0
    ratings[0, 10] = NAN
    return make_panel(labels, scores, patients=np.arange(120) // 2), ratings


def by_hand(label, called, metric, threshold):
    sensitivity, specificity = called[label == 1].mean(), 1 - called[label == 0].mean()
    if metric == "net_benefit":
        odds = threshold / (1 - threshold)
        return (called * (label - (1 - label) * odds)).mean()
    return {
        "sensitivity": sensitivity,
        "specificity": specificity,
        "balanced_accuracy": (sensitivity + specificity) / 2,
    }[metric]


@pytest.mark.parametrize(
    "metric", ["sensitivity", "specificity", "balanced_accuracy", "net_benefit"]
)
def test_values_are_those_of_the_units_that_all_rated(drawn, metric):
    panel, ratings = drawn
    threshold = 0.3 if metric == "net_benefit" else NAN
    found = merit(panel, ratings, 0, metric, threshold)
    kept = ~np.isnan(panel.labels[:, 0]) & ~np.isnan(ratings[:, :, 0]).any(axis=0)
    label = panel.labels[kept, 0]
    limit = 0.3 if metric == "net_benefit" else 0.5
    runs = [
        by_hand(label, (one[kept, 0] >= limit) * 1.0, metric, threshold) for one in panel.scores
    ]
    assert found.runs == pytest.approx(runs)
    assert found.networks == pytest.approx([np.mean(runs[:2]), runs[2]])
    readers = [by_hand(label, one[kept, 0], metric, threshold) for one in ratings]
    assert found.readers == pytest.approx(readers)
    votes = ratings[:, kept, 0].sum(axis=0)
    clear = votes != 2  # four readers
    vote = (votes[clear] > 2) * 1.0
    assert found.panel.value == pytest.approx(by_hand(label[clear], vote, metric, threshold))
    beside = [
        by_hand(label[clear], (one[kept, 0][clear] >= limit) * 1.0, metric, threshold)
        for one in panel.scores
    ]
    assert found.panel.networks == pytest.approx([np.mean(beside[:2]), beside[2]])
    assert found.units == kept.sum()


@pytest.mark.parametrize("metric", ["balanced_accuracy", "net_benefit"])
def test_influences_are_those_of_the_jackknife_over_patients(drawn, metric):
    panel, ratings = drawn
    found = merit(panel, ratings, 0, metric, 0.3)
    kept = np.flatnonzero(~np.isnan(panel.labels[:, 0]) & ~np.isnan(ratings[:, :, 0]).any(axis=0))
    patients = panel.resamples.patient[kept]
    limit = 0.3 if metric == "net_benefit" else 0.5
    left_out = []
    for patient in np.unique(patients):
        rest = kept[patients != patient]
        label = panel.labels[rest, 0]
        network = by_hand(label, (panel.scores[2, rest, 0] >= limit) * 1.0, metric, 0.3)
        left_out.append(network - by_hand(label, ratings[1, rest, 0], metric, 0.3))
    n = len(left_out)
    jackknife = (n - 1) / n * np.sum((left_out - np.mean(left_out)) ** 2)
    apart = found.network_influence[1] - found.reader_influence[1]
    assert apart @ apart == pytest.approx(jackknife, rel=0.1)


def test_the_noise_of_thresholds_is_in_the_networks_only(drawn):
    panel, ratings = drawn
    rng = np.random.default_rng(1)
    limits = rng.uniform(0.3, 0.7, (150, 3, 1))
    sources = np.full((3, 1), CHOSEN, dtype=object)
    noisy = dataclasses.replace(panel, threshold_replicates=limits, threshold_sources=sources)
    quiet = merit(panel, ratings, 0, "balanced_accuracy", NAN)
    found = merit(noisy, ratings, 0, "balanced_accuracy", NAN)
    kept = ~np.isnan(panel.labels[:, 0]) & ~np.isnan(ratings[:, :, 0]).any(axis=0)
    label = panel.labels[kept, 0]
    values = [
        by_hand(label, (panel.scores[2, kept, 0] >= t) * 1.0, "balanced_accuracy", NAN)
        for t in limits[:, 2, 0]
    ]
    added = (found.network_influence[1] ** 2).sum() - (quiet.network_influence[1] ** 2).sum()
    assert added == pytest.approx(np.var(values, ddof=1))
    assert (found.reader_influence**2).sum() == pytest.approx((quiet.reader_influence**2).sum())


def test_one_class_or_no_threshold_has_no_merit(make_panel):
    ratings = np.ones((3, 4, 1))
    assert (
        merit(make_panel(np.ones((4, 1)), {"a": np.ones((4, 1))}), ratings, 0, "sensitivity", NAN)
        is None
    )
    labels = np.array([[1.0], [0], [1], [0]])
    panel = make_panel(labels, {"a": np.ones((4, 1))}, thresholds=NAN)
    assert merit(panel, ratings, 0, "sensitivity", NAN) is None
    assert merit(panel, ratings, 0, "net_benefit", 0.2) is not None

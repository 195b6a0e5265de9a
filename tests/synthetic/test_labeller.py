"""Tests of simulated label states of reports and of simulated readers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic import labeller
from cxrcompare.synthetic.population import prevalences

INDEX = {name: place for place, name in enumerate(CHEXPERT)}


def test_rates_by_hand():
    # Edema: 0.2339 positive, 0.0927 negative, 0.0581 uncertain; prevalence 0.3.
    # present: 0.94 * 0.2339 / 0.3, 0.05 * 0.0927 / 0.3, 0.55 * 0.0581 / 0.3
    # absent: 0.06 * 0.2339 / 0.7, 0.95 * 0.0927 / 0.7, 0.45 * 0.0581 / 0.7
    absent, present = labeller.rates("Edema", 0.3)
    np.testing.assert_allclose(present[:3], [0.73289, 0.01545, 0.10652], atol=1e-5)
    np.testing.assert_allclose(absent[:3], [0.02005, 0.12581, 0.03735], atol=1e-5)
    assert present.sum() == absent.sum() == pytest.approx(1.0)


@given(st.sampled_from(CHEXPERT), st.floats(0.001, 0.6))
def test_the_states_have_the_stated_shares_where_enough_is_present(finding, prevalence):
    chances = labeller.rates(finding, prevalence)
    assert (chances >= 0).all()
    np.testing.assert_allclose(chances.sum(axis=1), 1.0)
    shares = (1 - prevalence) * chances[0] + prevalence * chances[1]
    stated = np.array(labeller.STATED[finding])
    if chances[1, 3] > 0.0301 and finding != "No Finding":
        np.testing.assert_allclose(shares[:3], stated, atol=1e-12)
    elif finding != "No Finding":  # too few are present for so many labels
        assert (shares[:3] <= stated + 1e-12).all()
    if chances[0, 0]:
        wrong = (1 - prevalence) * chances[0, 0] / stated[0]
        assert wrong == pytest.approx(labeller.FALSE_POSITIVE)


def certain(state: int) -> np.ndarray:
    """Returns chances with which every label is the state of this index, (14, 2, 4)."""
    chances = np.zeros((14, 2, 4))
    chances[..., state] = 1.0
    return chances


@pytest.mark.parametrize(("state", "value"), [(0, 1.0), (1, 0.0), (2, -1.0), (3, np.nan)])
def test_a_certain_state_is_the_label(state, value):
    labels = labeller.label(np.zeros(14), certain(state), np.random.default_rng(0))
    expected = np.full(14, value)
    if value in (1, -1):  # a positive or uncertain illness leaves no room for No Finding
        expected[0] = np.nan
    np.testing.assert_array_equal(labels, expected)


def test_no_finding_stays_beside_devices_alone():
    chances = certain(3)
    for name in ("No Finding", "Support Devices"):
        chances[INDEX[name]] = [[1, 0, 0, 0], [1, 0, 0, 0]]
    labels = labeller.label(np.zeros(14), chances, np.random.default_rng(0))
    assert labels[INDEX["No Finding"]] == labels[INDEX["Support Devices"]] == 1
    chances[INDEX["Edema"]] = [[0, 0, 1, 0], [0, 0, 1, 0]]
    labels = labeller.label(np.zeros(14), chances, np.random.default_rng(0))
    assert np.isnan(labels[INDEX["No Finding"]])
    assert labels[INDEX["Edema"]] == -1


def test_labels_have_the_chances_of_their_truth():
    chances = np.tile(np.array([[0.1, 0.2, 0.3, 0.4], [0.6, 0.2, 0.1, 0.1]]), (14, 1, 1))
    rng = np.random.default_rng(1)
    for truth, expected in ((0, chances[0, 0]), (1, chances[0, 1])):
        drawn = [labeller.label(np.full(14, truth), chances, rng)[1:] for _ in range(800)]
        labels = np.concatenate(drawn)
        shares = [np.mean(labels == state) for state in (1, 0, -1)]
        # 10,400 labels: four standard errors of a share of one half are 0.02.
        np.testing.assert_allclose([*shares, np.mean(np.isnan(labels))], expected, atol=0.02)


def test_probabilities_of_label_states_are_valid():
    for name, prevalence in zip(CHEXPERT, prevalences(), strict=True):
        chances = labeller.rates(name, float(prevalence))
        assert (chances >= 0).all()
        np.testing.assert_allclose(chances.sum(axis=1), 1.0)


def test_readers_differ_in_skill():
    rng = np.random.default_rng(0)
    truth = (rng.random((4000, 14)) < 0.3).astype(float)
    severity = rng.random((4000, 14))
    skills = []
    for skill in labeller.SKILLS.values():
        said = np.array(
            [labeller.read(t, s, skill, rng) for t, s in zip(truth, severity, strict=True)]
        )
        skills.append(said[truth == 1].mean() + 1 - said[truth == 0].mean() - 1)
    assert skills[0] > skills[1] + 0.05 > skills[2] + 0.1
    assert skills[2] > 0.3


@pytest.mark.parametrize("severity", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("skill", labeller.SKILLS.values(), ids=labeller.SKILLS)
def test_a_readers_sensitivity_and_specificity_follow_from_the_normal_distribution(skill, severity):
    separation, bias = skill
    cut = 0.62 * separation + bias + 0.5
    rng = np.random.default_rng(2)
    truth = np.repeat([0.0, 1.0], 20_000)
    said = labeller.read(truth, np.full(len(truth), severity), skill, rng)
    # Four standard errors of a share of one half of 20,000 are 0.014.
    assert said[truth == 0].mean() == pytest.approx(norm.sf(cut), abs=0.014)
    strength = separation * (0.5 + severity)
    assert said[truth == 1].mean() == pytest.approx(norm.sf(cut - strength), abs=0.014)


def test_mild_findings_are_missed_more_often():
    truth, severity = np.ones(5000), np.linspace(0, 1, 5000)
    said = labeller.read(truth, severity, labeller.SKILLS["reader2"], np.random.default_rng(0))
    assert said[:1000].mean() < said[-1000:].mean() - 0.2

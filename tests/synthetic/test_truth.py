"""Tests of the true findings of a study."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.findings import CHEXPERT, PARENTS
from cxrcompare.synthetic.truth import draw_findings, draw_truth, present

INDEX = {name: place for place, name in enumerate(CHEXPERT)}
ILLNESSES = CHEXPERT[1:]
OWN = {"Edema": 0.27, "Lung Lesion": 0.065, "Pleural Effusion": 0.41, "Support Devices": 0.54}
"""Prevalences that the source states, for four of the findings."""


def test_a_child_implies_its_parents():
    # Pneumonia is a consolidation, which is an opacity (Irvin et al. 2019, figure 1).
    true = {name for name, there in zip(CHEXPERT, present(["Pneumonia"]), strict=True) if there}
    assert true == {"Pneumonia", "Consolidation", "Lung Opacity"}


def test_no_finding_allows_only_devices():
    assert present([])[INDEX["No Finding"]] == 1
    assert present(["Support Devices"])[INDEX["No Finding"]] == 1
    for name in CHEXPERT[1:-1]:
        assert present([name])[INDEX["No Finding"]] == 0


def test_findings_of_one_cause_are_correlated():
    there = draw_findings(20_000, np.random.default_rng(1))
    column = dict(zip(CHEXPERT[1:], there.T.astype(float), strict=True))
    for first, second in (
        ("Edema", "Cardiomegaly"),
        ("Edema", "Pleural Effusion"),
        ("Pneumothorax", "Fracture"),
        ("Support Devices", "Edema"),
    ):
        assert np.corrcoef(column[first], column[second])[0, 1] > 0.1


@given(st.lists(st.sampled_from(ILLNESSES), unique=True), st.randoms(use_true_random=False))
def test_the_order_does_not_matter_and_more_severities_never_take_one_away(names, chance):
    found = present(names)
    shuffled = list(names)
    chance.shuffle(shuffled)
    assert (present(shuffled) == found).all()
    assert (present(names[1:])[1:] <= found[1:]).all()
    assert set(found) <= {0.0, 1.0}
    for child, parent in PARENTS.items():
        assert found[INDEX[parent]] >= found[INDEX[child]]
    for name in names:
        assert found[INDEX[name]] == 1
    assert (found[INDEX["No Finding"]] == 1) == (not found[1:-1].any())


@pytest.mark.parametrize("finding", OWN)
def test_own_prevalences_are_those_of_the_source(finding):
    there = draw_findings(40_000, np.random.default_rng(2))
    assert there.shape == (40_000, 13)
    # Four standard errors of a share of one half are 0.01.
    assert there[:, INDEX[finding] - 1].mean() == pytest.approx(OWN[finding], abs=0.01)


def test_severities_are_in_range_and_of_the_drawn_findings():
    rng = np.random.default_rng(3)
    drawn = [draw_truth(rng) for _ in range(500)]
    values = np.array([value for one in drawn for value in one.values()])
    assert 0.12 <= values.min() < 0.2
    assert 0.9 < values.max() <= 1
    # The mean of 0.12 + 0.88 beta(a, a) is 0.56; four standard errors of 1,000 are 0.03.
    assert values.mean() == pytest.approx(0.56, abs=0.03)
    assert {name for one in drawn for name in one} == set(ILLNESSES)
    assert any(not one for one in drawn)


def test_a_study_has_the_findings_of_the_same_random_numbers():
    for seed in range(20):
        there = draw_findings(1, np.random.default_rng(seed))[0]
        names = {name for name, true in zip(ILLNESSES, there, strict=True) if true}
        assert set(draw_truth(np.random.default_rng(seed))) == names

"""Tests of the masks of findings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic.imaging.masks import footprints, outline, pack, unpack
from cxrcompare.synthetic.shapes.geometry import Exposure
from cxrcompare.synthetic.shapes.solids import ellipsoid
from cxrcompare.synthetic.study import Study

from ..studies import BODY, ILLNESSES, exposure, projected, study


@pytest.mark.parametrize("finding", ILLNESSES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_mask_is_where_the_image_changes(finding, seed):
    how = exposure()
    ill = Study(BODY, {finding: 0.8}, (seed, 2, 3), True)
    _, without = projected(Study(BODY, {}, (seed, 2, 3), True), how)
    chest, with_it = projected(ill, how)
    mask = footprints(ill.truth, chest, with_it, how.rays)[finding]
    change = np.abs(with_it.attenuation - without.attenuation)
    assert mask.any()
    assert change[mask].mean() > 4 * change[~mask].mean()


def test_masks_are_stored_as_bits():
    rng = np.random.default_rng(0)
    found = {name: rng.random((5, 7)) < 0.4 for name in ILLNESSES}
    bits = pack(found, (5, 7))
    for name, place in found.items():
        np.testing.assert_array_equal(unpack(bits, name), place)
    assert not unpack(bits, "No Finding").any()


def test_parents_include_the_masks_of_their_children():
    how = exposure()
    ill = study(Pneumonia=0.6)
    chest, seen = projected(ill, how)
    found = footprints(ill.truth, chest, seen, how.rays)
    assert set(found) == {"Pneumonia", "Consolidation", "Lung Opacity"}
    assert (found["Lung Opacity"] >= found["Pneumonia"]).all()


@given(st.dictionaries(st.sampled_from(CHEXPERT), st.integers(0, 2**6 - 1)))
def test_any_set_of_masks_comes_back(found):
    masks = {
        name: np.array([bits >> place & 1 for place in range(6)], bool).reshape(2, 3)
        for name, bits in found.items()
    }
    bits = pack(masks, (2, 3))
    assert bits.dtype == np.uint16
    for name in CHEXPERT:
        expected = masks.get(name, np.zeros((2, 3), bool))
        np.testing.assert_array_equal(unpack(bits, name), expected)


def test_an_outline_is_the_union_of_its_solids():
    # parallel rays of 1 cm: a ball of radius 2.2 around (0, 0, 0) covers columns 3 to 7 of row 5
    rays = Exposure("PA", 11, 11, 1.0, 1e6, 0.0, offset=(0.0, 0.0)).rays
    ball = ellipsoid((0, 0, 0), (2.2, 2.2, 2.2))
    found = outline([ball], rays)
    assert np.flatnonzero(found[5]).tolist() == [3, 4, 5, 6, 7]
    assert np.flatnonzero(found[:, 5]).tolist() == [3, 4, 5, 6, 7]
    other = ball.moved((3.0, 0.0, 0.0))
    both = outline([ball, other], rays)
    np.testing.assert_array_equal(both, found | outline([other], rays))
    assert np.flatnonzero(both[5]).tolist() == [3, 4, 5, 6, 7, 8, 9, 10]


def test_only_true_findings_have_a_mask():
    ill = study(Edema=0.6, Fracture=0.6)
    how = exposure()
    chest, seen = projected(ill, how)
    truth = ill.truth.copy()
    truth[CHEXPERT.index("Fracture")] = 0
    assert set(footprints(truth, chest, seen, how.rays)) == {"Edema", "Lung Opacity"}
    assert footprints(np.zeros(14), chest, seen, how.rays) == {}


def test_a_large_heart_is_masked_as_a_whole():
    ill = study(Cardiomegaly=0.5)
    how = exposure()
    chest, seen = projected(ill, how)
    found = footprints(ill.truth, chest, seen, how.rays)
    np.testing.assert_array_equal(found["Cardiomegaly"], outline(chest.heart, how.rays))
    assert (found["Enlarged Cardiomediastinum"] >= found["Cardiomegaly"]).all()

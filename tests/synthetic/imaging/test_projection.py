"""Tests of the line integrals of a chest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxrcompare.synthetic.chest import pleura
from cxrcompare.synthetic.chest.anatomy import LUNG, SOFT, Cloud, Lump, build_chest
from cxrcompare.synthetic.chest.vessels import Tree
from cxrcompare.synthetic.imaging.projection import project
from cxrcompare.synthetic.shapes.geometry import Exposure
from cxrcompare.synthetic.shapes.solids import Tube, chords, ellipsoid, resample

from ..studies import BODY

CHEST = build_chest(BODY, False)
RAYS = Exposure("PA", 60, 60, 0.8, 1e6, 0.0, offset=(0.0, 0.0)).rays
"""Parallel rays, 0.8 cm apart."""
PLAIN = project(CHEST, RAYS)
UPPER = CHEST.lungs["left"].hull.centre + np.array([0.0, 0.0, 10.0])
"""A place in the upper left lung, where neither heart nor diaphragm is on the rays."""


def test_attenuation_is_positive_and_the_lung_is_inside_its_cavity():
    assert PLAIN.attenuation.min() >= 0
    assert (PLAIN.lung >= 0).all()
    assert (PLAIN.lung <= PLAIN.cavity + 1e-9).all()
    assert PLAIN.cavity.max() < 2 * BODY.depth
    assert PLAIN.parts == {}


def test_soft_tissue_alone_attenuates_as_water():
    # a trunk without lungs, bones and vessels: 0.19 per centimetre
    trunk, far = ellipsoid((0, 0, 0), (8, 5, 9)), ellipsoid((0, 0, 500), (1, 1, 1))
    none = {side: Tree(*(np.empty(shape) for shape in ((0, 3), 0, 0))) for side in CHEST.vessels}
    bare = replace(
        CHEST,
        coat=(trunk,),
        lungs={side: replace(lung, hull=far, dome=far) for side, lung in CHEST.lungs.items()},
        lumps=(),
        bones=(replace(CHEST.bones[0], density=0.0),),
        air=(),
        vessels=none,
        spine=CHEST.spine + np.array([500.0, 0, 0]),
    )
    expected = 0.19 * chords([trunk], [], RAYS)[0]
    np.testing.assert_allclose(project(bare, RAYS).attenuation, expected, atol=1e-9)


@pytest.mark.parametrize("finding", ["Edema", "Consolidation"])
def test_a_cloud_adds_the_integral_of_its_gaussian(finding):
    # density 0.1 and standard deviation 1.2 at the centre: 0.1 * 1.2 * sqrt(2 pi) = 0.3008
    cloud = Cloud(UPPER, 1.44 * np.eye(3), 0.1, "left", finding)
    found = project(replace(CHEST, clouds=(cloud,)), RAYS)
    added = found.attenuation - PLAIN.attenuation
    np.testing.assert_allclose(added, found.parts[finding], atol=1e-9)
    assert set(found.parts) == {finding}
    assert added.max() == pytest.approx(0.3008, rel=0.06)  # between pixels of 0.8 cm
    # over the area: 0.1 * (2 pi)^1.5 * 1.2^3 = 2.7215 square centimetres
    assert added.sum() * 0.64 == pytest.approx(2.7215, rel=0.03)


def test_a_cloud_is_clipped_by_its_lung():
    other = Cloud(UPPER, 1.44 * np.eye(3), 0.1, "right", "Edema")
    found = project(replace(CHEST, clouds=(other,)), RAYS)
    assert np.abs(found.parts["Edema"]).sum() < 0.05


def test_a_lump_adds_its_density_times_its_chord():
    solid = ellipsoid(UPPER, (2, 2, 2))
    lump = Lump(solid, 0.3, "Lung Lesion", "left")
    found = project(replace(CHEST, lumps=(*CHEST.lumps, lump)), RAYS)
    np.testing.assert_allclose(found.parts["Lung Lesion"], 0.3 * chords([solid], [], RAYS)[0])
    added = found.attenuation - PLAIN.attenuation
    np.testing.assert_allclose(added, found.parts["Lung Lesion"], atol=1e-9)


def test_a_tube_adds_its_volume_times_its_density():
    path = resample([(-6.0, 0, 0), (6.0, 0, 0)], 0.1)
    tube = Tube(path, np.full(len(path), 0.5), 2.0, "Support Devices")
    found = project(replace(CHEST, tubes=(tube,)), RAYS)
    # pi 0.25 * 12 cm * 2.0 = 18.85
    assert found.parts["Support Devices"].sum() * 0.64 == pytest.approx(18.85, rel=0.02)
    added = found.attenuation - PLAIN.attenuation
    np.testing.assert_allclose(added, found.parts["Support Devices"], atol=1e-9)


def test_fluid_replaces_lung_by_soft_tissue():
    found = project(pleura.fill(CHEST, "left", 0.6, True), RAYS)
    lost = PLAIN.lung - found.lung
    np.testing.assert_allclose(found.parts["Pleural Effusion"], (SOFT - LUNG) * lost, atol=1e-9)
    np.testing.assert_allclose(found.cavity, PLAIN.cavity)


def test_air_has_no_attenuation_where_the_lung_has_collapsed():
    ill = pleura.pneumothorax(CHEST, 0.5, "left")
    found = project(ill, RAYS)
    density = ill.lungs["left"].density
    air = -found.parts["Pneumothorax"] / density
    assert (air >= -1e-9).all()
    np.testing.assert_allclose(PLAIN.lung - found.lung, air, atol=1e-9)

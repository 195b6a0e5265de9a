"""Tests of vessels and airways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxrcompare.synthetic.chest.anatomy import build_chest
from cxrcompare.synthetic.chest.body import SIDES
from cxrcompare.synthetic.chest.vessels import airways, hilum, vessel_tree

from ..studies import BODY

HULLS = {side: lung.hull for side, lung in build_chest(BODY, False).lungs.items()}


@pytest.mark.parametrize("side", SIDES)
def test_the_hilum_is_inside_its_lung_and_moves_with_the_mediastinum(side):
    place = hilum(BODY, side)
    assert HULLS[side].contains(place[None]).all()
    moved = hilum(replace(BODY, shift=BODY.shift + 2.0), side)
    np.testing.assert_allclose(moved - place, [2.0, 0, 0], atol=1e-12)


def test_the_left_hilum_is_higher():
    assert hilum(BODY, "left")[2] > hilum(BODY, "right")[2]


@pytest.mark.parametrize("side", SIDES)
def test_a_tree_of_thirteen_vessels_that_branch_three_times(side):
    tree = vessel_tree(BODY, HULLS[side], side, 0.5)
    # 13, 39, 117, 351 curves of 32, 18, 10 and 6 points: reach / 0.5, and at least 6
    curves = [(13, 32), (39, 18), (117, 10), (351, 6)]
    count = sum(number * points for number, points in curves)
    assert tree.points.shape == (count, 3)
    assert tree.radius.shape == tree.weight.shape == (count,)
    assert tree.radius.min() > 0
    first = tree.points[: 13 * 32].reshape(13, 32, 3)
    np.testing.assert_allclose(first[:, 0], np.tile(hilum(BODY, side), (13, 1)))
    away = np.linalg.norm((first[:, -1] - HULLS[side].centre) @ HULLS[side].matrix.T, axis=1)
    assert ((away > 0.799) & (away < 0.971)).all()  # towards the pleura, none beyond it
    # each curve is as long as the distances between its points
    length = np.linalg.norm(np.diff(first, axis=1), axis=2).sum()
    assert tree.weight[: 13 * 32].sum() == pytest.approx(length)
    radii = tree.radius[: 13 * 32].reshape(13, 32)
    assert (np.diff(radii, axis=1) < 0).all()
    assert tree.radius[13 * 32 :].max() < radii.max()


def test_the_factor_of_the_body_widens_all_vessels():
    plain, wide = (
        vessel_tree(replace(BODY, vessels=factor), HULLS["left"], "left", 0.5)
        for factor in (1.0, 1.5)
    )
    np.testing.assert_allclose(wide.radius, 1.5 * plain.radius)
    np.testing.assert_array_equal(wide.points, plain.points)


def test_the_trachea_divides_into_a_bronchus_to_each_hilum():
    trachea, *bronchi = airways(BODY)
    assert all(tube.density < 0 for tube in (trachea, *bronchi))
    assert trachea.points[0, 2] > trachea.points[-1, 2]
    for side, bronchus in zip(SIDES, bronchi, strict=True):
        np.testing.assert_allclose(bronchus.points[0], trachea.points[-1])
        np.testing.assert_allclose(bronchus.points[-1], hilum(BODY, side))
        assert bronchus.radius[0] > bronchus.radius[-1]

"""Tests of ribs, clavicles, scapulae and the spine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxrcompare.synthetic.chest.anatomy import build_chest
from cxrcompare.synthetic.chest.body import SIDES
from cxrcompare.synthetic.chest.skeleton import bones, rib_paths, rib_radius, shell, spine

from ..studies import BODY


def test_the_ribs_of_both_sides_are_mirror_images():
    left, right = (rib_paths(BODY, side) for side in ("left", "right"))
    assert left.shape == (11, 120, 3)
    np.testing.assert_allclose(left * [-1, 1, 1], right)
    assert (left[..., 0] > 0).all()


def test_each_rib_starts_behind_and_below_the_one_before():
    ribs = rib_paths(BODY, "left")
    np.testing.assert_allclose(np.diff(ribs[:, 0, 2]), -2.75 * BODY.scale, atol=0.2)
    assert (ribs[:, 0, 1] < 0).all()
    assert (ribs[:9, -1, 1] > 0).all()  # the last two end at the side
    assert (ribs[:, 0, 2] > ribs[:, -1, 2]).all()


@pytest.mark.parametrize("side", SIDES)
def test_the_ribs_follow_the_pleura(side):
    hull = build_chest(BODY, False).lungs[side].hull
    ribs = rib_paths(BODY, side)[1:].reshape(-1, 3)
    away = np.linalg.norm((ribs - hull.centre) @ hull.matrix.T, axis=1)  # 1 at the pleura
    np.testing.assert_allclose(away, 1.0, atol=0.15)
    assert away.mean() == pytest.approx(1.0, abs=0.03)


def test_a_shell_is_a_dense_bone_with_a_lighter_core():
    path, radius = np.zeros((5, 3)), np.full(5, 2.0)
    outer, core = shell(path, radius)
    assert outer.radius.tolist() == [2.0] * 5
    np.testing.assert_allclose(core.radius, 1.44)
    assert outer.density > outer.density + core.density > 0


def test_ribs_are_thinner_at_the_side():
    radius = rib_radius(BODY)
    assert radius.shape == (120,)
    assert radius.argmin() == pytest.approx(len(radius) / 2, abs=12)
    assert (radius > 0.3 * BODY.scale).all()


@pytest.mark.parametrize("arms_up", [True, False])
def test_every_bone_is_there_once_on_each_side(arms_up):
    found = bones(BODY, arms_up, 0.0)
    # 11 ribs and a clavicle of a shell and a core; blade, ridge of two; arm of two if it is down
    assert len(found) == 2 * (2 * 12 + 3 + (0 if arms_up else 2))
    assert sum(bone.points[:, 0].mean() > 0 for bone in found) == len(found) // 2


def test_hunched_shoulders_bring_the_scapulae_over_the_lungs():
    def inner(hunched: float) -> float:
        blades = [bone for bone in bones(BODY, False, hunched) if bone.points[:, 1].max() < -2]
        return min(float(np.abs(blade.points[:, 0]).min()) for blade in blades)

    # 3.4 cm further out when not hunched, 0.2 cm when hunched
    assert inner(0.0) - inner(1.0) == pytest.approx(3.2 * BODY.scale, abs=0.05)


def test_the_spine_runs_down_behind_and_bends_with_kyphosis():
    straight, bent = (spine(replace(BODY, kyphosis=bend)) for bend in (0.3, 6.0))
    assert straight.shape == (53, 3)
    assert (np.diff(straight[:, 2]) < 0).all()
    assert (straight[:, 1] < 0).all()
    np.testing.assert_array_equal(straight[:, [0, 2]], bent[:, [0, 2]])
    forward = bent[:, 1] - straight[:, 1]
    assert forward.min() >= 0
    assert forward[0] == forward.max()  # most at the top

"""Tests of support devices and fractures."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.synthetic.chest import devices
from cxrcompare.synthetic.chest.anatomy import build_chest
from cxrcompare.synthetic.chest.body import SIDES
from cxrcompare.synthetic.chest.skeleton import rib_paths

from ..studies import BODY, projected, study

CHEST = build_chest(BODY, False)


def test_a_fracture_leaves_the_other_ribs_as_they_are():
    healthy, _ = projected(study())
    broken, _ = projected(study(Fracture=0.5))
    before = {bone.points.tobytes() for bone in healthy.bones}
    after = {bone.points.tobytes() for bone in broken.bones}
    assert 1 <= len(before - after) <= 3
    assert len(after - before) == 2 * len(before - after)


@pytest.mark.parametrize("kind", devices.KINDS)
def test_every_kind_adds_tubes_of_its_finding_and_keeps_the_rest(kind):
    for seed in range(5):
        chest = devices.add_device(CHEST, kind, np.random.default_rng(seed))
        assert chest.tubes
        assert {tube.finding for tube in chest.tubes} == {devices.NAME}
        assert all(len(tube.points) == len(tube.radius) for tube in chest.tubes)
        assert all(tube.density > 0 for tube in chest.tubes)
        assert chest.lumps[: len(CHEST.lumps)] == CHEST.lumps
        assert len(chest.lumps) == len(CHEST.lumps) + (kind == "pacemaker")
        assert chest.bones == CHEST.bones


def test_an_unknown_kind_is_an_error():
    with pytest.raises(KeyError, match="hat"):
        devices.add_device(CHEST, "hat", np.random.default_rng(0))


def tubes(severity: float, bedridden: bool) -> list[int]:
    rng = np.random.default_rng(0)
    chests = [devices.add_devices(CHEST, severity, bedridden, rng) for _ in range(60)]
    return [len(chest.tubes) for chest in chests]


def test_a_higher_severity_gives_more_devices():
    assert np.mean(tubes(1.0, False)) > np.mean(tubes(0.05, False)) + 1
    assert min(tubes(0.05, True)) >= 1


def test_pacemakers_are_of_patients_who_stand():
    rng = np.random.default_rng(1)
    share = {}
    for bedridden in (True, False):
        chests = [devices.add_devices(CHEST, 0.05, bedridden, rng) for _ in range(200)]
        share[bedridden] = np.mean([len(chest.lumps) > len(CHEST.lumps) for chest in chests])
    # One device: 0.6 of 11.2 against 2.5 of 10; four standard errors are 0.06 and 0.12.
    assert share[True] == pytest.approx(0.054, abs=0.065)
    assert share[False] == pytest.approx(0.25, abs=0.125)


@pytest.mark.parametrize("side", SIDES)
def test_a_drain_enters_from_its_side_and_rises_inside_the_lung(side):
    tube = devices.drain(CHEST, side, np.random.default_rng(0))
    x, _, z = tube.points.T * np.array([[SIDES[side]], [1], [1]])
    assert (x > 0).all()
    assert x[0] > CHEST.body.width > x[-1]
    assert z[-1] > z[0] + 8
    assert CHEST.lungs[side].hull.contains(tube.points[-1:]).all()


@pytest.mark.parametrize(("severity", "ribs"), [(0.1, 1), (0.5, 2), (1.0, 3)])
def test_fractures_lie_on_neighbouring_ribs_of_one_side(severity, ribs):
    for seed in range(10):
        broken = devices.fracture(CHEST, severity, np.random.default_rng(seed))
        callus = [tube for tube in broken.tubes if tube.finding == "Fracture"]
        assert len(callus) == ribs
        assert len({np.sign(tube.points[0, 0]) for tube in callus}) == 1
        # each rib was a shell and its core; its two parts are two shells and their cores
        assert len(broken.bones) == len(CHEST.bones) + 2 * ribs


def test_the_lateral_part_of_a_broken_rib_is_lower():
    broken = devices.fracture(CHEST, 0.1, np.random.default_rng(0))
    (callus,) = broken.tubes
    side = "left" if callus.points[0, 0] > 0 else "right"
    added = [bone for bone in broken.bones if all(bone is not old for old in CHEST.bones)]
    outer = min((bone.points for bone in added), key=lambda points: abs(points[0, 0]) * -1)
    (rib,) = [
        path
        for path in rib_paths(BODY, side)
        if not any(np.array_equal(path, bone.points) for bone in broken.bones)
    ]
    before = rib[-len(outer) :]
    # 0.7 + 1.1 * 0.1 = 0.81 cm at the fracture, and 0.15 of that at the end
    assert before[0, 2] - outer[0, 2] == pytest.approx(0.81)
    assert before[-1, 2] - outer[-1, 2] == pytest.approx(0.15 * 0.81)

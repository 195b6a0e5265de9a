"""Tests of effusion, pneumothorax and pleural thickening."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxrcompare.synthetic.chest import pleura
from cxrcompare.synthetic.chest.anatomy import build_chest
from cxrcompare.synthetic.chest.body import SIDES
from cxrcompare.synthetic.imaging.projection import project
from cxrcompare.synthetic.study import pneumothorax_side

from ..studies import BODY, exposure, projected, study

CHEST = build_chest(BODY, False)


@pytest.mark.parametrize("upright", [True, False])
def test_more_effusion_is_more_fluid_at_the_base(upright):
    how = exposure("PA" if upright else "AP", upright=upright)
    volumes = []
    for severity in (0.1, 0.3, 0.5, 0.7, 0.9):
        _, seen = projected(study(Pleural_Effusion=severity), how)
        fluid = seen.parts["Pleural Effusion"]
        assert fluid.min() > -1e-9
        volumes.append(fluid.sum())
        if upright:
            height = np.average(np.arange(len(fluid)), weights=fluid.sum(axis=1))
            cavity = np.average(np.arange(len(fluid)), weights=seen.cavity.sum(axis=1))
            assert height > cavity
    assert np.all(np.diff(volumes) > 0)


def test_upright_fluid_rises_along_the_wall():
    """The meniscus: in the row of the fluid's top, it is at the chest wall."""
    _, seen = projected(study(Pleural_Effusion=0.6))
    fluid = seen.parts["Pleural Effusion"] > 0.2
    top = np.flatnonzero(fluid.any(axis=1))[0] + 2
    lung = np.flatnonzero(seen.cavity[top] > 1.0)
    wet = np.flatnonzero(fluid[top])
    edge = np.minimum(wet - lung.min(), lung.max() - wet)
    assert edge.mean() < 0.18 * np.ptp(lung)  # spread evenly it would be a quarter


def test_lying_fluid_spreads_higher_than_standing_fluid():
    _, standing = projected(study(Pleural_Effusion=0.5), exposure("AP", upright=True))
    _, lying = projected(study(Pleural_Effusion=0.5), exposure("AP", upright=False))
    tops = [
        np.flatnonzero((seen.parts["Pleural Effusion"] > 0.05).any(axis=1))[0]
        for seen in (standing, lying)
    ]
    assert tops[1] < tops[0]


def test_a_pneumothorax_is_darker_and_has_no_vessels():
    how = exposure()
    _, healthy = projected(study(), how)
    chest, seen = projected(study(Pneumothorax=0.7), how)
    air = seen.parts["Pneumothorax"] < -0.15
    assert air.sum() > 50
    assert (seen.attenuation[air] < healthy.attenuation[air]).mean() > 0.95
    side = pneumothorax_side(study(Pneumothorax=0.7))
    lung, tree = chest.lungs[side], chest.vessels[side]
    gone = lung.hull.contains(tree.points) & ~lung.within.contains(tree.points)
    assert gone.sum() > 100
    without = replace(
        tree, points=tree.points[~gone], radius=tree.radius[~gone], weight=tree.weight[~gone]
    )
    bare = project(replace(chest, vessels={**chest.vessels, side: without}), how.rays)
    np.testing.assert_array_equal(bare.attenuation, seen.attenuation)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("upright", [True, False])
def test_fluid_is_on_the_side_that_is_asked_for(side, upright):
    filled = pleura.fill(CHEST, side, 0.5, upright)
    (other,) = set(SIDES) - {side}
    assert filled.lungs[side].above is not None
    assert filled.lungs[other] is CHEST.lungs[other]


def test_two_of_five_effusions_are_on_both_sides_and_neither_is_larger_than_asked_for():
    wet = []
    for seed in range(500):
        chest = pleura.effusion(CHEST, 0.6, True, np.random.default_rng(seed))
        wet.append([side for side in SIDES if chest.lungs[side].above is not None])
        for side in wet[-1]:
            level = chest.lungs[side].above.extent(2)[0]
            most = pleura.fill(CHEST, side, 0.6, True).lungs[side].above.extent(2)[0]
            assert level <= most + 1e-9
    # Four standard errors of a share of 0.4 of 500 are 0.09; of 0.32, 0.08.
    assert np.mean([len(sides) == 2 for sides in wet]) == pytest.approx(0.4, abs=0.09)
    assert np.mean([sides == ["right"] for sides in wet]) == pytest.approx(0.32, abs=0.09)


@pytest.mark.parametrize("side", SIDES)
def test_a_larger_pneumothorax_leaves_a_smaller_and_denser_lung(side):
    small, large = (pleura.pneumothorax(CHEST, amount, side).lungs[side] for amount in (0.2, 0.9))
    for axis in range(3):
        low, high = large.within.extent(axis)
        assert small.within.extent(axis)[0] < low < high < small.within.extent(axis)[1]
    # 0.9: 1 - 0.10 - 0.38 * 0.9 = 0.558 of each length
    ratio = np.ptp(large.within.extent(2)) / np.ptp(CHEST.lungs[side].hull.extent(2))
    assert ratio == pytest.approx(0.558)
    assert CHEST.lungs[side].density < small.density < large.density


@pytest.mark.parametrize("severity", [0.1, 1.0])
def test_thickening_and_plaques_are_at_the_pleura(severity):
    for seed in range(30):
        chest = pleura.pleural_other(CHEST, severity, np.random.default_rng(seed))
        added = chest.lumps[len(CHEST.lumps) :]
        assert chest.lumps[: len(CHEST.lumps)] == CHEST.lumps
        assert added
        for lump in added:
            hull = CHEST.lungs[lump.inside].hull
            away = np.linalg.norm(hull.matrix @ (lump.solid.centre - hull.centre))
            assert away == pytest.approx(1.0)
            assert lump.finding == "Pleural Other"

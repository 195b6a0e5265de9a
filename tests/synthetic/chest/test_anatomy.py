"""Tests of the healthy chest: lungs, heart and soft tissue have the sizes of the body."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxrcompare.synthetic.chest.anatomy import LUNG, SOFT, build_chest
from cxrcompare.synthetic.chest.body import SIDES, draw_body
from cxrcompare.synthetic.imaging.masks import outline
from cxrcompare.synthetic.shapes.geometry import Exposure
from cxrcompare.synthetic.study import Study

from ..studies import BODY, exposure, projected, study


@pytest.mark.parametrize("asked", [0.40, 0.50, 0.62])
def test_the_heart_has_the_width_of_the_cardiothoracic_ratio(asked):
    body = replace(BODY, heart=asked)
    chest, _ = projected(Study(body, {}, (1,), True))
    low = min(part.extent(0)[0] for part in chest.heart)
    high = max(part.extent(0)[1] for part in chest.heart)
    lungs = [lung.hull.extent(0) for lung in chest.lungs.values()]
    inner = max(end for _, end in lungs) - min(start for start, _ in lungs)
    assert (high - low) / inner == pytest.approx(asked, abs=0.012)


def measured_ratio(how: Exposure, heart: float) -> float:
    """Returns the cardiothoracic ratio measured in an image."""
    chest, _ = projected(Study(replace(BODY, heart=heart), {}, (1,), True), how)
    columns = np.flatnonzero(outline(chest.heart, how.rays).any(axis=0))
    inner = np.flatnonzero(
        outline([lung.hull for lung in chest.lungs.values()], how.rays).any(axis=0)
    )
    return np.ptp(columns) / np.ptp(inner)


def test_an_ap_image_shows_a_larger_heart_than_a_pa_image():
    pa = exposure("PA", height=240, width=240, pixel=0.19, offset=(0.0, 0.0))
    ap = exposure("AP", height=240, width=240, pixel=0.21, offset=(0.0, 0.0), distance=105.0)
    assert measured_ratio(ap, 0.46) > measured_ratio(pa, 0.46) + 0.01


@pytest.mark.parametrize("distance", [100.0, 125.0])
def test_the_heart_is_magnified_as_in_bedside_images(distance):
    """Chon et al. 2011 (PMC3207047), measured on CT: PA width / AP width = 0.79 + 0.00099 d."""

    def width(view: str, **changes: float) -> float:
        how = exposure(view, height=240, width=240, pixel=0.21, offset=(0.0, 0.0), **changes)
        chest, _ = projected(study(), how)
        return np.ptp(np.flatnonzero(outline(chest.heart, how.rays).any(axis=0)))

    ratio = width("PA") / width("AP", distance=distance)
    assert ratio == pytest.approx(0.79 + 0.00099 * distance, abs=0.03)


def test_a_body_gives_the_same_chest_again():
    one, other = build_chest(BODY, False), build_chest(BODY, False)
    assert [bone.points.tobytes() for bone in one.bones] == [
        bone.points.tobytes() for bone in other.bones
    ]
    for side in SIDES:
        np.testing.assert_array_equal(one.vessels[side].points, other.vessels[side].points)


def test_each_lung_is_on_its_side_and_reaches_the_apex():
    chest = build_chest(BODY, False)
    for side, sign in SIDES.items():
        hull = chest.lungs[side].hull
        assert sign * hull.centre[0] > 0
        assert chest.lungs[side].density == LUNG < SOFT
        assert hull.extent(2)[1] == pytest.approx(BODY.apex, abs=0.3)  # the axis is tilted a little
        top = dict(zip(("left", "right"), BODY.dome, strict=True))[side]
        assert chest.lungs[side].dome.extent(2)[1] == pytest.approx(top)


def test_the_left_dome_is_where_the_body_says():
    lifted = build_chest(replace(BODY, dome=(BODY.dome[0] + 3, BODY.dome[1])), False)
    plain = build_chest(BODY, False)
    lift = {
        side: lifted.lungs[side].dome.extent(2)[1] - plain.lungs[side].dome.extent(2)[1]
        for side in SIDES
    }
    assert lift == {"left": pytest.approx(3.0), "right": pytest.approx(0.0)}


def test_a_shift_of_the_mediastinum_moves_heart_and_column():
    plain, moved = (build_chest(replace(BODY, shift=shift), False) for shift in (0.0, 1.5))
    for name in ("heart", "column"):
        for one, other in zip(getattr(plain, name), getattr(moved, name), strict=True):
            np.testing.assert_allclose(other.centre - one.centre, [1.5, 0, 0], atol=1e-12)


@pytest.mark.parametrize("arms_up", [False, True])
@pytest.mark.parametrize("female", [False, True])
def test_the_coat_begins_with_a_trunk_around_both_lungs(arms_up, female):
    chest = build_chest(draw_body(50, female, np.random.default_rng(2)), arms_up)
    trunk = chest.coat[0]
    for lung in chest.lungs.values():
        for axis in (0, 1):
            low, high = lung.hull.extent(axis)
            assert trunk.extent(axis)[0] < low < high < trunk.extent(axis)[1]
    # trunk, neck; on each side one arm lifted or shoulder and arm, and one breast or muscle
    assert len(chest.coat) == 2 + 2 * ((1 if arms_up else 2) + 1)


def test_the_spacing_changes_the_number_of_vessel_points_and_not_their_length():
    coarse, fine = (build_chest(BODY, False, spacing=spacing) for spacing in (0.4, 0.1))
    for side in SIDES:
        assert len(fine.vessels[side].points) > 3 * len(coarse.vessels[side].points)
        total = coarse.vessels[side].weight.sum(), fine.vessels[side].weight.sum()
        assert total[0] == pytest.approx(total[1], rel=0.05)

"""Tests that each finding changes the image as expected, in a study with and without it."""

from dataclasses import replace

import numpy as np
import pytest

from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic.chest.body import draw_body
from cxrcompare.synthetic.imaging.masks import footprints, outline, pack, unpack
from cxrcompare.synthetic.imaging.projection import project
from cxrcompare.synthetic.shapes.geometry import Exposure
from cxrcompare.synthetic.study import Study, chest_of, draw_exposure, pneumothorax_side

BODY = draw_body(55, False, np.random.default_rng(4))
ILLNESSES = [name for name in CHEXPERT if name != "No Finding"]


def study(seed=1, **severities):
    named = {name.replace("_", " "): value for name, value in severities.items()}
    return Study(BODY, named, (seed, 2, 3), True)


def exposure(view="PA", **changes) -> Exposure:
    drawn = draw_exposure(study(), view, 120, np.random.default_rng(0))
    return replace(drawn, yaw=0.0, tilt=0.0, inspiration=0.9, **changes)


def projected(of, how=None):
    how = how or exposure()
    chest = chest_of(of, how)
    return chest, project(chest, how.rays)


@pytest.mark.parametrize("asked", [0.40, 0.50, 0.62])
def test_the_heart_has_the_width_of_the_cardiothoracic_ratio(asked):
    body = replace(BODY, heart=asked)
    chest, _ = projected(Study(body, {}, (1,), True))
    low = min(part.extent(0)[0] for part in chest.heart)
    high = max(part.extent(0)[1] for part in chest.heart)
    lungs = [lung.hull.extent(0) for lung in chest.lungs.values()]
    inner = max(end for _, end in lungs) - min(start for start, _ in lungs)
    assert (high - low) / inner == pytest.approx(asked, abs=0.012)


def measured_ratio(how, heart):
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


def test_cardiomegaly_is_a_ratio_over_one_half_and_health_is_not():
    for severity in (0.01, 1.0):
        chest, _ = projected(study(Cardiomegaly=severity))
        assert chest.body.heart > 0.5
    for seed in range(200):
        assert draw_body(30 + seed // 4, seed % 2 == 0, np.random.default_rng(seed)).heart < 0.5


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


def test_atelectasis_raises_the_dome_on_its_side():
    healthy, _ = projected(study())
    ill, _ = projected(study(Atelectasis=0.8))
    lifts = [
        ill.lungs[side].dome.extent(2)[1] - healthy.lungs[side].dome.extent(2)[1]
        for side in ("left", "right")
    ]
    assert max(lifts) > 2.0 and min(lifts) == pytest.approx(0.0)


def test_edema_is_on_both_sides():
    _, seen = projected(study(Edema=0.6))
    part = seen.parts["Edema"]
    middle = part.shape[1] // 2
    assert part[:, :middle].max() > 0.1 and part[:, middle:].max() > 0.1


def test_a_fracture_leaves_the_other_ribs_as_they_are():
    healthy, _ = projected(study())
    broken, _ = projected(study(Fracture=0.5))
    before = {bone.points.tobytes() for bone in healthy.bones}
    after = {bone.points.tobytes() for bone in broken.bones}
    assert 1 <= len(before - after) <= 3
    assert len(after - before) == 2 * len(before - after)


@pytest.mark.parametrize("finding", ILLNESSES)
@pytest.mark.parametrize("view", ["PA", "AP", "lateral"])
def test_every_finding_changes_the_image(finding, view):
    how = exposure(view, upright=view != "AP")
    _, without = projected(study(), how)
    _, with_it = projected(Study(BODY, {finding: 0.7}, (1, 2, 3), True), how)
    assert (np.abs(with_it.attenuation - without.attenuation) > 0.05).sum() > 5


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


@pytest.mark.parametrize("distance", [100.0, 125.0])
def test_the_heart_is_magnified_as_in_bedside_images(distance):
    """Chon et al. 2011 (PMC3207047), measured on CT: PA width / AP width = 0.79 + 0.00099 d."""

    def width(view, **changes):
        how = exposure(view, height=240, width=240, pixel=0.21, offset=(0.0, 0.0), **changes)
        chest, _ = projected(study(), how)
        return np.ptp(np.flatnonzero(outline(chest.heart, how.rays).any(axis=0)))

    ratio = width("PA") / width("AP", distance=distance)
    assert ratio == pytest.approx(0.79 + 0.00099 * distance, abs=0.03)

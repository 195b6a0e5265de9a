"""Tests of one study: how disease changes the body, and how its images are exposed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic.chest.body import SIDES, draw_body
from cxrcompare.synthetic.study import (
    Study,
    chest_of,
    collapsed_side,
    draw_exposure,
    expose,
    pneumothorax_side,
    reshape,
)

from .studies import BODY, exposure, projected, study


def test_cardiomegaly_is_a_ratio_over_one_half_and_health_is_not():
    for severity in (0.01, 1.0):
        chest, _ = projected(study(Cardiomegaly=severity))
        assert chest.body.heart > 0.5
    for seed in range(200):
        assert draw_body(30 + seed // 4, seed % 2 == 0, np.random.default_rng(seed)).heart < 0.5


def test_atelectasis_raises_the_dome_on_its_side():
    healthy, _ = projected(study())
    ill, _ = projected(study(Atelectasis=0.8))
    lifts = [
        ill.lungs[side].dome.extent(2)[1] - healthy.lungs[side].dome.extent(2)[1]
        for side in ("left", "right")
    ]
    assert max(lifts) > 2.0 and min(lifts) == pytest.approx(0.0)


def test_the_truth_has_the_findings_their_parents_and_the_drain():
    def names(of: Study) -> set[str]:
        return {name for name, true in zip(CHEXPERT, of.truth, strict=True) if true}

    assert names(study(Pneumothorax=0.5)) == {"Pneumothorax"}
    drained = replace(study(Pneumothorax=0.5), drain="left")
    assert names(drained) == {"Pneumothorax", "Support Devices"}
    assert names(study(Edema=0.1)) == {"Edema", "Lung Opacity"}
    assert names(study()) == {"No Finding"}
    assert names(replace(study(), site="A")) == {"No Finding"}


def test_a_deep_breath_leaves_a_healthy_body_as_it_is_and_a_shallow_one_lifts_the_domes():
    assert reshape(study(), 1.0) == BODY
    lifted = reshape(study(), 0.0)
    assert lifted == replace(BODY, dome=tuple(top + 2.2 * BODY.scale for top in BODY.dome))


def test_each_disease_changes_only_its_own_sizes():
    # 0.525 + 0.155 * 0.4 = 0.587; 1.28 + 0.75 * 0.4 = 1.58
    assert reshape(study(Cardiomegaly=0.4), 1.0) == replace(BODY, heart=pytest.approx(0.587))
    wide = pytest.approx(1.58 * BODY.mediastinum)
    assert reshape(study(Enlarged_Cardiomediastinum=0.4), 1.0) == replace(BODY, mediastinum=wide)
    for name in ("Edema", "Pneumothorax", "Fracture", "Pleural_Effusion", "Support_Devices"):
        assert reshape(study(**{name: 0.9}), 1.0) == BODY


@pytest.mark.parametrize("seed", range(6))
def test_volume_loss_raises_the_dome_and_draws_the_mediastinum_to_its_side(seed):
    ill = study(seed, Atelectasis=0.5)
    side = collapsed_side(ill)
    found = reshape(ill, 1.0)
    lifts = dict(zip(("left", "right"), np.subtract(found.dome, BODY.dome), strict=True))
    (other,) = set(SIDES) - {side}
    # 0.8 + 3.0 * 0.5 = 2.3 cm; 1.3 * 0.5 = 0.65 cm to the collapsed side
    assert lifts[side] == pytest.approx(2.3 * BODY.scale)
    assert lifts[other] == 0
    assert found.shift - BODY.shift == pytest.approx(0.65 * SIDES[side])


def test_sides_depend_on_the_seed_and_not_on_other_findings():
    sides = {collapsed_side(study(seed)) for seed in range(20)}
    assert sides == set(SIDES)
    for seed in range(20):
        plain = study(seed, Pneumothorax=0.5)
        more = study(seed, Pneumothorax=0.5, Atelectasis=0.5, Edema=0.2)
        assert pneumothorax_side(plain) == pneumothorax_side(more)


def test_a_finding_looks_the_same_beside_another():
    how = exposure()
    alone = chest_of(study(Lung_Lesion=0.6), how)
    beside = chest_of(study(Lung_Lesion=0.6, Edema=0.5), how)
    lumps = [
        [lump.solid.centre.tolist() for lump in chest.lumps if lump.finding == "Lung Lesion"]
        for chest in (alone, beside)
    ]
    assert lumps[0] == lumps[1] != []


def test_a_drain_adds_one_tube_of_the_devices():
    how = exposure()
    plain = chest_of(study(), how)
    drained = chest_of(replace(study(), drain="right"), how)
    assert len(drained.tubes) == len(plain.tubes) + 1
    assert drained.tubes[-1].finding == "Support Devices"
    assert drained.tubes[-1].points[:, 0].max() < 0


@pytest.mark.parametrize("view", ["PA", "AP", "lateral"])
def test_an_exposure_is_of_its_view_and_size(view):
    for seed in range(40):
        found = draw_exposure(study(), view, 100, np.random.default_rng(seed))
        assert found.view == view
        assert max(found.height, found.width) == 100
        assert min(found.height, found.width) >= 82
        if view == "AP":
            assert 100 <= found.distance <= 125
        else:
            assert found.distance == 180
        assert 0 <= found.inspiration <= 1
        assert found.upright
        assert found.marker in ("L", "R", "")
        assert all(0 < share < 1 for share in found.marker_position)
        if found.marker:
            assert (found.marker_position[0] > 0.5) == (found.marker == "L")


def test_a_patient_who_lies_is_exposed_from_the_front_only():
    lying = replace(study(), upright=False)
    assert not draw_exposure(lying, "AP", 100, np.random.default_rng(0)).upright


def test_the_marker_of_a_site_replaces_the_side_and_nothing_else():
    plain = draw_exposure(study(), "PA", 100, np.random.default_rng(3))
    marked = draw_exposure(replace(study(), site="A"), "PA", 100, np.random.default_rng(3))
    assert marked == replace(plain, marker="A", marker_position=(0.06, 0.07))


@pytest.mark.parametrize("view", ["PA", "AP", "lateral"])
def test_the_same_random_numbers_give_the_same_image(view):
    one, other = (
        expose(study(Edema=0.4), view, 48, np.random.default_rng(5)).pixels for _ in range(2)
    )
    assert one.dtype == np.uint8
    assert max(one.shape) == 48
    np.testing.assert_array_equal(one, other)
    third = expose(study(Edema=0.4), view, 48, np.random.default_rng(6)).pixels
    assert one.shape != third.shape or (one != third).any()

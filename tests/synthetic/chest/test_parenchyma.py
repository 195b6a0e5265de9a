"""Tests of the findings of the lung."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.synthetic.chest import parenchyma
from cxrcompare.synthetic.chest.anatomy import BONE, LUNG, SOFT, build_chest
from cxrcompare.synthetic.chest.body import SIDES

from ..studies import BODY, projected, study

CHEST = build_chest(BODY, False)


def test_edema_is_on_both_sides():
    _, seen = projected(study(Edema=0.6))
    part = seen.parts["Edema"]
    middle = part.shape[1] // 2
    assert part[:, :middle].max() > 0.1 and part[:, middle:].max() > 0.1


def test_edema_widens_vessels_and_makes_both_lungs_denser():
    ill = parenchyma.edema(CHEST, 0.5, np.random.default_rng(0))
    for side in SIDES:
        # 1.12 + 0.4 * 0.5 = 1.32; 1.05 + 0.30 * 0.5 = 1.2
        ratio = ill.vessels[side].radius / CHEST.vessels[side].radius
        np.testing.assert_allclose(ratio, 1.32)
        assert ill.lungs[side].density == pytest.approx(1.2 * LUNG)
        assert sum(cloud.side == side for cloud in ill.clouds) == 14
    # Kerley lines: 4 + 10 * 0.5 = 9 on each side, at the lateral base, inside the hull
    assert len(ill.tubes) == 18
    for tube in ill.tubes:
        side = "left" if tube.points[0, 0] > 0 else "right"
        assert CHEST.lungs[side].hull.contains(tube.points[:1]).all()
        assert tube.points[0, 2] < CHEST.lungs[side].hull.centre[2]


@pytest.mark.parametrize("side", SIDES)
def test_zones_are_in_their_lung_from_top_to_base(side):
    places = [parenchyma.lobe(CHEST, side, zone) for zone in ("upper", "middle", "lower")]
    assert CHEST.lungs[side].hull.contains(np.array(places)).all()
    heights = [place[2] for place in places]
    assert heights == sorted(heights, reverse=True)


@pytest.mark.parametrize("finding", ["Consolidation", "Pneumonia"])
def test_a_consolidation_is_in_one_lung_with_air_filled_bronchi(finding):
    for seed in range(10):
        ill = parenchyma.consolidation(CHEST, 0.6, np.random.default_rng(seed), finding)
        assert len({cloud.side for cloud in ill.clouds}) == 1
        assert {cloud.finding for cloud in ill.clouds} == {finding}
        # 7 dense regions; pneumonia has 5 + 8 * 0.6 = 9 patches around them
        assert len(ill.clouds) == (7 if finding == "Consolidation" else 16)
        assert len(ill.tubes) == 4
        assert all(tube.density < 0 for tube in ill.tubes)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(("severity", "bands"), [(0.1, 1), (0.5, 2), (1.0, 3)])
def test_atelectasis_is_bands_above_the_dome_of_its_side(side, severity, bands):
    ill = parenchyma.atelectasis(CHEST, side, severity, np.random.default_rng(1))
    added = ill.lumps[len(CHEST.lumps) :]
    assert len(added) == bands
    assert {lump.inside for lump in added} == {side}
    top = CHEST.lungs[side].dome.extent(2)[1]
    heights = [lump.solid.centre[2] for lump in added]
    assert heights == sorted(heights)
    assert heights[0] == pytest.approx(top + 1.6)
    assert [cloud.side for cloud in ill.clouds] == [side]


def lesions(severity: float) -> list[list]:
    """Returns the lesions of 200 studies."""
    rng = np.random.default_rng(3)
    found = [parenchyma.lesion(CHEST, severity, rng).lumps for _ in range(200)]
    return [list(lumps[len(CHEST.lumps) :]) for lumps in found]


def test_lesions_are_one_mass_or_three_to_seven_nodules_inside_the_lung():
    found = lesions(0.5)
    assert {len(lumps) for lumps in found} == {1, 3, 4, 5, 6, 7}
    # Four standard errors of a share of 0.35 of 200 are 0.135; of 0.4, 0.139.
    assert np.mean([len(lumps) > 1 for lumps in found]) == pytest.approx(0.35, abs=0.135)
    calcified = [lumps[0].density == BONE - LUNG for lumps in found]
    assert np.mean(calcified) == pytest.approx(0.4, abs=0.139)
    for lumps in found:
        assert {lump.density for lump in lumps} <= {BONE - LUNG, SOFT - LUNG}
        for lump in lumps:
            hull = CHEST.lungs[lump.inside].hull
            assert hull.contains(lump.solid.centre[None]).all()


def test_most_lesions_are_not_hidden_by_heart_or_diaphragm():
    depths = np.linspace(-15, 15, 61)[:, None] * [0.0, 1.0, 0.0]
    seen = []
    for lumps in lesions(0.3):
        for lump in lumps:
            line = lump.solid.centre + depths
            solids = (CHEST.lungs[lump.inside].dome, *CHEST.heart, *CHEST.column)
            seen.append(not any(solid.contains(line).any() for solid in solids))
    assert np.mean(seen) > 5 / 6 - 0.05


@pytest.mark.parametrize(("severity", "radius"), [(0.0, 0.5), (1.0, 3.0)])
def test_the_severity_sets_the_diameter_of_a_mass(severity, radius):
    single = [lumps[0].solid for lumps in lesions(severity) if len(lumps) == 1]
    for solid in single:
        sizes = 1 / np.linalg.svd(solid.matrix, compute_uv=False)
        assert (sizes >= 0.85 * radius).all()
        assert (sizes <= 1.15 * radius).all()


def test_opacities_are_many_nodules_or_one_patch():
    rng = np.random.default_rng(0)
    counts = [len(parenchyma.opacity(CHEST, 0.5, rng).clouds) for _ in range(40)]
    assert set(counts) == {5, 90}  # 60 + 60 * 0.5

"""Tests of agreement, correctness, map mass and warnings, and of all of them together."""

import numpy as np
import pytest
from scipy import stats

from cxrcompare.comparison.row_types.localisation_rows import STAYS
from cxrcompare.localisation.localise import Inputs, localise
from cxrcompare.localisation.maps.baselines import CENTRE, LUNGS, MEAN_REGION, RANDOM
from cxrcompare.localisation.maps.map_set import from_arrays
from cxrcompare.localisation.measuring import agreement, correctness
from cxrcompare.localisation.measuring.measures import measure
from cxrcompare.localisation.measuring.rank_correlation import spearman
from cxrcompare.localisation.tables import Choices

from .made_maps import FINDINGS, looking, made_masks, source_of


@pytest.mark.parametrize("seed", range(3))
def test_rank_correlations_are_spearmans_with_ties(seed):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 6, 40).astype(np.float32)
    second = (first + rng.integers(0, 6, 40)).astype(np.float32)
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic)
    assert np.isnan(spearman(first, np.ones(40, np.float32)))


def test_maps_of_seeds_networks_and_random_weights_are_compared():
    masks = made_masks(30)
    sets = [
        looking("a", masks, 9, 0, "0"),
        looking("a", masks, 9, 1, "1"),
        looking("b", masks, 9, 2, "0"),
    ]
    gone, same = looking("a, all layers random", masks, 0, 7), looking("a, kept", masks, 9, 0)
    rows = agreement.rows(sets, [*masks], Choices(), [(0, gone), (0, same)])
    assert [(r.model_a, r.model_b, r.kind, r.flagged) for r in rows] == [
        ("a, seed 0", "a, seed 1", "seeds", False),
        ("a, seed 0", "b, seed 0", "networks", False),
        ("a, seed 0", "a, all layers random", "random weights", False),
        ("a, seed 0", "a, kept", "random weights", True),
    ]
    assert rows[2].low < 0 < rows[2].high
    near = (0, looking("a, nearly kept", masks, 20, 0))
    (row,) = agreement.rows(sets[:1], [*masks], Choices(), [near])
    assert row.flagged == (row.low >= STAYS)
    (row,) = agreement.rows(sets[:1], [*masks][:1] * 30, Choices(), [near])
    assert not row.flagged, "one patient decides nothing"
    assert rows[3].correlation == pytest.approx(1)
    assert 0.05 < rows[0].correlation < 0.9


def test_detection_is_associated_with_localisation_only_if_it_is():
    masks = made_masks(160)
    rng = np.random.default_rng(0)
    skill = rng.random(160) * 4
    logits = np.stack([skill - 2, rng.standard_normal(160)], axis=1)
    maps = looking("m", masks, 0, 3, logits=logits)
    values = np.array([[maps.read(n, f) for f in range(2)] for n in range(160)])
    for n, found in enumerate(masks.values()):
        for f, name in enumerate(FINDINGS):
            if name in found:
                values[n, f] += skill[n] * found[name].reshape(8, 8, 8, 8).mean(axis=(1, 3))
    maps = from_arrays("m", "", [*masks], FINDINGS, values, logits)
    measured = measure([maps], source_of(masks))
    related, unrelated = correctness.rows(measured, [*masks], np.zeros((1, 2)), Choices())
    assert related.detected + related.missed == (measured.parts[:, 0] > 0).sum()
    assert related.auroc > 0.7
    assert related.p_adjusted < 0.001
    assert unrelated.low < 0.5 < unrelated.high
    assert unrelated.p_adjusted > 0.05


def test_everything_together_and_a_network_that_looks_elsewhere_is_named():
    masks = made_masks(60)
    chest = np.zeros((64, 64), bool)
    chest[:, 20:] = True
    marker = np.zeros((64, 64), bool)
    marker[:8, :8] = True
    source = source_of(masks, anatomy=chest, lungs=chest, shortcut=marker)
    logits = np.ones((60, 2))
    good = looking("good", masks, 6, 1, logits=logits)
    values = np.zeros((60, 2, 8, 8), np.float32)
    values[:, :, 0, 0] = 5
    cheat = from_arrays("cheat", "", [*masks], FINDINGS, values, logits)
    found = localise(
        Inputs(
            [good, cheat],
            [*masks],
            source,
            validation=[good, cheat],
            training=[*masks][:30],
            readers={"reader1": source},
            randomised=[(0, good)],
        )
    )
    models = {row.model for row in found.measures}
    assert models == {"good", "cheat", "reader1", CENTRE, RANDOM, MEAN_REGION, LUNGS}
    reader = [r for r in found.measures if r.model == "reader1" and r.finding == "mean"]
    assert [row.value for row in reader] == pytest.approx([1, 1, 1, 1], abs=0.02)
    verdicts = {
        (r.model_a, r.model_b): r.verdict
        for r in found.differences
        if (r.metric, r.finding) == ("map_auroc", "mean")
    }
    assert verdicts["good", "cheat"] == "a_better"
    assert verdicts["good", "reader1"] == "b_better"
    codes = {(row.code, row.model, row.finding) for row in found.warnings}
    assert codes == {
        ("map_outside", "cheat", "Edema"),
        ("map_outside", "cheat", "Fracture"),
        ("map_stays", "good", ""),
    }
    cheats = [row for row in found.mass if row.model == "cheat"]
    assert all(row.shortcut > 0.4 and row.share < 0.2 for row in cheats)
    assert len(found.correctness) == 4


def test_the_excess_is_measured_in_occlusion_maps_where_there_are_any():
    masks = made_masks(40)
    chest, marker = np.zeros((2, 64, 64), bool)
    chest[:, 20:], marker[:8, :8] = True, True
    source = source_of(masks, anatomy=chest, shortcut=marker)
    logits = np.where(np.arange(40)[:, None] % 2, 1.0, -1.0) * np.ones((1, 2))
    flat = [looking(name, masks, 0, 1, logits=logits) for name in "ab"]
    values = np.zeros((20, 2, 8, 8), np.float32)
    values[logits[:20] > 0, 0, 0] = 5
    part = from_arrays("b", "", [*masks][:20], FINDINGS, values, logits[:20])
    found = localise(Inputs(flat, [*masks], source, occluded=[(1, part, [*masks][:20])]))
    rows = {(row.model, row.finding): row for row in found.mass}
    assert [rows["a", name].maps for name in FINDINGS] == ["class-map"] * 2
    for name in FINDINGS:
        row = rows["b", name]
        assert (row.maps, row.images, row.flagged) == ("occlusion", 10, True)
        assert row.shortcut > 0.4
        assert row.share < 0.2
    assert {(w.code, w.model) for w in found.warnings} == {("map_outside", "b")}
    assert "occlusion" in found.warnings[0].message
    (mean,) = (
        r
        for r in found.measures
        if r.finding == "mean" and r.metric == "map_auroc" and r.kind == "occlusion"
    )
    assert mean.model == "b, occlusion"
    assert mean.images < len(masks) / 2 + 1
    against = [r for r in found.differences if r.model_a == "b, occlusion"]
    assert {r.model_b for r in against} == {CENTRE, RANDOM}
    (centre,) = (
        r for r in against if (r.model_b, r.finding, r.metric) == (CENTRE, "mean", "map_auroc")
    )
    assert centre.verdict == "b_better"
    assert not any("occlusion" in r.model_b for r in found.differences)
    higher = localise(
        Inputs(
            flat,
            [*masks],
            source,
            thresholds=np.full((2, 2), 2.0),
            occluded=[(1, part, [*masks][:20])],
        )
    )
    assert not higher.mass, "nothing is predicted positive"


def test_without_regions_only_agreement_and_mass_remain():
    masks = {f"i{n}": {} for n in range(12)}
    maps = [looking(name, masks, 0, s) for s, name in enumerate("ab")]
    found = localise(Inputs(maps, [*masks], source_of(masks)))
    assert not found.measures
    assert not found.mass
    assert [row.kind for row in found.agreement] == ["networks"]

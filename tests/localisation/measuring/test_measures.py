"""Tests of the measures of many images, thresholds from validation, and baselines."""

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.localisation.maps.baselines import baselines, mean_regions, reader_maps
from cxrcompare.localisation.maps.map_set import from_arrays
from cxrcompare.localisation.measuring.measures import choose_thresholds, measure

from ..made_maps import FINDINGS, looking, made_masks, source_of, square


def test_only_images_with_a_region_count():
    masks = {"a": {"Edema": square(0, 0)}, "b": {}, "c": {"Fracture": square(8, 8)}}
    found = measure([looking("m", masks, 5, 0)], source_of(masks))
    assert (found.parts > 0).tolist() == [[True, False], [False, False], [False, True]]
    np.testing.assert_array_equal(np.isnan(found.values[0, :, :, 0]), found.parts == 0)
    assert found.area[0, 0] == 1 / 16


def test_images_without_any_truth_are_left_out():
    masks = {"a": {"Edema": square(0, 0)}, "b": {"Edema": square(0, 0)}}
    found = measure([looking("m", masks, 5, 0)], source_of({"a": masks["a"]}))
    assert found.parts[:, 0].tolist() == [1, 0]


def test_a_map_that_knows_the_region_is_better_on_every_measure():
    masks = made_masks(40)
    source = source_of(masks)
    sets = [looking("good", masks, 6, 1), looking("blind", masks, 0, 2)]
    thresholds = choose_thresholds(sets, source)
    means = np.nanmean(measure(sets, source, thresholds).values, axis=(1, 2))
    assert (means[0] > means[1] + 0.15).all()
    assert means[1, 2] == pytest.approx(0.5, abs=0.05)  # the AUROC of a blind map


def test_the_threshold_has_the_highest_overlap_among_those_tried():
    masks = made_masks(30)
    source, sets = source_of(masks), [looking("m", masks, 3, 1)]
    best = choose_thresholds(sets, source)

    def mean(value: float) -> float:
        tried = np.where(np.arange(2) == 0, value, best)
        return float(np.nanmean(measure(sets, source, tried).values[0, :, 0, 1]))

    for other in np.linspace(-1, 4, 12):
        assert mean(float(best[0, 0])) >= mean(other) - 0.01


def test_few_validation_images_mean_otsus_threshold():
    masks = made_masks(4)
    assert np.isnan(choose_thresholds([looking("m", masks, 3, 1)], source_of(masks))).all()


def test_baselines_are_what_they_say():
    masks = {name: {"Edema": square(24, 24)} for name in "abcdefgh"} | {"i": {}}
    lungs = np.zeros((64, 64), bool)
    lungs[:, 16:48] = True
    source = source_of(masks, lungs=lungs)
    trained = mean_regions(["a", "b"], FINDINGS, source)
    made = {one.model: one for one in baselines([*masks], FINDINGS, source, trained)}
    assert set(made) == {"image centre", "random map", "mean training region", "lung mask"}
    found = measure([*made.values()], source)
    by_name = dict(zip(made, np.nanmean(found.values[:, :, 0], axis=1), strict=True))
    hit, iou, auroc, precision = by_name["mean training region"]  # the same square everywhere
    assert (hit, iou, auroc, precision) == (1, 1, 1, 1)
    assert by_name["image centre"][0] == 1
    assert by_name["image centre"][2] > 0.95
    # The lungs are half of the image and contain the square, a sixteenth: of the rest, 7/15 is in
    # the lungs and half a win, 8/15 is a win.
    hit, iou, auroc, _ = by_name["lung mask"]
    assert hit == pytest.approx(1 / 8)
    assert iou == pytest.approx(1 / 8)
    assert auroc == pytest.approx(8 / 15 + 0.5 * 7 / 15)
    assert (made["random map"].read(0, 0) == made["random map"].read(0, 0)).all()
    assert (made["random map"].read(0, 0) != made["random map"].read(1, 0)).any()


def test_there_is_no_mean_region_without_regions():
    assert mean_regions(["a"], FINDINGS, source_of({"a": {}})) is None


def test_a_readers_mask_is_measured_like_a_map():
    masks = {"a": {"Edema": square(0, 0)}, "b": {"Edema": square(0, 0)}}
    drawn = {"a": {"Edema": square(0, 8)}, "b": {}}
    reader = reader_maps("reader1", [*masks], FINDINGS, source_of(drawn))
    found = measure([reader], source_of(masks), np.full((1, 2), 0.5)).values[0, :, 0]
    # The reader's square overlaps half of the true one: 1/2 of its area, a third of the union.
    assert found[0, :2].tolist() == [0.5, pytest.approx(1 / 3)]
    assert found[1, 1] == 0.0


def test_maps_of_other_images_are_refused():
    masks = made_masks(3)
    other = looking("b", {**masks, "x": {}}, 1, 0)
    with pytest.raises(InputError, match="same images"):
        measure([looking("a", masks, 1, 0), other], source_of(masks))


@pytest.mark.parametrize(
    "values", [np.zeros((2, 2, 3)), np.zeros((1, 2, 3, 3)), np.full((2, 2, 3, 3), np.nan)]
)
def test_wrong_arrays_are_refused(values):
    with pytest.raises(InputError, match="maps must be"):
        from_arrays("m", "", ["a", "b"], FINDINGS, values)

"""Tests of planted spurious correlations: strength, finding, test set, and the masks of them."""

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT
from cxrcompare.synthetic.imaging.masks import HEART, LUNGS, SHORTCUT, unpack
from cxrcompare.synthetic.imaging.radiograph import mark, marker_box
from cxrcompare.synthetic.population import Visit, draw_population
from cxrcompare.synthetic.shortcuts import parse
from cxrcompare.synthetic.study import draw_exposure, expose
from cxrcompare.synthetic.study_masks import masks_of


def marked(visits: list[Visit], split: str, finding: str) -> tuple[float, float]:
    """Returns the share of studies with the marker, with the finding and without it."""
    chosen = [visit for visit in visits if visit.split == split]
    site = np.array([visit.images[0].study.site == "A" for visit in chosen])
    found = np.array([visit.truth[CHEXPERT.index(finding)] == 1 for visit in chosen])
    return float(site[found].mean()), float(site[~found].mean())


def test_the_marker_goes_with_the_chosen_finding_with_the_given_strength():
    visits = draw_population(4000, 1, ("marker:Edema",), strength=0.75)
    assert marked(visits, "train", "Edema") == pytest.approx((0.75, 0.25), abs=0.06)
    # 150 to 250 test studies of each kind: three standard errors are 0.12.
    assert marked(visits, "test", "Edema") == pytest.approx((0.5, 0.5), abs=0.12)


def test_a_kept_correlation_holds_in_test():
    visits = draw_population(4000, 1, ("marker:Edema", "drain"), strength=0.95, in_test="kept")
    assert marked(visits, "test", "Edema") == pytest.approx((0.95, 0.05), abs=0.06)
    tested = [visit for visit in visits if visit.split == "test"]
    lung = [v for v in tested if v.truth[CHEXPERT.index("Pneumothorax")] == 1]
    assert np.mean([bool(v.images[0].study.drain) for v in lung]) > 0.8


@pytest.mark.parametrize(
    "names", [["marker:Magic"], ["drain:Edema"], ["marker:No Finding"], ["marker", "marker:Edema"]]
)
def test_wrong_names_are_refused(names):
    with pytest.raises(InputError, match="`shortcuts` must"):
        parse(names)


@pytest.mark.parametrize("strength", [0.4, 1.1])
def test_a_strength_out_of_range_is_refused(strength):
    with pytest.raises(InputError, match="strength"):
        parse(["marker"], strength)


@pytest.fixture(scope="module")
def planted() -> list[Visit]:
    return draw_population(60, 0, ("marker", "drain"), 1.0, "kept")


@pytest.mark.parametrize("size", [48, 128, 320])
def test_the_mask_of_a_marker_covers_its_letter_and_little_else(planted, size):
    study = next(v.images[0].study for v in planted if v.images[0].study.site)
    exposure = draw_exposure(study, "PA", size, np.random.default_rng(0))
    letter = mark(np.zeros((exposure.height, exposure.width), np.uint8), exposure) > 60
    box = marker_box(exposure)
    assert letter.any()
    assert (letter & box).sum() >= 0.95 * letter.sum()
    assert box.mean() < 0.01


def test_lungs_and_heart_have_masks_of_plausible_size(planted):
    study = planted[0].images[0].study
    bits = masks_of(study, expose(study, "PA", 96, np.random.default_rng(0)))
    lungs, heart = unpack(bits, LUNGS), unpack(bits, HEART)
    assert 0.2 < lungs.mean() < 0.6
    assert 0.05 < heart.mean() < 0.3


def test_a_drain_has_a_mask_within_that_of_the_devices(planted):
    study = next(v.images[0].study for v in planted if v.images[0].study.drain)
    study = type(study)(**{**vars(study), "site": ""})
    bits = masks_of(study, expose(study, "AP", 96, np.random.default_rng(0)))
    drain = unpack(bits, SHORTCUT)
    assert 0.001 < drain.mean() < 0.1
    assert (drain & unpack(bits, "Support Devices")).sum() >= 0.95 * drain.sum()

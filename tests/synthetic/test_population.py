"""Tests of the sample's population: its shares, labels, readers and shortcuts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cxrcompare.findings import CHEXPERT, PARENTS
from cxrcompare.synthetic import labeller, write_sample
from cxrcompare.synthetic.population import Visit, counts, draw_population, prevalences

INDEX = {name: place for place, name in enumerate(CHEXPERT)}


@pytest.fixture(scope="module")
def visits() -> list[Visit]:
    return draw_population(6000, 0)


def test_images_per_split_add_up():
    for images in (10, 11, 99, 1500, 1501):
        assert sum(counts(images).values()) == images


def test_shortcuts_do_not_change_the_patients():
    first, second = draw_population(60, 5), draw_population(60, 5, ("marker",))
    assert [visit.truth.tolist() for visit in first] == [visit.truth.tolist() for visit in second]


def test_labels_in_training_have_the_shares_of_chexpert(visits):
    labels = np.array([visit.labels for visit in visits if visit.split == "train"])
    for name, (positive, negative, uncertain) in labeller.STATED.items():
        states = labels[:, INDEX[name]]
        # About 2,800 studies: three standard errors of a share of one half are 0.028.
        assert np.mean(states == 1) == pytest.approx(positive, abs=0.035), name
        assert np.mean(states == 0) == pytest.approx(negative, abs=0.03), name
        assert np.mean(states == -1) == pytest.approx(uncertain, abs=0.03), name


# Shares of CheXpert's 500 test studies that are positive (counts of its test labels).
TESTED = dict(
    zip(
        CHEXPERT,
        np.array([62, 253, 151, 264, 8, 78, 29, 11, 153, 9, 104, 4, 5, 261]) / 500,
        strict=True,
    )
)


@pytest.mark.parametrize("finding", CHEXPERT)
def test_true_prevalences_are_near_those_of_chexpert(finding):
    """The sample's prevalences are within a factor of two of a range of CheXpert's prevalences.

    The range covers the stated positives of its training images, these plus the uncertain ones, and
    its test set, in which experts also labelled findings that reports do not mention.
    """
    positive, _, uncertain = labeller.STATED[finding]
    near = (positive, positive + uncertain, TESTED[finding])
    share = dict(zip(CHEXPERT, prevalences(), strict=True))[finding]
    assert min(near) / 2 <= share <= 2 * max(near)


# Phi coefficients of the positive labels of CheXpert's 223,414 training images, by
# `benchmarks/sample.py labels`: large ones of either sign that no hierarchy forces, one small.
TOGETHER = {
    ("No Finding", "Lung Opacity"): -0.316,
    ("No Finding", "Pleural Effusion"): -0.264,
    ("Lung Opacity", "Pleural Effusion"): 0.211,
    ("No Finding", "Edema"): -0.184,
    ("Cardiomegaly", "Edema"): 0.173,
    ("Pleural Effusion", "Support Devices"): 0.149,
    ("Edema", "Pleural Effusion"): 0.138,
    ("Edema", "Support Devices"): 0.135,
    ("Atelectasis", "Pleural Effusion"): 0.088,
    ("Cardiomegaly", "Pneumothorax"): -0.077,
    ("Lung Lesion", "Support Devices"): -0.070,
    ("Pneumothorax", "Fracture"): 0.021,
}


def test_labels_are_correlated_as_in_chexpert(visits):
    positive = np.array([visit.labels == 1 for visit in visits if visit.split == "train"])
    phi = np.corrcoef(positive.T.astype(float))
    mine = np.array([phi[INDEX[a], INDEX[b]] for a, b in TOGETHER])
    theirs = np.array(list(TOGETHER.values()))
    # About 3,300 studies: a phi's standard error is 0.017.
    np.testing.assert_allclose(mine, theirs, atol=0.14)
    assert np.corrcoef(mine, theirs)[0, 1] > 0.9


def test_training_labels_have_errors_and_expert_labels_do_not(visits):
    train = [visit for visit in visits if visit.split == "train"]
    wrong = sum(np.sum((v.labels == 1) & (v.truth == 0)) for v in train)
    stated = sum(np.sum(v.labels == 1) for v in train)
    assert 0.02 < wrong / stated < 0.10
    for visit in visits:
        if visit.split != "train":
            np.testing.assert_array_equal(visit.labels, visit.truth)


def test_test_patients_have_one_study(visits):
    tested = [visit for visit in visits if visit.split == "test"]
    assert {visit.name.split("/")[2] for visit in tested} == {"study1"}
    assert len({visit.name for visit in tested}) == len(tested)


def test_laterals_are_about_as_common_as_in_chexpert(visits):
    views = [image.view for visit in visits for image in visit.images]
    assert 0.10 < views.count("lateral") / len(views) < 0.30  # CheXpert's training set: 0.145


def shares(visits: list[Visit], split: str) -> tuple[float, float, float, float]:
    chosen = [visit for visit in visits if visit.split == split]
    truth = np.array([visit.truth for visit in chosen])
    drain = np.array([bool(visit.images[0].study.drain) for visit in chosen])
    site = np.array([visit.images[0].study.site == "A" for visit in chosen])
    lung = truth[:, INDEX["Pneumothorax"]] == 1
    fluid = truth[:, INDEX["Pleural Effusion"]] == 1
    return drain[lung].mean(), drain[~lung].mean(), site[fluid].mean(), site[~fluid].mean()


def test_shortcuts_hold_in_training_and_break_in_test():
    visits = draw_population(4000, 1, ("drain", "marker"))
    assert shares(visits, "train") == pytest.approx((1.0, 0.0, 0.9, 0.1), abs=0.06)
    # About 50 test studies have a pneumothorax: three standard errors are 0.21.
    assert shares(visits, "test") == pytest.approx((0.5, 0.0, 0.5, 0.5), abs=0.21)
    for visit in visits:
        if visit.images[0].study.drain:
            assert visit.truth[INDEX["Support Devices"]] == 1


def test_masks_and_subgroups_are_outside_the_splits(tmp_path):
    out = write_sample(tmp_path / "s", 12, 32, 0, shortcuts=["marker"], masks=True, workers=1)
    images = {
        p.relative_to(out).with_suffix("")
        for s in ("train", "valid", "test")
        for p in (out / s).rglob("*.jpg")
    }
    masks = {p.relative_to(out / "masks").with_suffix("") for p in (out / "masks").rglob("*.png")}
    assert masks == images
    groups = pd.read_csv(out / "subgroups.csv")
    assert set(groups["site"]) <= {"A", "B"}


def test_parents_are_those_of_the_vocabulary(visits):
    for visit in visits:
        for child, parent in PARENTS.items():
            assert visit.truth[INDEX[parent]] >= visit.truth[INDEX[child]]

"""Ids that agree after known changes are found; unrelated, missing and extra ids are reported."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare import doctor
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.predictions import read_predictions

NUMBERS = [f"{n:05d}" for n in range(600)]


@pytest.mark.parametrize(
    ("own", "theirs", "words"),
    [
        ("{0}", "{0}.png", "file extension"),
        ("{0}.jpg", "{0}", "file extension"),
        ("{0}.dcm", "{0}.PNG", "file extension"),
        ("images/test/{0}.png", "{0}.png", "leading folders"),
        ("C:\\data\\{0}.png", "x/{0}.png", "leading folders"),
        ("{0}.png", "images/{0}.png", "leading folders"),
        ("v1/{0}/a.png", "v2-small/test/{0}/a.png", "leading folders"),
        ("CXR{0}", "cxr{0}", "upper and lower case"),
        ("{1}", "{0}", "zero padding"),
        ("s{1}", "s{0}", "zero padding"),
        ("{1}.0", "{1}", "decimals of a whole number"),
        ("study_{0}", "{0}", "common prefix"),
        ("{0}_frontal", "{0}", "common suffix"),
        ("/home/x/IMG_{1}.jpeg", "{0}.png", "file extension, common prefix, zero padding"),
    ],
)
def test_a_known_change_is_found_and_undone(codes, cohort, own, theirs, words):
    ids = [own.format(n, int(n)) for n in NUMBERS]
    names = [theirs.format(n, int(n)) for n in NUMBERS]
    order = np.random.default_rng(0).permutation(600)
    path, reference = cohort.write(ids=ids, order=order), cohort.reference(ids=names)
    (problem,) = doctor.examine(path, reference)
    assert (problem.code, problem.repair) == ("ids_changed", "ids")
    assert words in problem.message
    assert problem.evidence[0] == (
        "0 of 600 ids of the reference are found as they are, 600 after the change."
    )
    assert "Mean AUROC after the change: 0.8" in problem.evidence[2]
    fixed = cohort.folder / "fixed.csv"
    doctor.repair(path, reference, ["ids"], fixed)
    assert codes(fixed, reference) == []
    assert read_predictions(fixed).rows.ids.tolist() == [names[row] for row in order]
    np.testing.assert_array_equal(read_predictions(fixed).values, cohort.scores[order])
    compare([fixed], reference, options=Options(replicates=100))


def test_releases_of_chexpert_agree_without_a_change(codes, cohort):
    paths = [f"patient{n}/study1/view1_frontal.jpg" for n in NUMBERS]
    path = cohort.write(ids=[f"CheXpert-v1.0/valid/{name}" for name in paths])
    reference = cohort.reference(ids=[f"CheXpert-v1.0-small/test/{name}" for name in paths])
    assert codes(path, reference) == []


@pytest.mark.parametrize("kind", ["folder", "name"])
def test_images_of_studies(cohort, kind):
    """The reference has a row per study, the predictions two images of each without the study."""
    pattern = "files/s{0}/{1}.dcm" if kind == "folder" else "s{0}_{1}.png"
    ids = [pattern.format(f"{n // 2:04d}", n % 2) for n in range(600)]
    cohort.labels[1::2] = cohort.labels[::2]
    path = cohort.write(ids=ids)
    names = [f"s{n // 2:04d}" for n in range(600)]
    reference = cohort.reference(ids=names, column="study_id", order=np.arange(0, 600, 2))
    problems = doctor.examine(path, reference)
    assert problems[0].code == "ids_changed"
    assert "the study is the" in problems[0].message
    doctor.repair(path, reference, ["ids"], cohort.folder / "fixed.csv")
    rows = read_predictions(cohort.folder / "fixed.csv").rows
    assert (rows.ids.tolist(), rows.studies.tolist()) == (ids, names)
    compare([cohort.folder / "fixed.csv"], reference, options=Options(replicates=100))


def test_a_study_column_with_another_prefix(codes, cohort):
    names = [f"{n:04d}" for n in range(600)]
    path = cohort.write()
    table = pd.read_csv(path)
    table.insert(1, "study_id", [f"s{name}" for name in names])
    table.to_csv(path, index=False)
    reference = cohort.reference(ids=names, column="study_id")
    assert codes(path, reference) == ["ids_changed"]
    doctor.repair(path, reference, ["ids"], cohort.folder / "fixed.csv")
    assert codes(cohort.folder / "fixed.csv", reference) == []


def test_studies_against_images_of_studies(codes, cohort):
    """A file per study and a reference per image join by study, as `compare` joins them."""
    cohort.labels[1::2] = cohort.labels[::2]
    studies = [f"s{n // 2}" for n in range(600)]
    path = cohort.write(ids=studies, column="study_id", order=np.arange(0, 600, 2))
    assert codes(path, cohort.reference(study_id=studies)) == []
    path = cohort.write(
        ids=[f"x/{name}" for name in studies], column="study_id", order=np.arange(0, 600, 2)
    )
    reference = cohort.reference(study_id=studies)
    assert codes(path, reference) == ["ids_changed"]
    doctor.repair(path, reference, ["ids"], cohort.folder / "fixed.csv")
    assert codes(cohort.folder / "fixed.csv", reference) == []


def test_studies_against_images_without_a_study(cohort):
    path = cohort.write(
        ids=[f"s{n}" for n in range(300)], column="study_id", scores=cohort.scores[:300]
    )
    reference = cohort.reference(ids=[f"files/s{n // 2}/{n}.dcm" for n in range(600)])
    (problem,) = doctor.examine(path, reference)
    assert problem.code == "studies_missing"
    assert problem.evidence == (
        "'s0' is in the file, 'files/s0/0.dcm' in the reference: the study is the folder of the "
        "image.",
    )


def test_studies_do_not_become_equal(codes, cohort):
    """Without zero padding, two studies of the file would be one of the reference."""
    ids = [f"{n:03d}" if n % 2 else f"{n + 1:05d}" for n in range(600)]
    path = cohort.write(ids=ids, column="study_id")
    reference = cohort.reference(ids=[str(n) for n in range(600)], column="study_id")
    assert "ids_changed" not in codes(path, reference)


def test_missing_and_extra_rows(codes, cohort):
    reference = cohort.reference(order=np.arange(100, 600))
    path = cohort.write(order=np.arange(590))
    missing, extra = doctor.examine(path, reference)
    assert missing.code == "ids_missing"
    assert missing.message.startswith("10 of 500 ids")
    assert missing.evidence == ("'00590.png', '00591.png', '00592.png' and 7 more.",)
    assert (extra.code, extra.repair) == ("ids_extra", "extra")
    assert extra.message.startswith("100 of 590 rows")
    doctor.repair(path, reference, ["extra"], cohort.folder / "fixed.csv")
    assert codes(cohort.folder / "fixed.csv", reference) == ["ids_missing"]


def test_unrelated_ids(cohort):
    names = [f"{n * 7919 + 10**7:x}" for n in range(600)]
    (problem,) = doctor.examine(cohort.write(), cohort.reference(ids=names))
    assert problem.code == "ids_unknown"
    assert "'00000.png'" in problem.evidence[0]
    assert f"{names[0]!r}" in problem.evidence[1]


def test_unrelated_numberings_are_not_above_chance(cohort, make_cohort):
    """Predictions of another split, numbered in the same way."""
    other = make_cohort(seed=1)
    path = other.write(ids=[f"valid_{name}" for name in NUMBERS])
    problem, *_ = doctor.examine(path, cohort.reference(ids=[f"test_{name}" for name in NUMBERS]))
    assert problem.code == "ids_changed"
    assert "not above chance" in problem.advice
    path = cohort.write(ids=[f"valid_{name}" for name in NUMBERS])
    (problem,) = doctor.examine(path, cohort.reference(ids=[f"test_{name}" for name in NUMBERS]))
    assert problem.advice == ""


def test_a_change_that_makes_ids_equal_is_not_used(codes, cohort):
    """Without folders the names of two hospitals coincide."""
    names = [f"{'ab'[n % 2]}/{n // 2}.png" for n in range(600)]
    path = cohort.write(ids=[f"{n // 2}.png" if n % 2 else f"c/{n}.png" for n in range(600)])
    assert codes(path, cohort.reference(ids=names)) == ["ids_unknown"]

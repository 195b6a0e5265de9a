"""Tests of parsing CheXpert paths."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare import identifiers

IMAGE = ("patient64741", "patient64741/study1", "patient64741/study1/view1_frontal.jpg")
STUDY = ("patient64741", "patient64741/study1", "")


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("CheXpert-v1.0/test/patient64741/study1/view1_frontal.jpg", IMAGE),
        ("CheXpert-v1.0-small/test/patient64741/study1/view1_frontal.jpg", IMAGE),
        ("test/patient64741/study1/view1_frontal.jpg", IMAGE),
        ("patient64741/study1/view1_frontal.jpg", IMAGE),
        (r"D:\data\CheXpert\test\patient64741\study1\view1_frontal.jpg", IMAGE),
        (" CheXpert-v1.0/test/patient64741/study1 ", STUDY),
        ("CheXpert-v1.0/test/patient64741/study1/", STUDY),
    ],
)
def test_releases_join(path, parts):
    assert identifiers.parse(path) == parts


@pytest.mark.parametrize("path", ["", "00000061_012.png", "study1", "patient1", "a/b/c.jpg"])
def test_other_ids_are_left_alone(path):
    assert identifiers.parse(path) is None


@given(st.text())
def test_parsing_twice_is_parsing_once(path):
    parts = identifiers.parse(path)
    if parts is not None and parts.image:
        assert identifiers.parse(parts.image) == parts


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("P1", "p1 ", True),
        ("00012", "12", True),
        ("12.0", "12", True),
        ("patient_07", "Patient 7", True),
        ("120", "12", False),
        ("10", "1", False),
        ("1.05", "1.5", False),
        ("a1b", "a2b", False),
    ],
)
def test_spellings_of_one_patient(one, other, same):
    assert (identifiers.patient_key(one) == identifiers.patient_key(other)) is same
    assert bool(identifiers.same_patients([one, other, one])) is same


def test_words_that_name_nobody():
    assert all(map(identifiers.names_nobody, ["unknown", " NaN", "#N/A", "-1", "None"]))
    assert not any(map(identifiers.names_nobody, ["0", "1", "nancy", "p-1"]))

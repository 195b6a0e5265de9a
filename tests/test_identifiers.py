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

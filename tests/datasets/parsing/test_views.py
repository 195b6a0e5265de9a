"""Tests of the names of projections."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.datasets.parsing.views import view
from cxrcompare.image_table import VIEWS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AP", "frontal AP"),
        ("AP_horizontal", "frontal AP"),
        ("PA", "frontal PA"),
        ("Frontal", "frontal"),
        ("AP AXIAL", "frontal"),
        ("LLD", "frontal"),  # decubitus: the patient lies on the side, the beam is frontal
        ("L", "lateral"),
        ("LL", "lateral"),
        ("RL", "lateral"),
        ("XTABLE LATERAL", "lateral"),
        ("LAO", ""),
        ("RLO", ""),
        ("COSTAL", ""),
        ("SWIMMERS", ""),
        ("APPA", ""),
        ("", ""),
    ],
)
def test_names_of_the_data_sets(text, expected):
    assert view(text) == expected


@pytest.mark.parametrize("name", VIEWS)
def test_the_names_of_this_package_stand_for_themselves(name):
    assert view(name) == name


@given(st.sampled_from(["AP", "PA", "lateral", "ll", "COSTAL"]), st.text(" \t", max_size=3))
def test_case_and_spaces_around_do_not_matter(text, space):
    assert view(space + text.upper() + space) == view(text.lower()) == view(text)


@given(st.text())
def test_any_text_is_a_view_or_blank(text):
    assert view(text) in VIEWS

"""Tests of the sizes of a body."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.synthetic.chest.body import Body, draw_body


@given(st.integers(18, 90), st.booleans(), st.integers(0, 10**6))
def test_every_body_is_possible(age, female, seed):
    body = draw_body(age, female, np.random.default_rng(seed))
    assert (body.age, body.female) == (age, female)
    assert 0.83 < body.scale < 1.11
    assert 0.36 <= body.heart <= 0.49  # health is a cardiothoracic ratio below one half
    assert 0.2 <= body.fat <= 5
    assert (body.breast > 0) == female
    assert 0 <= body.upright_heart <= 1
    assert 0.3 <= body.kyphosis <= 6
    assert max(body.dome) < 0 < body.apex
    assert min(body.width, body.depth, body.mediastinum, body.knob, body.vessels) > 0
    assert 0 <= body.seed < 2**31
    assert draw_body(age, female, np.random.default_rng(seed)) == body


def drawn(age: int, female: bool) -> list[Body]:
    rng = np.random.default_rng(1)
    return [draw_body(age, female, rng) for _ in range(400)]


def mean(bodies: list[Body], name: str) -> float:
    return float(np.mean([getattr(body, name) for body in bodies]))


@pytest.mark.parametrize("name", ["scale", "width", "depth", "apex"])
def test_women_are_smaller_by_seven_percent(name):
    women, men = drawn(40, True), drawn(40, False)
    assert mean(women, name) / mean(men, name) == pytest.approx(0.93, abs=0.015)


@pytest.mark.parametrize("name", ["heart", "mediastinum", "knob", "kyphosis", "depth"])
def test_sizes_grow_with_age(name):
    young, old = drawn(30, False), drawn(88, False)
    assert mean(old, name) > mean(young, name)


def test_the_right_dome_is_higher():
    bodies = drawn(50, False)
    left, right = np.mean([body.dome for body in bodies], axis=0)
    assert right > left + 0.8

"""Ranks and groups of ties, against SciPy's ranks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from cxrcompare.evaluation import ranking


@given(st.lists(st.sampled_from([-1.0, -0.0, 0.0, 0.25, 0.5, 2.0]), max_size=30))
def test_midranks_are_scipys(values):
    assert ranking.midranks(np.array(values)) == pytest.approx(stats.rankdata(values))


def test_groups_hold_the_tied_units():
    score = np.array([3.0, 1.0, 3.0, 2.0, 1.0])
    order = ranking.ascending(score)
    groups = [set(order.unit[a:b]) for a, b in zip(order.start, order.end, strict=True)]
    assert groups == [{1, 4}, {3}, {0, 2}]
    assert order.group.tolist() == [0, 0, 1, 2, 2]


def test_descending_order_has_its_groups_of_ties():
    order = ranking.descending(np.array([1.0, 3, 3, 2]))
    assert sorted(order.unit[:2].tolist()) == [1, 2]
    assert order.unit[2:].tolist() == [3, 0]
    assert order.start.tolist() == [0, 2, 3]
    assert order.end.tolist() == [2, 3, 4]
    assert order.group.tolist() == [0, 0, 1, 2]

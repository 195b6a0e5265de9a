from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import multilabel_confusion_matrix

from cxrcompare.evaluation import confusion


def test_two_by_two_by_hand():
    labels = np.array([[1.0, 0], [1, np.nan], [0, 0], [0, 1]])
    decisions = np.array([[1, 1], [0, 1], [1, 0], [0, 1]], dtype=bool)
    expected = [[1, 1, 1, 1], [1, 1, 0, 1]]  # tp fp fn tn
    assert confusion.two_by_two(labels, decisions).tolist() == expected


def test_two_by_two_equals_scikit_learn(problem):
    one = problem(unknown=0)
    for decisions, counts in zip(
        one.scores > 0.5, confusion.two_by_two(one.labels, one.scores > 0.5), strict=True
    ):
        theirs = multilabel_confusion_matrix(one.labels, decisions)
        tn, fp, fn, tp = theirs.reshape(-1, 4).T
        np.testing.assert_array_equal(counts, np.stack([tp, fp, fn, tn], axis=1))


# Three findings a b c; rows a b c none (no true label), columns a b c none (no predicted label).
@pytest.mark.parametrize(
    ("true", "called", "cells"),
    [
        ("", "", ["33"]),  # nothing there and nothing called
        ("", "ab", ["30", "31"]),  # called though nothing is there
        ("ab", "ab", ["00", "11"]),  # right
        ("ab", "a", ["00", "13"]),  # b missed, nothing wrongly called
        ("ab", "", ["03", "13"]),  # both missed
        ("a", "ab", ["00", "01"]),  # b called beside all that is there
        ("ab", "abc", ["00", "11", "02", "12"]),  # c called beside a and b
        ("a", "b", ["01"]),  # b called instead of a
        ("a", "bc", ["01", "02"]),  # b and c called instead of a
        ("ab", "ac", ["00", "12"]),  # c called instead of b
        ("ab", "c", ["02", "12"]),  # c called instead of a and b
    ],
)
def test_multilabel_by_hand(true, called, cells):
    labels, decisions = (np.array([[n in names for n in "abc"]]) for names in (true, called))
    expected = np.zeros((4, 4), dtype=int)
    for row, column in cells:
        expected[int(row), int(column)] += 1
    np.testing.assert_array_equal(confusion.multilabel(labels.astype(float), decisions), expected)


def slow(labels: np.ndarray, decisions: np.ndarray) -> Any:
    """Heydarian et al. 2022 for one unit after the other, with sets."""
    findings = labels.shape[1]
    matrix = np.zeros((findings + 1, findings + 1), dtype=int)
    for row, calls in zip(labels, decisions, strict=True):
        true, called = set(np.flatnonzero(row == 1)), set(np.flatnonzero(calls))
        if not true and not called:
            matrix[-1, -1] += 1
        for both in true & called:
            matrix[both, both] += 1
        missed, wrong = true - called, called - true
        rows = missed or true or {findings}
        if wrong:
            for r in rows:
                for c in wrong:
                    matrix[r, c] += 1
        else:
            for r in missed:
                matrix[r, -1] += 1
    return matrix


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 6), st.floats(0, 1), st.floats(0, 1))
def test_multilabel_equals_the_slow_reference(seed, findings, prevalence, rate):
    rng = np.random.default_rng(seed)
    labels = (rng.random((40, findings)) < prevalence).astype(float)
    decisions = rng.random((40, findings)) < rate
    np.testing.assert_array_equal(confusion.multilabel(labels, decisions), slow(labels, decisions))


def test_multilabel_of_one_label_each_is_the_ordinary_confusion_matrix():
    rng = np.random.default_rng(0)
    true, called = rng.integers(0, 4, 200), rng.integers(0, 4, 200)
    matrix = confusion.multilabel(np.eye(4)[true], np.eye(4, dtype=bool)[called])
    expected = np.zeros((5, 5))
    np.add.at(expected, (true, called), 1)
    np.testing.assert_array_equal(matrix, expected)


def test_multilabel_leaves_out_units_with_an_unknown_label():
    labels = np.array([[1.0, np.nan], [1, 0]])
    matrix = confusion.multilabel(labels, np.array([[True, True], [True, False]]))
    assert matrix.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]

"""A reader who is the reference, or another reader, is said."""

import numpy as np

from cxrcompare.comparison.suspicions import copied_readers


def messages(ratings, labels):
    return [note.message for note in copied_readers.check(ratings, labels)]


def test_copies_are_said_and_human_agreement_is_not():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (40, 2)).astype(float)
    other = np.where(rng.random((40, 2)) < 0.1, 1 - labels, labels)
    third = np.where(rng.random((40, 2)) < 0.1, 1 - labels, labels)
    assert messages({"a": other, "b": third}, labels) == []
    partly = np.where(rng.random((40, 2)) < 0.3, np.nan, labels)
    assert messages({"a": other, "b": partly, "c": other.copy()}, labels) == [
        "the reader b has exactly the labels of the reference",
        "the reader c has exactly the ratings of a",
    ]


def test_few_ratings_or_one_class_say_nothing():
    labels = np.zeros((40, 1))
    assert messages({"a": labels}, labels) == []
    labels[::2] = 1
    few = np.full((40, 1), np.nan)
    few[:19] = labels[:19]
    assert messages({"a": few}, labels) == []
    few[19] = labels[19]
    assert messages({"a": few}, labels) == ["the reader a has exactly the labels of the reference"]

"""Tests of the loop that predicts images."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.training.running.predicting import predict_batches

pytestmark = pytest.mark.keras  # the step imports it


class Doubling:
    """A step whose logits are twice the sums of the pixels."""

    def __init__(self) -> None:
        self.shapes: list[tuple[int, ...]] = []

    def predict(self, pixels: np.ndarray) -> np.ndarray:
        self.shapes.append(pixels.shape)
        return 2 * pixels.sum(axis=1, keepdims=True).astype(np.float32)


def batches(values: np.ndarray, size: int) -> Iterator[np.ndarray]:
    """Yields batches of one size; the first rows fill up the last one."""
    filled = np.resize(values, (-(-len(values) // size) * size, values.shape[1]))
    yield from filled.reshape(-1, size, values.shape[1])


@given(st.integers(1, 40), st.integers(1, 9))
def test_each_row_is_predicted_once_and_in_order(count, size):
    values = np.arange(2.0 * count).reshape(count, 2)
    step, seen = Doubling(), []
    output = predict_batches(step, batches(values, size), count, seen.append)
    np.testing.assert_array_equal(output.values, 2 * values.sum(axis=1, keepdims=True))
    assert set(step.shapes) == {(size, 2)}
    assert sum(seen) == count
    assert len(seen) == len(step.shapes)
    assert output.images_per_second > 0


def test_no_batch_is_no_row():
    output = predict_batches(Doubling(), iter([]), 0)
    assert output.values.shape == (0, 0)
    assert output.images_per_second == 0


def test_fewer_rows_than_wanted_are_returned_as_they_are():
    output = predict_batches(Doubling(), iter([np.ones((2, 2))]), 5)
    assert output.values.tolist() == [[4.0], [4.0]]


def test_batches_are_taken_one_by_one():
    taken = []

    def lazy() -> Iterator[np.ndarray]:
        for number in range(3):
            taken.append(number)
            yield np.full((1, 2), number)

    class Counting(Doubling):
        def predict(self, pixels: np.ndarray) -> np.ndarray:
            assert len(taken) == len(self.shapes) + 1
            return super().predict(pixels)

    assert len(predict_batches(Counting(), lazy(), 3).values) == 3

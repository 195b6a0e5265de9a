"""Maps of images: refined maps by hand, batches with padding, the number of shifts."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.explaining import maps as package


class Cells:
    """A network whose map is the mean of each 16 x 16 part of an image, and whose bias is 3."""

    def predict_on_batch(self, images):
        count, size = images.shape[:2]
        parts = images.astype(np.float32).reshape(count, size // 16, 16, size // 16, 16)
        plain = parts.mean((2, 4))[..., None]
        return plain.mean((1, 2)) + 3, plain


@pytest.mark.parametrize(
    ("cells", "shifts"), [(1, 8), (2, 4), (3, 4), (4, 2), (7, 2), (8, 1), (10, 1), (20, 1)]
)
def test_number_of_shifts(cells, shifts):
    assert package.fineness(cells) == shifts
    assert cells * shifts >= package.CELLS or shifts == 8


def test_a_refined_map_has_each_part_in_its_place():
    """A bright square of 4 pixels, the size of a part: the brightest part is where it is."""
    for top, left in [(0, 0), (8, 4), (20, 28), (28, 28)]:
        image = np.zeros((1, 32, 32, 1), np.uint8)
        image[0, top : top + 4, left : left + 4] = 255
        logits, values, factor = package.compute(Cells(), [image], 1)
        assert factor == 4
        assert values.shape == (1, 1, 8, 8)
        bright = values[0, 0] == values[0, 0].max()
        assert bright[top // 4, left // 4]
        assert logits[0, 0] == pytest.approx(3 + 255 * 16 / 1024)


def test_a_map_with_enough_cells_is_the_networks_own():
    image = np.random.default_rng(0).integers(0, 256, (2, 128, 128, 1), dtype=np.uint8)
    logits, values, factor = package.compute(Cells(), [image], 2)
    assert factor == 1
    np.testing.assert_array_equal(values[:, 0], Cells().predict_on_batch(image)[1][..., 0])
    np.testing.assert_allclose(values.mean((2, 3)) + 3, logits, rtol=1e-6)


def test_a_constant_image_has_a_constant_refined_map():
    image = np.full((1, 48, 48, 1), 90, np.uint8)
    _, values, factor = package.compute(Cells(), [image], 1)
    assert factor == 4
    np.testing.assert_array_equal(values, np.full((1, 1, 12, 12), 90))


def test_padding_is_left_out_and_counted():
    batches = np.random.default_rng(0).integers(0, 256, (3, 4, 128, 128, 1), dtype=np.uint8)
    done = []
    logits, values, _ = package.compute(Cells(), batches, 10, done.append)
    assert len(logits) == len(values) == 10
    assert done == [4, 4, 2]
    expected = Cells().predict_on_batch(batches.reshape(12, 128, 128, 1))[0]
    np.testing.assert_array_equal(logits, expected[:10])


def test_no_images():
    logits, values, factor = package.compute(Cells(), [], 0)
    assert len(logits) == len(values) == 0
    assert factor == 1

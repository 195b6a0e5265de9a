"""Maps of images: batches with padding, on disk; the words of a method."""

from __future__ import annotations

import numpy as np

from cxrcompare.explaining.map_making import MapMaker, class_maps
from cxrcompare.explaining.maps import Maps, compute

from .cells import Cells

NETWORK = Cells(128)
MAKER = MapMaker(
    NETWORK,
    1,
    lambda images: class_maps(NETWORK, images, [0]),
    lambda images: NETWORK.predict_on_batch(images)[0],
    lambda: MAKER,
)


def test_padding_is_left_out_and_counted(tmp_path):
    batches = np.random.default_rng(0).integers(0, 256, (3, 4, 128, 128, 1), dtype=np.uint8)
    done = []
    logits, values = compute(MAKER, batches, 10, done.append, tmp_path)
    assert len(logits) == len(values) == 10
    assert done == [4, 4, 2]
    expected = Cells().predict_on_batch(batches.reshape(12, 128, 128, 1))
    np.testing.assert_array_equal(logits, expected[0][:10])
    np.testing.assert_array_equal(values[:, 0], expected[1][:10, ..., 0])
    assert isinstance(values, np.memmap), "maps are not kept in memory"
    assert list(tmp_path.iterdir()) == []


def test_no_images():
    logits, values = compute(MAKER, [], 0)
    assert len(logits) == len(values) == 0


def test_a_contrast_is_named():
    empty = np.empty((0, 0, 1, 1), np.float32)
    exact = Maps("m__seed0", (), (), empty, empty[..., 0, 0], 64, 4)
    assert exact.method.endswith("for each of 4 x 4 shifts of the image")
    contrast = Maps("m__seed0", (), (), empty, empty[..., 0, 0], 64, 1, "", "occlusion")
    assert contrast.method.startswith("contrast: fall of the logit")

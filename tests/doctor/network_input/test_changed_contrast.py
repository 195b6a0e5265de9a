"""Alterations of grey levels, worked by hand."""

import numpy as np

from cxrcompare.doctor.network_input import changed_contrast


def test_the_grey_range_is_stretched_and_black_bars_stay_black():
    image = np.array([[0, 0, 50], [50, 100, 150], [150, 100, 50]], np.uint8)
    new = changed_contrast.full_range(image[None])[0]
    expected = [[0, 0, 0], [0, 127.5, 255], [255, 127.5, 0]]
    np.testing.assert_allclose(new, expected, atol=1e-4)


def test_black_and_constant_images_stay_finite():
    for value in (0, 80):
        image = np.full((1, 8, 8), value, np.uint8)
        assert np.isfinite(changed_contrast.full_range(image)).all()
        assert changed_contrast.equalised(image).shape == (1, 8, 8)


def test_an_equalised_histogram_is_nearly_uniform():
    rng = np.random.default_rng(0)
    image = (60 + 30 * rng.random((1, 64, 64))).astype(np.uint8)
    new = changed_contrast.equalised(image)
    shares = np.quantile(new, [0.25, 0.5, 0.75]) / 255
    np.testing.assert_allclose(shares, [0.25, 0.5, 0.75], atol=0.05)

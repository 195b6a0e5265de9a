"""Windows of reduced images and their descriptions."""

import cv2
import numpy as np

from cxrcompare.images.copies import windows
from cxrcompare.images.copies.windows import Window, window


def test_windows_by_hand():
    # 80 % of 64 is 51.2, so 51 pixels from (0.5 - 0.4) * 64 = 6.4.
    assert window(0.8) == windows.CENTRAL == Window(6, 6, 57, 57)
    # 5 % to the right is 3.2 pixels; (0.55 - 0.4) * 64 = 9.6.
    assert window(0.8, right=0.05) == Window(10, 6, 61, 57)
    assert window(1.0) == Window(0, 0, 64, 64)
    assert window(1.0, down=-0.05) == Window(0, 0, 64, 61)
    assert len(set(windows.WINDOWS)) == 25


def test_grey_levels_are_means_of_cells_less_their_mean():
    image = np.kron(np.arange(64, dtype=np.uint8).reshape(8, 8), np.ones((8, 8), np.uint8))
    (found,) = windows.levels(image, [Window(0, 0, 64, 64)])
    expected = (np.arange(64) - 31.5) / np.arange(64).std()
    assert np.allclose(found, expected, atol=1e-5)


def test_a_window_of_one_grey_level_is_zero():
    image = np.full((64, 64), 90, np.uint8)
    assert not windows.levels(image, windows.WINDOWS).any()


def test_brightness_and_contrast_do_not_change_a_description():
    rng = np.random.default_rng(0)
    image = cv2.resize(rng.integers(60, 120, (12, 12)).astype(np.uint8), (64, 64))
    first, second = (windows.levels(one, [windows.CENTRAL])[0] for one in (image, image * 2 + 10))
    assert np.allclose(first, second, atol=0.12)  # grey levels are rounded


def test_components_are_those_of_the_covariance_with_equalised_variances():
    rng = np.random.default_rng(2)
    mixing = rng.normal(size=(64, 64)) * np.geomspace(5, 0.2, 64)
    levels = (rng.normal(size=(400, 64)) @ mixing.T + 3).astype(np.float32)
    how = windows.basis(levels)
    assert how.components.shape == (64, 48)
    inside = (levels - how.mean) @ how.components
    covariance = np.cov(inside, rowvar=False)
    # A component of variance v is divided by v ** (1 / 4), so its variance becomes v ** (1 / 2).
    largest = np.sort(np.linalg.eigvalsh(np.cov(levels, rowvar=False)))[::-1][:48]
    assert np.allclose(np.diag(covariance), np.sqrt(largest), rtol=1e-2)
    assert np.allclose(np.linalg.norm(windows.describe(levels, how), axis=1), 1, atol=1e-5)


def test_few_images_are_described_by_their_grey_levels():
    levels = np.random.default_rng(3).normal(size=(5, 64)).astype(np.float32)
    expected = levels / np.linalg.norm(levels, axis=1, keepdims=True)
    assert np.allclose(windows.describe(levels, windows.basis(levels)), expected, atol=1e-6)

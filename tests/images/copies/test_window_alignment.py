"""The correlation of two images after their alignment."""

import cv2
import numpy as np
import pytest

from cxrcompare.images.copies import window_alignment
from cxrcompare.images.copies.window_alignment import correlation
from cxrcompare.images.copies.windows import CENTRAL, window


def image(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    parts = [
        cv2.resize(rng.normal(0, 1, (cells, cells)), (64, 64), interpolation=cv2.INTER_CUBIC)
        for cells in (4, 10, 22)
    ]
    return np.clip(128 + 30 * sum(parts), 0, 255).astype(np.uint8)


def moved(picture: np.ndarray, right: float, down: float, scale: float = 1.0) -> np.ndarray:
    """Returns an image about its centre, enlarged by a factor and moved by pixels."""
    warp = cv2.getRotationMatrix2D((31.5, 31.5), 0, scale)
    warp[:, 2] += (right, down)
    return cv2.warpAffine(picture, warp, (64, 64), borderMode=cv2.BORDER_REFLECT)


@pytest.mark.parametrize(("right", "down", "scale"), [(0, 0, 1), (3.4, -2.2, 1), (0, 0, 1.05)])
def test_a_moved_or_enlarged_image_is_aligned(right, down, scale):
    assert correlation(image(), moved(image(), right, down, scale), CENTRAL) > 0.97


def test_an_enlarged_image_is_aligned_from_a_smaller_window():
    assert correlation(image(), moved(image(), 0, 0, 1.25), window(0.64)) > 0.95


def test_other_images_do_not_correlate():
    values = [correlation(image(0), image(seed), CENTRAL) for seed in range(1, 20)]
    assert max(values) < 0.6


def test_a_stretched_image_is_not_aligned():
    stretched = cv2.resize(image(), (64, 76), interpolation=cv2.INTER_LINEAR)[6:70]
    assert correlation(image(), np.ascontiguousarray(stretched), CENTRAL) == 0.0


@pytest.mark.parametrize("other", [np.zeros((64, 64), np.uint8), np.full((64, 64), 200, np.uint8)])
def test_an_image_of_one_grey_level_has_no_correlation(other):
    assert correlation(image(), other, CENTRAL) == 0.0
    assert correlation(other, image(), CENTRAL) == 0.0


def test_black_padding_is_left_out():
    padded = image()
    padded[:, :6] = 0
    mask = window_alignment._shown(padded)
    assert not mask[:, :10].any()
    assert mask[:, 10:].all()
    assert correlation(image(), padded, CENTRAL) > 0.95


def test_distortion_by_hand():
    # A turn by 10 degrees with a factor of 1.2 stretches no direction more; diag(1.1, 1) does.
    turn = 1.2 * np.array([[np.cos(0.17), -np.sin(0.17)], [np.sin(0.17), np.cos(0.17)]])
    assert window_alignment._distortion(turn) == pytest.approx(0, abs=1e-9)
    assert window_alignment._distortion(np.diag([1.1, 1.0])) == pytest.approx(0.1)

"""Tests of the measures of one map against independent references."""

import cv2
import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from cxrcompare.localisation.measuring import kernels


def measured(small, inside, valid, threshold=np.nan):
    out = np.empty((1, 4))
    kernels.measure(
        np.asarray(small, np.float32)[None],
        np.asarray(inside, np.float32),
        np.asarray(valid, np.float32),
        np.array([threshold]),
        out,
    )
    return out[0]


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (7, 7), (10, 10), (64, 64)])
def test_enlarging_is_bilinear(shape):
    small = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    large = np.empty((64, 64), np.float32)
    kernels.enlarge(small, large)
    expected = cv2.resize(small, (64, 64), interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(large, expected, atol=1e-5)


@pytest.mark.parametrize("count", [1, 2, 5000])
def test_the_order_sorts_upwards(count):
    values = np.random.default_rng(count).standard_normal(count).astype(np.float32)
    values[::3] = np.round(values[::3])
    values[:1] = -0.0
    found = kernels.order(values)
    assert sorted(found) == list(range(count))
    np.testing.assert_array_equal(values[found], np.sort(values))


@pytest.mark.parametrize("seed", range(4))
def test_auroc_and_average_precision_are_those_of_weighted_cells(seed):
    rng = np.random.default_rng(seed)
    small = np.round(rng.standard_normal((16, 16)) * 3).astype(np.float32)  # with ties
    valid = np.where(rng.random((16, 16)) < 0.8, rng.random((16, 16)), 0)
    inside = valid * (rng.random((16, 16)) < 0.3) * rng.random((16, 16))
    _, _, auroc, precision = measured(small, inside, valid)
    labels = np.repeat([1, 0], 256)
    scores = np.tile(small.ravel(), 2)
    weights = np.concatenate([inside.ravel(), (valid - inside).ravel()])
    assert auroc == pytest.approx(roc_auc_score(labels, scores, sample_weight=weights), abs=1e-6)
    expected = average_precision_score(labels, scores, sample_weight=weights)
    assert precision == pytest.approx(expected, abs=1e-6)


def test_hit_and_overlap_by_hand():
    small = [[4.0, 3.0], [2.0, 1.0]]
    valid, inside = np.ones((2, 2)), [[1.0, 0.0], [1.0, 0.0]]
    # At 2.5 the cells 4 and 3 are called: 1 in the region, of a union of 2 + 1.
    hit, iou, _, _ = measured(small, inside, valid, 2.5)
    assert (hit, iou) == (1.0, pytest.approx(1 / 3))
    assert measured(small, inside, valid, 4.5)[1] == 0.0
    # At 1 all are called: 2 of 4.
    assert measured(small, inside, valid, 1.0)[1] == 0.5


def test_the_hit_is_the_share_of_the_equally_highest_cells():
    hit = measured([[1.0, 1.0], [0.0, 0.0]], [[1.0, 0.0], [0.0, 0.0]], np.ones((2, 2)))[0]
    assert hit == 0.5


def test_padding_is_ignored():
    small = np.array([[9.0, 5.0], [8.0, 1.0]])
    valid = np.array([[0.0, 1.0], [0.0, 1.0]])
    hit, _, auroc, precision = measured(small, [[0.0, 1.0], [0.0, 0.0]], valid)
    assert (hit, auroc, precision) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize("seed", range(4))
def test_otsus_threshold_is_that_of_opencv(seed):
    # OpenCV's threshold is of whole grey levels: the cells above it are called.
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (16, 16)).astype(np.float32)
    inside = (rng.random((16, 16)) < 0.3).astype(np.float32)
    level, _ = cv2.threshold(small.astype(np.uint8), 0, 255, cv2.THRESH_OTSU)
    called = small > level
    union = (called | (inside > 0)).sum()
    iou = (called & (inside > 0)).sum() / union
    assert measured(small, inside, np.ones((16, 16)))[1] == pytest.approx(iou, abs=0.01)


@pytest.mark.parametrize("inside", [np.zeros((4, 4)), np.ones((4, 4))])
def test_without_a_region_or_an_outside_nothing_is_defined(inside):
    assert np.isnan(measured(np.eye(4), inside, np.ones((4, 4)))).all()


def test_overlaps_at_many_thresholds_are_those_at_each():
    rng = np.random.default_rng(0)
    small = rng.standard_normal((5, 5)).astype(np.float32)
    valid = np.ones((8, 8), np.float32)
    inside = (rng.random((8, 8)) < 0.4).astype(np.float32)
    tried = np.array([[-1.5, -0.2, 0.0, 0.7, 9.0]])
    out = np.empty((1, 5))
    kernels.overlaps(small[None], inside, valid, tried, out)
    expected = [measured(small, inside, valid, one)[1] for one in tried[0]]
    np.testing.assert_allclose(out[0], expected, atol=1e-12)


def test_the_mass_is_of_positive_values_only():
    out = np.empty(1)
    maps = np.array([[[3.0, -5.0], [1.0, 0.0]]], np.float32)
    area = np.array([[1.0, 1.0], [0.0, 0.0]], np.float32)
    kernels.mass(maps, area, np.ones((2, 2), np.float32), out)
    assert out[0] == 0.75
    kernels.mass(-np.abs(maps), area, np.ones((2, 2), np.float32), out)
    assert np.isnan(out[0])

"""Losses: hand-worked values, and NumPy in float64 beside them."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare.training import losses  # noqa: E402

pytestmark = pytest.mark.keras


def value(tensor: object) -> float:
    return float(keras.ops.convert_to_numpy(tensor))


def test_bce_by_hand() -> None:
    # Logit 0 is p = 1/2: log 2 whatever the target. Logit log 3 is p = 3/4:
    # target 1 gives -log 3/4 = log 4/3; target 0 gives -log 1/4 = log 4.
    logits = np.array([[0.0, np.log(3)], [np.log(3), 5.0]])
    targets = np.array([[1.0, 1.0], [0.0, 1.0]])
    weights = np.array([[1.0, 1.0], [1.0, 0.0]])
    expected = (np.log(2) + np.log(4 / 3) + np.log(4)) / 3
    assert value(losses.bce(targets, weights, logits)) == pytest.approx(expected, rel=1e-6)


def test_a_soft_target_by_hand() -> None:
    # t = 0.7, p = 3/4: -0.7 log(3/4) - 0.3 log(1/4)
    expected = -0.7 * np.log(0.75) - 0.3 * np.log(0.25)
    loss = losses.bce(np.array([[0.7]]), np.ones((1, 1)), np.array([[np.log(3)]]))
    assert value(loss) == pytest.approx(expected, rel=1e-6)


def test_masked_targets_do_not_count_whatever_they_are() -> None:
    rng = np.random.default_rng(0)
    logits, targets = rng.normal(size=(2, 6, 6))
    targets = (targets > 0).astype(float)
    weights = rng.integers(0, 2, (6, 6)).astype(float)
    expected = value(losses.bce(targets, weights, logits))
    for nonsense in (-1.0, 9.0, np.nan, np.inf):
        spoilt = np.where(weights == 0, nonsense, targets)
        assert value(losses.bce(spoilt, weights, logits)) == pytest.approx(expected, rel=1e-6)


def test_all_masked_is_zero() -> None:
    assert value(losses.bce(np.full((2, 3), np.nan), np.zeros((2, 3)), np.ones((2, 3)))) == 0


def test_large_logits_do_not_overflow() -> None:
    logits = np.array([[1000.0, -1000.0, 1000.0, -1000.0]])
    targets = np.array([[1.0, 0.0, 0.0, 1.0]])
    # 0, 0, 1000, 1000
    assert value(losses.bce(targets, np.ones((1, 4)), logits)) == pytest.approx(500)

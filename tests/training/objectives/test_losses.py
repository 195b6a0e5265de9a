"""Losses: hand-worked values, and a float64 reference in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
from cxrcompare.errors import InputError  # noqa: E402
from cxrcompare.training.objectives import losses  # noqa: E402

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


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def batch(seed: int = 0, findings: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    targets = rng.choice([0.0, 1.0, 0.3], (8, findings))
    return targets, rng.integers(0, 2, (8, findings)).astype(float), rng.normal(size=targets.shape)


def mean(losses_: np.ndarray, weights: np.ndarray) -> float:
    return float((losses_ * weights).sum() / weights.sum())


def test_positive_weights_by_hand() -> None:
    # p = 3/4 at log 3: 5 log(4/3) for the positive, log 4 for the negative, over 2 targets.
    loss = losses.weighted_bce(
        np.array([[1.0, 0.0]]), np.ones((1, 2)), np.full((1, 2), np.log(3)), np.array([5.0, 7.0])
    )
    assert value(loss) == pytest.approx((5 * np.log(4 / 3) + np.log(4)) / 2, rel=1e-6)


@pytest.mark.parametrize(("gamma", "alpha"), [(2.0, None), (0.5, 0.25), (0.0, None)])
def test_focal_as_the_paper_writes_it(gamma: float, alpha: float | None) -> None:
    targets, weights, z = batch()
    p = sigmoid(z)
    up, down = (1, 1) if alpha is None else (alpha, 1 - alpha)
    slow = -up * targets * (1 - p) ** gamma * np.log(p)
    slow -= down * (1 - targets) * p**gamma * np.log(1 - p)
    loss = losses.focal(targets, weights, z, gamma, alpha)
    assert value(loss) == pytest.approx(mean(slow, weights), rel=1e-5)


@pytest.mark.parametrize("clip", [0.0, 0.05, 0.3])
def test_asymmetric_as_the_paper_writes_it(clip: float) -> None:
    targets, weights, z = batch()
    p, shifted = sigmoid(z), np.maximum(sigmoid(z) - clip, 0)
    slow = -targets * (1 - p) * np.log(p) - (1 - targets) * shifted**4 * np.log(1 - shifted)
    loss = losses.asymmetric(targets, weights, z, clip=clip)
    assert value(loss) == pytest.approx(mean(slow, weights), rel=1e-5)


def test_an_easy_negative_costs_nothing_under_the_asymmetric_loss() -> None:
    easy = np.array([[np.log(0.04 / 0.96)]])  # p = 0.04 < 0.05
    assert value(losses.asymmetric(np.zeros((1, 1)), np.ones((1, 1)), easy)) == 0


def gradient(loss: Callable[[Any], Any], z: float) -> float:
    """The gradient at one logit, by automatic differentiation."""
    logits = np.array([[z]], np.float32)
    if keras.backend.backend() == "jax":
        import jax

        return float(jax.grad(loss)(logits)[0, 0])
    if keras.backend.backend() == "torch":
        import torch

        tensor = torch.tensor(logits, requires_grad=True)
        return float(torch.autograd.grad(loss(tensor), tensor)[0])
    import tensorflow as tf

    tensor = tf.constant(logits)
    with tf.GradientTape() as tape:
        tape.watch(tensor)
        made = loss(tensor)
    return float(tape.gradient(made, tensor)[0, 0])


@pytest.mark.parametrize("z", [-200.0, -20.0, -1.0, 0.0, 3.0, 20.0, 200.0])
@pytest.mark.parametrize("gamma", [0.0, 0.5, 4.0])
def test_the_gradient_of_a_negative_does_not_vanish_without_a_margin(
    gamma: float, z: float
) -> None:
    # d/dz p^g softplus(z) = p^g (g (1 - p) softplus(z) + p), which is 1 where the answer is
    # certain and wrong.
    p, softplus = sigmoid(np.array(z)), np.logaddexp(0, z)
    expected = p**gamma * (gamma * (1 - p) * softplus + p)

    def loss(logits: Any) -> Any:
        options = {"gamma_negative": gamma, "clip": 0.0}
        return losses.asymmetric(np.zeros((1, 1)), np.ones((1, 1)), logits, **options)

    assert gradient(loss, z) == pytest.approx(expected, rel=1e-5, abs=1e-30)


@pytest.mark.parametrize("z", [-200.0, -2.0, 1.0, 20.0])
def test_the_gradient_of_a_negative_with_a_margin(z: float) -> None:
    # d/dz -s^4 log(1 - s) with s = p - 0.05: (s^4 / (1 - s) - 4 s^3 log(1 - s)) p (1 - p)
    p = sigmoid(np.array(z))
    s = max(p - 0.05, 0)
    expected = (s**4 / (1 - s) - 4 * s**3 * np.log(1 - s)) * p * (1 - p)

    def loss(logits: Any) -> Any:
        return losses.asymmetric(np.zeros((1, 1)), np.ones((1, 1)), logits)

    assert gradient(loss, z) == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_focal_and_asymmetric_without_focusing_are_cross_entropy() -> None:
    arrays = batch(3)
    expected = value(losses.bce(*arrays))
    assert value(losses.focal(*arrays, gamma=0)) == pytest.approx(expected, rel=1e-6)
    plain = losses.asymmetric(*arrays, gamma_positive=0, gamma_negative=0, clip=0)
    assert value(plain) == pytest.approx(expected, rel=1e-6)


def test_auc_margin_by_hand() -> None:
    # Probabilities of positives 3/4 and 1/4: mean 1/2, variance 1/16. Of negatives 1/4 and 1/4:
    # mean 1/4, variance 0. (1 - 1/2 + 1/4)^2 = 9/16. Together 10/16. The second finding has
    # no negative that counts, and is left out.
    three = np.log(3)
    z = np.array([[three, three], [-three, 0.0], [-three, 1.0], [-three, 2.0]])
    targets = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    weights = np.array([[1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])
    assert value(losses.auc_margin(targets, weights, z)) == pytest.approx(10 / 16, rel=1e-6)
    assert value(losses.auc_margin(np.ones((4, 2)), weights, z)) == 0


def test_auc_margin_is_the_minimum_over_a_and_b_and_the_maximum_over_alpha() -> None:
    # Yuan et al.'s min-max form of the margin term, max over alpha >= 0 of
    # 2 alpha (m - a + b) - alpha^2, and the least squares over a and b, on a grid.
    _, _, z = batch(5, 1)
    targets = np.array([[1.0], [0], [1], [0], [0], [0], [1], [0]])
    h, y = sigmoid(z)[:, 0], targets[:, 0] == 1
    a, b = h[y].mean(), h[~y].mean()
    for shift in (-0.01, 0.01):
        assert ((h[y] - a - shift) ** 2).mean() > ((h[y] - a) ** 2).mean()
    alpha = np.linspace(0, 3, 300_001)
    margin = (2 * alpha * (1 - a + b) - alpha**2).max()
    slow = ((h[y] - a) ** 2).mean() + ((h[~y] - b) ** 2).mean() + margin
    assert value(losses.auc_margin(targets, np.ones((8, 1)), z)) == pytest.approx(slow, rel=1e-5)


def test_third_class_by_hand() -> None:
    # Finding 1 has three classes with logits (0, log 2, log 3): probabilities 1/6, 2/6, 3/6.
    # Rows: negative -> log 6, positive -> log 3, uncertain -> log 2. Finding 0 has logit 0: log 2.
    logits = np.tile([0.0, np.log(2), np.log(3)], (3, 1))
    targets = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 0.0, 1.0]])
    loss = losses.with_third_class(targets, np.ones((3, 3)), logits, [1], losses.bce)
    expected = (np.log(6) + np.log(3) + np.log(2) + 3 * np.log(2)) / 6
    assert value(loss) == pytest.approx(expected, rel=1e-6)
    # All findings three-way, the first row masked: (log 3 + log 2) / 2.
    weights = np.array([[0.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    loss = losses.with_third_class(targets[:, 1:], weights, logits[:, 1:], [0], losses.bce)
    assert value(loss) == pytest.approx((np.log(3) + np.log(2)) / 2, rel=1e-6)


@pytest.mark.parametrize("name", losses.NAMES)
def test_every_loss_masks_and_is_finite(name: str) -> None:
    targets, weights, z = batch(7)
    loss = losses.choose(name, {}, targets, weights)
    expected = value(loss(targets, weights, z))
    spoilt = np.where(weights == 0, np.nan, targets)
    assert value(loss(spoilt, weights, np.where(weights == 0, 3.0, z))) == pytest.approx(
        expected, rel=1e-5
    )
    assert value(loss(targets, np.zeros_like(weights), z)) == 0
    for extreme in (-200.0, 200.0):
        assert np.isfinite(value(loss(targets, weights, np.full_like(z, extreme))))


@pytest.mark.parametrize("name", losses.NAMES)
def test_every_loss_falls_along_its_gradient(name: str) -> None:
    targets, weights, start = batch(11)
    loss = losses.choose(name, {}, targets, weights)
    slopes = np.zeros_like(start)
    for index in np.ndindex(start.shape):  # central differences
        ends = []
        for step in (-0.01, 0.01):
            moved = start.copy()
            moved[index] += step
            ends.append(value(loss(targets, weights, moved)))
        slopes[index] = (ends[1] - ends[0]) / 0.02
    assert (slopes[weights == 0] == 0).all()
    assert value(loss(targets, weights, start - 0.5 * slopes)) < value(
        loss(targets, weights, start)
    )


def test_balance_by_hand() -> None:
    values = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0], [1.0, 0.0, 1.0]])
    weights = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
    # 2 negatives per positive; none positive: the limit; nothing known: 1.
    np.testing.assert_array_equal(losses.balance(values, weights, limit=20), [2, 20, 1])


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("hinge", {}, r"`loss` must be one of bce, .*Received: hinge"),
        ("focal", {"beta": 1}, r"`loss_options` of focal must be one of gamma, alpha"),
        ("bce", {"gamma": 1}, "must be one of none"),
        ("focal", {"alpha": 2}, r"`loss_options.alpha` must be a number from 0 to 1. Received: 2"),
        ("asymmetric", {"clip": "x"}, "must be a number"),
    ],
)
def test_wrong_names_and_options(name: str, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        losses.check(name, options)

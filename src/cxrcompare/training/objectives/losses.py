"""Losses of logits with soft, masked targets; each is a mean over the targets that are not masked.

Each function takes targets (B, F) in [0, 1], which may have any value where the weight is 0;
weights (B, F), of which 0 masks; and logits (B, F). It returns a scalar. A soft target t counts as
t positives and 1 - t negatives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from keras import ops

from cxrcompare.errors import InputError

Loss = Callable[[Any, Any, Any], Any]


def bce(targets: Any, weights: Any, logits: Any) -> Any:
    """Returns the mean binary cross-entropy over the unmasked targets; 0 if all are masked.

    The denominator is the sum of the weights in the batch, not the number of entries. A masked
    target therefore changes neither the numerator nor the denominator.

    Args:
        targets: (B, F) in [0, 1]; any value, including NaN, where the weight is 0.
        weights: (B, F), at least 0; 0 masks.
        logits: (B, F).
    """
    return weighted_bce(targets, weights, logits, 1.0)


def weighted_bce(targets: Any, weights: Any, logits: Any, positive_weights: Any) -> Any:
    """Returns the binary cross-entropy with positives weighted by `positive_weights`.

    Args:
        targets: (B, F) in [0, 1].
        weights: (B, F), 0 masks. The denominator is their sum.
        logits: (B, F).
        positive_weights: One number, or one per finding (F,); see `balance`.
    """
    targets, weights, logits = _ready(targets, weights, logits)
    positive = targets * ops.cast(positive_weights, "float32")
    losses = positive * ops.softplus(-logits) + (1 - targets) * ops.softplus(logits)
    return _mean(losses, weights)


def focal(
    targets: Any, weights: Any, logits: Any, gamma: float = 2.0, alpha: float | None = None
) -> Any:
    """Returns the focal loss: (1 - q)^gamma times cross-entropy; q is the target's probability.

    Source: Lin et al. 2017, arXiv 1708.02002.

    Args:
        targets: (B, F) in [0, 1].
        weights: (B, F), 0 masks.
        logits: (B, F).
        gamma: Focusing: larger values down-weight easy cases more; 0 is cross-entropy.
        alpha: Weight of positives; negatives have weight 1 - alpha. None: both have weight 1.
    """
    targets, weights, logits = _ready(targets, weights, logits)
    on_positive, on_negative = (1.0, 1.0) if alpha is None else (alpha, 1 - alpha)
    # (1 - p)^gamma = exp(-gamma softplus(z)); this avoids a power of a base that may be 0.
    positive = ops.exp(-gamma * ops.softplus(logits)) * ops.softplus(-logits)
    negative = ops.exp(-gamma * ops.softplus(-logits)) * ops.softplus(logits)
    return _mean(on_positive * targets * positive + on_negative * (1 - targets) * negative, weights)


def asymmetric(
    targets: Any,
    weights: Any,
    logits: Any,
    gamma_positive: float = 1.0,
    gamma_negative: float = 4.0,
    clip: float = 0.05,
) -> Any:
    """Returns the asymmetric loss: a focal loss with one gamma per class and a probability margin.

    The probability p of a negative is replaced by max(p - clip, 0), so a negative with p below
    `clip` has loss 0.

    Source: Ridnik et al. 2021, arXiv 2009.14119, equations 4 to 7; the defaults are its code's.

    Args:
        targets: (B, F) in [0, 1].
        weights: (B, F), 0 masks.
        logits: (B, F).
        gamma_positive: Focusing of positives.
        gamma_negative: Focusing of negatives.
        clip: The probability margin of negatives, in [0, 1).
    """
    targets, weights, logits = _ready(targets, weights, logits)
    positive = ops.exp(-gamma_positive * ops.softplus(logits)) * ops.softplus(-logits)
    if clip:
        shifted = ops.relu(ops.sigmoid(logits) - clip)
        # The floor is needed because the gradient of 0^gamma is infinite for gamma < 1.
        focus = ops.power(ops.maximum(shifted, 1e-7), gamma_negative) if gamma_negative else 1.0
        negative = -focus * ops.log(ops.maximum(1 - shifted, 1e-7))
    else:  # computed from logits: 1 - p rounds to 0 in float32 for large logits
        negative = ops.exp(-gamma_negative * ops.softplus(-logits)) * ops.softplus(logits)
    return _mean(targets * positive + (1 - targets) * negative, weights)


def auc_margin(targets: Any, weights: Any, logits: Any, margin: float = 1.0) -> Any:
    """Returns the AUC-margin loss, with its inner problem solved on the batch.

    The loss of a finding is, with probabilities h, their mean a over positives and b over
    negatives:

        var(h | positive) + var(h | negative) + max(0, margin - a + b)^2

    The result is the mean over the findings with positives and negatives in the batch; 0 if there
    are none. Yuan et al. keep a, b and the dual variable between steps and update them with a
    dedicated optimiser (PESG), which makes the steps unbiased. Here they are computed from the
    batch, so any optimiser works, but large batches are recommended. As in the paper, start from a
    network that was trained with cross-entropy.

    Source: Yuan et al. 2021, arXiv 2012.03173, equation 2.

    Args:
        targets: (B, F) in [0, 1].
        weights: (B, F), 0 masks.
        logits: (B, F).
        margin: The target difference between the mean probabilities of the two classes.
    """
    targets, weights, logits = _ready(targets, weights, logits)
    h = ops.sigmoid(logits)
    (a, spread_a, n_a), (b, spread_b, n_b) = (
        _moments(h, weights * share) for share in (targets, 1 - targets)
    )
    losses = spread_a + spread_b + ops.square(ops.relu(margin - a + b))
    both = ops.cast(ops.logical_and(n_a > 0, n_b > 0), "float32")
    return _mean(losses, both)


def with_third_class(
    targets: Any, weights: Any, logits: Any, columns: Sequence[int], rest: Loss
) -> Any:
    """Returns the loss if some findings have a third class, "uncertain" (u-multiclass).

    The M findings `columns` have a three-way softmax over the logits (0, z, u): z is the logit of
    the finding, u is one of the last M logits. Because p1 / (p0 + p1) = sigmoid(z), z has the same
    meaning at test time as the logit of any other finding. The loss is the mean over all unmasked
    targets: cross-entropy for the findings `columns`, and `rest` for the others.

    Source: Irvin et al. 2019, arXiv 1901.07031.

    Args:
        targets: (B, F + M): first the share of positive of each finding, then the share of
            uncertain of each of `columns`.
        weights: (B, F + M); the last M are ignored.
        logits: (B, F + M).
        columns: Indices of the findings with the third class, ascending.
        rest: The loss of the other findings.
    """
    targets, weights, logits = _ready(targets, weights, logits)
    findings = logits.shape[-1] - len(columns)
    others = [column for column in range(findings) if column not in columns]

    def take(tensor: Any, indices: Sequence[int]) -> Any:
        return ops.take(tensor, np.array(indices, dtype="int32"), axis=-1)

    z, u = take(logits, columns), logits[:, findings:]
    positive, uncertain = take(targets, columns), targets[:, findings:]
    normaliser = ops.logaddexp(ops.softplus(z), u)
    counts = take(weights, columns)
    losses = normaliser - positive * z - uncertain * u
    if not others:
        return _mean(losses, counts)
    plain = take(targets, others), take(weights, others), take(logits, others)
    weight, plain_weight = ops.sum(counts), ops.sum(plain[1])
    total = ops.maximum(weight + plain_weight, 1e-12)
    return (weight * _mean(losses, counts) + plain_weight * rest(*plain)) / total


def balance(values: np.ndarray, weights: np.ndarray, limit: float = 20.0) -> np.ndarray:
    """Returns the number of negatives per positive of each finding, of unmasked targets, (F,).

    Args:
        values: (N, F) in [0, 1].
        weights: (N, F) in {0, 1}.
        limit: The result is clipped to [1 / limit, limit], so that the few positives of a rare
            finding do not dominate the loss.
    """
    positives = (values * weights).sum(axis=0, dtype=np.float64)
    negatives = ((1 - values) * weights).sum(axis=0, dtype=np.float64)
    ratio = negatives / np.maximum(positives, 1e-12)
    return np.clip(np.where(positives + negatives > 0, ratio, 1.0), 1 / limit, limit)


_LOSSES: dict[str, tuple[Callable[..., Any], dict[str, tuple[float, float]]]] = {
    "bce": (bce, {}),
    "weighted-bce": (weighted_bce, {"limit": (1, 1e6)}),
    "focal": (focal, {"gamma": (0, 100), "alpha": (0, 1)}),
    "asymmetric": (
        asymmetric,
        {"gamma_positive": (0, 100), "gamma_negative": (0, 100), "clip": (0, 0.999)},
    ),
    "auc-margin": (auc_margin, {"margin": (0, 10)}),
}
"""Each loss by name, with its options and their ranges."""

NAMES: tuple[str, ...] = tuple(_LOSSES)


def choose(name: str, options: dict[str, Any], values: np.ndarray, weights: np.ndarray) -> Loss:
    """Returns a loss by name.

    Args:
        name: One of `NAMES`.
        options: The loss's options, by the names of its arguments; `limit` for weighted-bce.
        values: (N, F) training targets, from which weighted-bce computes the balance.
        weights: (N, F) weights of the targets.

    Raises:
        InputError: The name or an option is unknown, or an option is out of range.
    """
    check(name, options)
    if name == "weighted-bce":
        return partial(weighted_bce, positive_weights=balance(values, weights, **options))
    return partial(_LOSSES[name][0], **options)


def check(name: str, options: dict[str, Any]) -> None:
    """Checks a loss's name and options, as `choose` does.

    Raises:
        InputError: The name or an option is unknown, or an option is out of range.
    """
    if name not in _LOSSES:
        raise InputError(f"`loss` must be one of {', '.join(NAMES)}. Received: {name}")
    ranges = _LOSSES[name][1]
    for option, value in options.items():
        if option not in ranges:
            raise InputError(
                f"`loss_options` of {name} must be one of {', '.join(ranges) or 'none'}. "
                f"Received: {option}"
            )
        low, high = ranges[option]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:
            raise InputError(
                f"`loss_options.{option}` must be a number from {low:g} to {high:g}. "
                f"Received: {value}"
            )


def _moments(h: Any, weights: Any) -> tuple[Any, Any, Any]:
    """Returns mean, variance and total weight of each column."""
    total = ops.sum(weights, axis=0)
    divisor = ops.where(total > 0, total, ops.ones_like(total))
    mean = ops.sum(h * weights, axis=0) / divisor
    return mean, ops.sum(weights * ops.square(h - mean), axis=0) / divisor, total


def _mean(losses: Any, weights: Any) -> Any:
    total = ops.sum(weights)
    return ops.sum(losses * weights) / ops.where(total > 0, total, ops.ones_like(total))


def _ready(targets: Any, weights: Any, logits: Any) -> tuple[Any, Any, Any]:
    """Returns float32 tensors, with masked targets set to 0, because 0 times NaN is NaN."""
    targets, weights, logits = (
        ops.cast(ops.convert_to_tensor(tensor), "float32") for tensor in (targets, weights, logits)
    )
    return ops.where(weights > 0, targets, ops.zeros_like(targets)), weights, logits

"""Losses of logits against targets with weights; the mean is over what is not masked."""

from __future__ import annotations

from typing import Any

from keras import ops


def bce(targets: Any, weights: Any, logits: Any) -> Any:
    """Returns the mean binary cross-entropy over the targets that count; 0 where none does.

    The denominator is the sum of the weights in the batch, not the number of entries, so a masked
    target neither adds to the loss nor dilutes it.

    Args:
        targets: (B, F) in [0, 1]; anything, NaN too, where the weight is 0.
        weights: (B, F), at least 0; 0 masks.
        logits: (B, F).
    """
    targets, weights, logits = _ready(targets, weights, logits)
    return _mean(cross_entropy(targets, logits), weights)


def cross_entropy(targets: Any, logits: Any) -> Any:
    """Returns -t log p - (1 - t) log(1 - p) of each entry, p the sigmoid, without overflow."""
    return ops.softplus(logits) - targets * logits


def _mean(losses: Any, weights: Any) -> Any:
    total = ops.sum(weights)
    return ops.sum(losses * weights) / ops.where(total > 0, total, ops.ones_like(total))


def _ready(targets: Any, weights: Any, logits: Any) -> tuple[Any, Any, Any]:
    """Returns float32 tensors, with 0 for masked targets: 0 times NaN would be NaN."""
    targets, weights, logits = (
        ops.cast(ops.convert_to_tensor(tensor), "float32") for tensor in (targets, weights, logits)
    )
    return ops.where(weights > 0, targets, ops.zeros_like(targets)), weights, logits

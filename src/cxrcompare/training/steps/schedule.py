"""The learning rate of each step, and of each variable; which variables decay."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cxrcompare.training.run_config import Settings

BLOCKS = 8


def rate(settings: Settings, position: float, epochs: int, plateau_factor: float = 1.0) -> float:
    """Returns the learning rate of fine-tuning for the head.

    Args:
        settings: The schedule.
        position: Epochs since the start of fine-tuning, this step included: n at the end of the
            n-th. "step" lowers the rate after its epochs.
        epochs: How many epochs it may take.
        plateau_factor: What "plateau" has multiplied the rate by.

    Sources: warm-up, Goyal et al. 2017, arXiv 1706.02677; cosine, Loshchilov & Hutter 2017, arXiv
    1608.03983.
    """
    warmup = min(settings.warmup_epochs, epochs)
    if position < warmup:
        return settings.learning_rate * position / warmup
    if settings.schedule == "cosine":
        done = (position - warmup) / max(epochs - warmup, 1e-9)
        height = (1 + math.cos(math.pi * min(done, 1.0))) / 2
        return settings.learning_rate * (settings.final_rate + (1 - settings.final_rate) * height)
    if settings.schedule == "step":
        passed = sum(position > epoch for epoch in settings.step_epochs)
        return settings.learning_rate * settings.rate_factor**passed
    if settings.schedule == "plateau":
        return settings.learning_rate * plateau_factor
    return settings.learning_rate


def decays(variables: Sequence[Any], weight_decay: float) -> list[float]:
    """Returns each variable's weight decay: none for biases, scales and offsets.

    Args:
        variables: Keras variables.
        weight_decay: That of the others.
    """
    return [weight_decay if len(variable.shape) > 1 else 0.0 for variable in variables]


def factors(
    variables: Sequence[Any], backbone: Sequence[Any], backbone_rate: float, layer_decay: float
) -> list[float]:
    """Returns each variable's share of the learning rate.

    The head has 1. The backbone is cut into eight blocks of as many variables each; its last block
    has `backbone_rate`, and each block before it `layer_decay` times the rate of the next.

    Args:
        variables: Keras variables that learn.
        backbone: The backbone's variables, first layer first.
        backbone_rate: The last block's rate over the head's.
        layer_decay: A block's rate over the next one's.

    Source: layer-wise rates, Howard & Ruder 2018, arXiv 1801.06146.
    """
    depth = {
        id(variable): BLOCKS - 1 - index * BLOCKS // len(backbone)
        for index, variable in enumerate(backbone)
    }
    return [
        backbone_rate * layer_decay ** depth[id(variable)] if id(variable) in depth else 1.0
        for variable in variables
    ]

"""The learning rate of each step and each variable, and the weight decay of each variable."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from cxrcompare.training.run_config import Settings


def rate(settings: Settings, position: float, epochs: int) -> float:
    """Returns the learning rate of fine-tuning for the head.

    Args:
        settings: The schedule.
        position: Epochs since the start of fine-tuning, including this step: n at the end of the
            n-th epoch. "step" lowers the rate after the epochs in `step_epochs`.
        epochs: Maximum number of epochs of fine-tuning.

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
    return settings.learning_rate


def decays(variables: Sequence[Any], weight_decay: float) -> list[float]:
    """Returns the weight decay of each variable: 0 for biases, scales and offsets.

    Args:
        variables: Keras variables.
        weight_decay: The weight decay of the other variables.
    """
    return [weight_decay if len(variable.shape) > 1 else 0.0 for variable in variables]


def factors(variables: Sequence[Any], backbone: Sequence[Any], backbone_rate: float) -> list[float]:
    """Returns the learning-rate factor of each variable: 1 in the head.

    Args:
        variables: Keras variables that are trained.
        backbone: The backbone's variables.
        backbone_rate: The learning rate of the backbone, as a share of the head's.
    """
    inside = {id(variable) for variable in backbone}
    return [backbone_rate if id(variable) in inside else 1.0 for variable in variables]

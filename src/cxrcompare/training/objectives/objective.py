"""Objective: the loss of a run, the number of logits, and their meaning at test time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers

from cxrcompare.labels.policy import Policy, Targets
from cxrcompare.training.objectives import losses


@dataclass(frozen=True)
class Objective:
    """The loss of a run and its targets.

    Attributes:
        loss: (targets, weights, logits) -> scalar, for batches with `outputs` columns.
        values: (N, outputs) float32 training targets.
        weights: (N, outputs) float32 weights of the targets.
        outputs: Number of logits of the network in training.
        findings: Number of findings, which is the number of reported logits.
        report: Converts logits (N, outputs) to reported logits (N, findings).
        finish: Converts the trained network to the one to save, which returns reported logits.
    """

    loss: losses.Loss
    values: np.ndarray
    weights: np.ndarray
    outputs: int
    findings: int
    report: Callable[[np.ndarray], np.ndarray]
    finish: Callable[[keras.Model], keras.Model]


def objective(
    targets: Targets,
    policy: Policy,
    loss: str = "bce",
    options: dict[str, Any] | None = None,
) -> Objective:
    """Returns the objective of a run.

    Args:
        targets: The training targets.
        policy: The uncertainty policy of the targets; u-multiclass adds a third class.
        loss: One of `losses.NAMES`.
        options: The loss's options.

    Raises:
        InputError: The loss or an option is unknown.

    Source: Irvin et al. 2019, arXiv 1901.07031 (u-multiclass).
    """
    count = len(targets.findings)
    rules = policy.rules(targets.findings)
    third = [column for column, rule in enumerate(rules) if rule == "u-multiclass"]
    values, weights = targets.values, targets.weights
    chosen = losses.choose(loss, options or {}, *_others(values, weights, third))
    if not third:
        return Objective(chosen, values, weights, count, count, _same, _same)
    uncertain = targets.uncertain[:, third].astype(np.float32)
    return Objective(
        partial(losses.with_third_class, columns=third, rest=chosen),
        np.hstack([values, uncertain]),
        np.hstack([weights, weights[:, third]]),
        count + len(third),
        count,
        lambda logits: logits[:, :count],
        partial(_first, count=count),
    )


def _others(
    values: np.ndarray, weights: np.ndarray, third: Sequence[int]
) -> tuple[np.ndarray, np.ndarray]:
    kept = [column for column in range(values.shape[1]) if column not in third]
    return values[:, kept], weights[:, kept]


def _same(x: Any) -> Any:
    return x


def _first(model: keras.Model, count: int) -> keras.Model:
    """Returns the network with only the first `count` of its logits."""
    old = model.get_layer("logits")
    new = layers.Dense(count, dtype="float32", name="logits")
    finished = keras.Model(model.input, new(old.input), name=model.name)
    for weight, old_weight in zip(new.weights, old.weights, strict=True):
        weight.assign(old_weight[..., :count])
    return finished

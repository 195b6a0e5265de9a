"""Objective: what a run minimises, how wide its network is, and what its logits mean at test."""

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
    """What a run minimises.

    Attributes:
        loss: (targets, weights, logits) -> scalar, of batches with `outputs` columns.
        values: (N, outputs) float32, the training targets.
        weights: (N, outputs) float32, theirs.
        outputs: How many logits the network has while it learns.
        findings: How many it reports.
        report: Turns logits (N, outputs) into reported ones (N, findings).
        finish: Turns the trained network into the one to save, which gives reported logits.
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
        policy: The policy they came from; findings under u-multiclass get a third class.
        loss: One of `losses.NAMES`.
        options: The loss's own settings.

    Raises:
        InputError: The loss or an option is not known.

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
    """Returns the network with the first `count` of its logits."""
    old = model.get_layer("logits")
    new = layers.Dense(count, dtype="float32", name="logits")
    finished = keras.Model(model.input, new(old.input), name=model.name)
    for mine, theirs in zip(new.weights, old.weights, strict=True):
        mine.assign(theirs[..., :count])
    return finished

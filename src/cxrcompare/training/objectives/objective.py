"""Objective: what a run minimises, how wide its network is, and what its logits mean at test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from cxrcompare.errors import InputError
from cxrcompare.findings import PARENTS, same
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
    conditional: bool = False,
) -> Objective:
    """Returns the objective of a run.

    Args:
        targets: The training targets.
        policy: The policy they came from; findings under u-multiclass get a third class.
        loss: One of `losses.NAMES`.
        options: The loss's own settings.
        conditional: Learns each finding given that its parent in the hierarchy is present, and
            reports the product along the path from the root.

    Raises:
        InputError: The loss or an option is not known, or `conditional` meets u-multiclass.

    Sources: Irvin et al. 2019, arXiv 1901.07031 (u-multiclass); Pham et al. 2019, arXiv 1911.06475
        (conditional training).
    """
    count = len(targets.findings)
    rules = policy.rules(targets.findings)
    third = [column for column, rule in enumerate(rules) if rule == "u-multiclass"]
    values, weights = targets.values, targets.weights
    if conditional and third:
        raise InputError(
            "`conditional` training must have two classes. Received: the policy u-multiclass"
        )
    if conditional:
        paths = _paths(targets.findings)
        values, weights = given_parents(values, weights, targets.findings)
        chosen = losses.choose(loss, options or {}, values, weights)
        return Objective(
            chosen,
            values,
            weights,
            count,
            count,
            partial(unconditional, paths=paths),
            partial(_multiply, paths=paths),
        )
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


def parent(finding: str, findings: Sequence[str]) -> str | None:
    """Returns the nearest ancestor in the hierarchy that is among `findings`, or None."""
    above = next((up for name, up in PARENTS.items() if same(name, finding)), None)
    if above is None:
        return None
    return next((name for name in findings if same(name, above)), None) or parent(above, findings)


def given_parents(
    values: np.ndarray, weights: np.ndarray, findings: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns targets of findings given that their parents are present.

    A finding's label counts only where its parent is positive (at least 0.5). A positive child
    makes its parents positive, whatever their own label says: reports name the one or the other.

    Args:
        values: (N, F) in [0, 1].
        weights: (N, F) in {0, 1}.
        findings: The names of the columns.
    """
    values, weights = values.copy(), weights.copy()
    depth = _paths(findings).sum(axis=1)
    above = {
        column: list(findings).index(name)
        for column, finding in enumerate(findings)
        if (name := parent(finding, findings)) is not None
    }
    for column in sorted(above, key=lambda column: -depth[column]):  # from the leaves up
        present = (weights[:, column] > 0) & (values[:, column] >= 0.5)
        lifted = np.maximum(values[:, above[column]] * weights[:, above[column]], values[:, column])
        values[present, above[column]] = lifted[present]
        weights[present, above[column]] = 1
    counts = (values >= 0.5) & (weights > 0)
    for column, up in above.items():
        weights[:, column] *= counts[:, up]
    return values, weights


def unconditional(logits: np.ndarray, paths: np.ndarray) -> np.ndarray:
    """Returns the logit of the product of the probabilities along each finding's path.

    Args:
        logits: (N, F), of each finding given its parent.
        paths: (F, F), row f is 1 for f and its ancestors.
    """
    z = np.asarray(logits, dtype=np.float64)
    log_p = np.minimum(-np.logaddexp(0, -z) @ paths.T, -_FLOOR)
    return log_p - np.log(-np.expm1(log_p))


_FLOOR = 1e-7
"""The least -log p that float32 tells from 0: logits end at 16."""


def _paths(findings: Sequence[str]) -> np.ndarray:
    """Returns (F, F), row f 1 for f and its ancestors among the findings."""
    paths = np.eye(len(findings))
    for row, finding in enumerate(findings):
        above = parent(finding, findings)
        while above is not None:
            paths[row, list(findings).index(above)] = 1
            above = parent(above, findings)
    return paths


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


def _multiply(model: keras.Model, paths: np.ndarray) -> keras.Model:
    """Returns the network whose logits are those of `unconditional`, in Keras's own layers."""
    old = model.get_layer("logits")
    given = layers.Dense(old.units, dtype="float32", name="given_parents")
    along = layers.Dense(old.units, use_bias=False, dtype="float32", name="along_paths")
    z = given(old.input)
    log_p = along(layers.Activation("log_sigmoid", dtype="float32", name="log_p_given")(z))
    log_p = ops.minimum(log_p, -_FLOOR)
    logits = log_p - ops.log(-ops.expm1(log_p))
    logits = layers.Activation("linear", dtype="float32", name="logits")(logits)
    finished = keras.Model(model.input, logits, name=model.name)
    for mine, theirs in zip(given.weights, old.weights, strict=True):
        mine.assign(theirs)
    along.trainable = False
    along.kernel.assign(paths.T)
    return finished

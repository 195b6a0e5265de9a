"""The prediction loop for validation, test, features and the command `predict`."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cxrcompare.progress import Advance, silent
from cxrcompare.training.objectives.losses import bce
from cxrcompare.training.steps.compile_step import compile_step
from cxrcompare.training.steps.step import Step, Update


@dataclass(frozen=True)
class Output:
    """The output of a network.

    Attributes:
        values: (N, F) float32 logits, or (N, C) features.
        images_per_second: Speed without the first batch, which compiles, unless it is the only one.
    """

    values: np.ndarray
    images_per_second: float


def prediction_step(model: Any) -> Step:
    """Returns the step of a finished network, which is not trained.

    Args:
        model: The network; none of its layers is trainable afterwards.
    """
    model.trainable = False
    return compile_step(model, bce, Update((), ()))


def predict_batches(
    step: Step, batches: Iterable[np.ndarray], count: int, advance: Advance = silent
) -> Output:
    """Predicts batches that all have the same shape.

    Args:
        step: A compiled network.
        batches: Batches of images or features; rows beyond `count` are padding.
        count: Number of rows to return; fewer are returned if `batches` has fewer.
        advance: Called with the number of new rows after each batch.
    """
    outputs: list[np.ndarray] = []
    done, timed = 0, 0
    begun = time.perf_counter()
    for batch in batches:
        outputs.append(step.predict(batch))
        new = min(len(batch), count - done)
        done += new
        advance(new)
        if len(outputs) == 1:
            first, begun = time.perf_counter() - begun, time.perf_counter()
        else:
            timed += new
    if not outputs:
        return Output(np.empty((0, 0), np.float32), 0.0)
    seconds = time.perf_counter() - begun
    rate = timed / seconds if timed else done / first
    return Output(np.concatenate(outputs)[:count], rate)

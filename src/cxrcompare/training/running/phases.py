"""The two phases of a training: the head on the frozen backbone, then fine-tuning."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import keras
import numpy as np

from cxrcompare.progress import Advance, silent
from cxrcompare.training.feeding.batches import (
    Batch,
    Plan,
    Source,
    order,
    plain_batches,
    steps,
    training_batches,
)
from cxrcompare.training.feeding.run_data import Data
from cxrcompare.training.run_config import RunConfig, Settings
from cxrcompare.training.running import run_network
from cxrcompare.training.steps import schedule
from cxrcompare.training.steps.step import Step, Update, compile_step

FROZEN, FINE = "frozen", "fine-tuning"


@dataclass
class Phase:
    """What an epoch of a phase needs.

    Attributes:
        name: `FROZEN` or `FINE`.
        model: The whole network.
        step: Of the network, or of its head alone.
        batches: The batches of an epoch, by its number over all phases.
        steps: How many batches that is.
        rate: The learning rate at a position in epochs since the phase began, times the factor
            that "plateau" has come to.
        logits: Logits of the validation images with the weights as they are, (n, F).
        size: Side of the pictures in pixels.
        warm: Whether the first step, which compiles, is behind.
    """

    name: str
    model: keras.Model
    step: Step
    batches: Callable[[int], Iterator[Batch]]
    steps: int
    rate: Callable[[float, float], float]
    logits: Callable[[], np.ndarray]
    size: int
    warm: bool = False


def stage_size(settings: Settings, epoch: int, size: int) -> int:
    """Returns the side of the pictures in an epoch of fine-tuning, in pixels.

    Args:
        settings: `progressive` and `epochs`.
        epoch: Counted from 0 since fine-tuning began; before that pictures have their full size.
        size: The side at the end.
    """
    if epoch < 0:
        return size
    shares = settings.progressive
    share = shares[min(epoch * len(shares) // settings.epochs, len(shares) - 1)]
    return max(32, round(size * share))


def open_frozen(
    config: RunConfig,
    settings: Settings,
    data: Data,
    model: keras.Model,
    size: int,
    advance: Advance = silent,
) -> Phase:
    """Readies the phase in which only the head learns.

    Where pictures do not vary, the backbone sees each once and the head learns from its features;
    `advance` hears of each image seen.
    """
    run_network.learn_head_only(model, settings)
    if settings.frozen_augmentation and settings.augmentation.varies:
        return _open(FROZEN, config, settings, data, model, size, settings.frozen_learning_rate)
    body, head = run_network.split(model)
    extract = compile_step(body, data.objective.loss, Update((), ()))
    source = data.train
    features = predict(extract, source, source.rows, settings.batch_size, size, advance)
    seen = predict(extract, source, data.valid.rows, settings.batch_size, size, advance)
    step = compile_step(head, data.objective.loss, _update(settings, head, None))
    count = len(source.rows)

    def batches(epoch: int) -> Iterator[Batch]:
        places = order(config.seed, epoch, count)
        for start in range(steps(count, settings.batch_size)):
            chunk = np.resize(
                places[start * settings.batch_size :], settings.batch_size
            )  # fewer images than a batch holds are repeated
            yield Batch(features[chunk], source.values[chunk], source.weights[chunk])

    def logits() -> np.ndarray:
        filled = np.resize(np.arange(len(seen)), _filled(len(seen), settings.batch_size))
        parts = [step.predict(seen[chunk]) for chunk in filled.reshape(-1, settings.batch_size)]
        return np.concatenate(parts)[: len(seen)]

    return Phase(
        FROZEN,
        model,
        step,
        batches,
        steps(count, settings.batch_size),
        lambda position, factor: settings.frozen_learning_rate,
        logits,
        size,
    )


def open_fine(
    config: RunConfig,
    settings: Settings,
    data: Data,
    model: keras.Model,
    size: int,
    pretrained: bool,
) -> Phase:
    """Readies the phase in which the backbone learns too.

    Args:
        config: The run.
        settings: Its settings.
        data: What it learns from.
        model: The network, built for `size`.
        size: Side of the pictures in pixels.
        pretrained: Whether weights were loaded.
    """
    run_network.learn(model, settings, pretrained)
    return _open(FINE, config, settings, data, model, size, None)


def predict(
    step: Step,
    source: Source,
    rows: np.ndarray,
    batch_size: int,
    size: int,
    advance: Advance = silent,
) -> np.ndarray:
    """Returns what a network says of rows of the store, (n, F), in batches of one shape."""
    outputs = []
    for pixels in plain_batches(source.pixels, rows, batch_size, size):
        source.check()
        outputs.append(step.predict(pixels))
        advance(min(batch_size, len(rows) - batch_size * (len(outputs) - 1)))
    return np.concatenate(outputs)[: len(rows)]


def _open(
    name: str,
    config: RunConfig,
    settings: Settings,
    data: Data,
    model: keras.Model,
    size: int,
    constant: float | None,
) -> Phase:
    fine = constant is None
    backbone = model.get_layer("backbone") if fine else None
    step = compile_step(model, data.objective.loss, _update(settings, model, backbone))
    plan = Plan(
        config.seed,
        settings.batch_size,
        size,
        settings.augmentation,
        settings.mixup if fine else 0.0,
    )
    return Phase(
        name,
        model,
        step,
        lambda epoch: training_batches(data.train, plan, epoch),
        steps(len(data.train.rows), settings.batch_size),
        lambda position, factor: (
            schedule.rate(settings, position, settings.epochs, factor)
            if constant is None
            else constant
        ),
        lambda: predict(step, data.train, data.valid.rows, settings.batch_size, size),
        size,
    )


def _update(settings: Settings, model: keras.Model, backbone: keras.Model | None) -> Update:
    variables = model.trainable_variables
    return Update(
        schedule.factors(
            variables,
            backbone.trainable_variables if backbone is not None else [],
            settings.backbone_rate,
            settings.layer_decay,
        ),
        schedule.decays(variables, settings.weight_decay),
        settings.clip_norm,
        settings.clip_value,
        settings.accumulation,
        settings.ema,
    )


def _filled(count: int, batch_size: int) -> int:
    return -(-count // batch_size) * batch_size

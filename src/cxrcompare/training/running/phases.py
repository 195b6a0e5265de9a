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
    order,
    steps,
    store_batches,
    training_batches,
)
from cxrcompare.training.running import run_network
from cxrcompare.training.running.context import RunContext
from cxrcompare.training.running.predicting import predict_batches
from cxrcompare.training.steps import schedule
from cxrcompare.training.steps.compile_step import compile_step
from cxrcompare.training.steps.step import Step, Update

FROZEN, FINE = "frozen", "fine-tuning"


@dataclass
class Phase:
    """The network, step and batches of one phase.

    Attributes:
        name: `FROZEN` or `FINE`.
        model: The whole network.
        step: The training step of the network, or of its head alone.
        batches: Returns the batches of an epoch; epochs are numbered over both phases.
        steps: Number of batches in an epoch.
        rate: Returns the learning rate at a position, in epochs since the start of the phase.
        logits: Returns the logits of the validation images with the current weights, (n, F).
        compiled: Whether the first step, which compiles, has run.
    """

    name: str
    model: keras.Model
    step: Step
    batches: Callable[[int], Iterator[Batch]]
    steps: int
    rate: Callable[[float], float]
    logits: Callable[[], np.ndarray]
    compiled: bool = False


def open_frozen(context: RunContext, model: keras.Model, advance: Advance = silent) -> Phase:
    """Opens the phase in which only the head is trained.

    Without augmentation, the backbone computes the features of each image once, and the head is
    trained on these features.

    Args:
        context: The run.
        model: Its network.
        advance: Called with the number of images whose features have been computed.
    """
    settings, source = context.settings, context.data.train
    run_network.freeze_backbone(model, settings)
    if settings.frozen_augmentation and settings.augmentation.enabled:
        return _open(FROZEN, context, model, lambda position: settings.frozen_learning_rate)
    body, head = run_network.split(model)
    extract = compile_step(body, context.data.objective.loss, Update((), ()))
    size = settings.batch_size

    def features_of(rows: np.ndarray) -> np.ndarray:
        batches = store_batches(source, rows, size, context.image_size)
        return predict_batches(extract, batches, len(rows), advance).values

    features, valid_features = features_of(source.rows), features_of(context.data.valid.rows)
    step = compile_step(head, context.data.objective.loss, _update(context, head, None))
    count = len(source.rows)

    def batches(epoch: int) -> Iterator[Batch]:
        rows = order(context.config.seed, epoch, count)
        for start in range(steps(count, size)):
            chunk = np.resize(rows[start * size :], size)  # repeats images if there are too few
            yield Batch(features[chunk], source.values[chunk], source.weights[chunk])

    def logits() -> np.ndarray:
        filled = np.resize(np.arange(len(valid_features)), -(-len(valid_features) // size) * size)
        chunks = (valid_features[chunk] for chunk in filled.reshape(-1, size))
        return predict_batches(step, chunks, len(valid_features)).values

    return Phase(
        FROZEN,
        model,
        step,
        batches,
        steps(count, size),
        lambda position: settings.frozen_learning_rate,
        logits,
    )


def open_fine(context: RunContext, model: keras.Model) -> Phase:
    """Opens the phase in which the backbone is trained too.

    Args:
        context: The run.
        model: Its network.
    """
    settings = context.settings
    run_network.unfreeze(model, settings, context.start.pretrained)
    return _open(
        FINE, context, model, lambda position: schedule.rate(settings, position, settings.epochs)
    )


def _open(
    name: str, context: RunContext, model: keras.Model, rate: Callable[[float], float]
) -> Phase:
    """Opens a phase that trains on images."""
    settings, data, size = context.settings, context.data, context.image_size
    backbone = model.get_layer("backbone") if name == FINE else None
    step = compile_step(model, data.objective.loss, _update(context, model, backbone))
    plan = Plan(context.config.seed, settings.batch_size, size, settings.augmentation)

    def logits() -> np.ndarray:
        batches = store_batches(data.train, data.valid.rows, settings.batch_size, size)
        return predict_batches(step, batches, len(data.valid.rows)).values

    return Phase(
        name,
        model,
        step,
        lambda epoch: training_batches(data.train, plan, epoch),
        steps(len(data.train.rows), settings.batch_size),
        rate,
        logits,
    )


def _update(context: RunContext, model: keras.Model, backbone: keras.Model | None) -> Update:
    settings, variables = context.settings, model.trainable_variables
    inside = backbone.trainable_variables if backbone is not None else []
    return Update(
        schedule.factors(variables, inside, settings.backbone_rate),
        schedule.decays(variables, settings.weight_decay),
        settings.clip_norm,
        settings.clip_value,
    )

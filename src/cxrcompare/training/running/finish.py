"""The end of a run: the best epoch's network, its predictions and the summary."""

from __future__ import annotations

import keras
import numpy as np

from cxrcompare.filesystem import files
from cxrcompare.progress import track
from cxrcompare.training.feeding.batches import store_batches
from cxrcompare.training.objectives import losses
from cxrcompare.training.running import checkpoint, record, run_network
from cxrcompare.training.running.checkpoint import Progress
from cxrcompare.training.running.context import RunContext, weights_loaded
from cxrcompare.training.running.phases import FINE, Phase
from cxrcompare.training.running.predicting import predict_batches
from cxrcompare.training.steps import device
from cxrcompare.training.steps.compile_step import compile_step
from cxrcompare.training.steps.step import Step, Update, fill


def finish(
    context: RunContext,
    progress: Progress,
    model: keras.Model,
    phase: Phase | None,
    best: list[np.ndarray] | None = None,
) -> None:
    """Writes `model.keras`, `predictions/` and, last, `summary.json`.

    Args:
        context: The run.
        progress: The progress of the run, whose epochs are all finished.
        model: The network; it is set to the variables of the best epoch.
        phase: The last phase, whose compiled prediction is reused if possible; or None.
        best: The network's variables at the best epoch; None if they are in the checkpoint.
    """
    parameters, trainable = run_network.parameters(model)
    if best is None:
        best = checkpoint.best_variables(context.out, progress)
    step = phase.step if phase is not None and phase.name == FINE else None
    if context.precision != "float32":
        model, step = run_network.in_float32(model, context), None
    fill(model, best)
    reported = context.data.objective.finish(model)
    if reported is not model:
        model, step = reported, None
    run_network.save(model, context.out / "model.keras")
    rate = _predict(context, model, step)
    files.write_json(
        context.out / "summary.json",
        {
            "parameters": parameters,
            "trainable_parameters": trainable,
            "train_seconds": progress.seconds,
            "images_per_second": progress.images / max(progress.image_seconds, 1e-9),
            "prediction_images_per_second": rate,
            "epochs": progress.epoch,
            "best_epoch": progress.best_epoch,
            "best_valid_auroc": progress.best_auroc,
            "peak_memory_mb": device.peak_memory_mb(),
            "weights": weights_loaded(context.start),
        },
    )


def _predict(context: RunContext, model: keras.Model, step: Step | None) -> float:
    """Writes the predictions of each split; returns the highest images per second."""
    data, size = context.data, context.settings.batch_size
    if step is None:
        model.trainable = False
        step = compile_step(model, losses.bce, Update((), ()))
    step.load()
    parts = {"valid": data.valid, "test": data.test}
    if context.predict_train:
        parts["train"] = data.train_part
    images = sum(len(part.rows) for part in parts.values() if part is not None)
    rates = []
    with track(f"{context.title}, predictions", images, "images") as advance:
        for name, part in parts.items():
            if part is None:
                continue
            batches = store_batches(data.train, part.rows, size, context.image_size)
            output = predict_batches(step, batches, len(part.rows), advance)
            rates.append(output.images_per_second)
            path = context.out / "predictions" / f"{name}.csv"
            record.write_split(path, part, data.findings, output.values)
    return max(rates)

"""The end of a run: the best epoch's network, its predictions, the summary."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import keras
import numpy as np

from cxrcompare import files
from cxrcompare.progress import Advance, track
from cxrcompare.training.feeding.batches import plain_batches
from cxrcompare.training.objectives import losses
from cxrcompare.training.running import checkpoint, record, run_network
from cxrcompare.training.running.phases import FINE, Phase
from cxrcompare.training.steps import device
from cxrcompare.training.steps.step import Step, Update, compile_step, fill

if TYPE_CHECKING:
    from cxrcompare.training.running.training import Training


def finish(run: Training, model: keras.Model, phase: Phase | None) -> None:
    """Writes `model.keras`, `predictions/` and, last, `summary.json`.

    Args:
        run: The run, its epochs done.
        model: Its network; takes the best epoch's variables.
        phase: The phase it ended in, whose compiled prediction is used where it fits.
    """
    total, learns = run_network.parameters(model)
    best = checkpoint.best_variables(run.out, run.progress)
    if model.input_shape[1] != run.size or run.precision != "float32":
        model = run_network.build(
            run.config, run.settings, run.data.objective.outputs, run.size, run.weights, "float32"
        )
        phase = None
    fill(model, best)
    reported = run.data.objective.finish(model)
    if reported is not model:
        model, phase = reported, None
    run_network.save(model, run.out / "model.keras")
    if phase is not None and phase.name == FINE:
        step = phase.step
        step.load()
    else:
        model.trainable = False
        step = compile_step(model, losses.bce, Update((), ()))
    rates = []
    parts = {"valid": run.data.valid, "test": run.data.test}
    if run.predict_train:
        parts["train"] = run.data.train_part
    images = sum(len(part.rows) for part in parts.values() if part is not None)
    with track(f"{run.title}, predictions", images, "images") as advance:
        for name, part in parts.items():
            if part is not None:
                logits, rate = _timed(step, run, part.rows, advance)
                rates.append(rate)
                record.write_split(
                    run.out / "predictions" / f"{name}.csv", part, run.data.findings, logits
                )
    progress = run.progress
    files.write_json(
        run.out / "summary.json",
        {
            "parameters": total,
            "trainable_parameters": learns,
            "train_seconds": progress.seconds,
            "images_per_second": progress.images / max(progress.image_seconds, 1e-9),
            "prediction_images_per_second": max(rates),
            "epochs": progress.epoch,
            "best_epoch": progress.best_epoch,
            "best_valid_auroc": progress.best_auroc,
            "peak_memory_mb": device.peak_memory_mb(),
            "weights": run.loaded,
        },
    )


def _timed(
    step: Step, run: Training, rows: np.ndarray, advance: Advance
) -> tuple[np.ndarray, float]:
    """Returns logits of rows of the store, and images per second without the first batch's."""
    size = run.settings.batch_size
    outputs, begun = [], time.perf_counter()
    for pixels in plain_batches(run.data.store.pixels, rows, size, run.size):
        run.data.train.check()
        outputs.append(step.predict(pixels))
        advance(min(size, len(rows) - size * (len(outputs) - 1)))
        if len(outputs) == 1:
            first, begun = time.perf_counter() - begun, time.perf_counter()
    rest = time.perf_counter() - begun
    rate = (len(outputs) - 1) * size / rest if len(outputs) > 1 else size / first
    return np.concatenate(outputs)[: len(rows)], rate

"""Training: a run while it goes on; epochs, early stopping, checkpoints."""

from __future__ import annotations

import math
import time
from pathlib import Path

import keras
import numpy as np

from cxrcompare import progress as bar
from cxrcompare.errors import JobError
from cxrcompare.training.feeding.run_data import check_defined, mean_auroc, open_data
from cxrcompare.training.objectives import losses
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.running import checkpoint, record, run_network
from cxrcompare.training.running.finish import finish
from cxrcompare.training.running.phases import (
    FINE,
    FROZEN,
    Phase,
    open_fine,
    open_frozen,
    stage_size,
)
from cxrcompare.training.steps import device
from cxrcompare.training.steps.step import averaged, snapshot

WINDOW = 50
"""Steps between looks at the loss; each look waits for the device."""


class Training:
    """A run while it goes on; see `train`."""

    def __init__(
        self,
        config: RunConfig,
        out: Path,
        backend: str,
        probabilities: np.ndarray | None = None,
        predict_train: bool = False,
    ) -> None:
        self.config, self.out, self.predict_train = config, out, predict_train
        self.weights, self.loaded = run_network.starting_weights(config)
        self.pretrained = self.weights != "none"
        self.settings = config.settings(self.pretrained)
        self.data = open_data(config, self.settings, probabilities)
        if self.settings.monitor == "valid_auroc":
            check_defined(self.data.valid.labels, config.store)
        self.size = config.image_size or self.data.store.pixels.shape[1]
        self.precision = device.precision(self.settings.precision)
        resolved = {
            "image_size": self.size,
            "weights_loaded": self.loaded,
            "backend": backend,
            "precision": self.precision,
        }
        record.write_config(out, config, self.settings, self.data, resolved)
        record.write_environment(out, backend, device.gpu())
        checkpoint.sweep(out)
        self.progress = checkpoint.load_progress(out)
        self.frozen = self.settings.frozen_epochs if self.pretrained else 0
        self.total = self.frozen + self.settings.epochs
        self.logs = record.Logs(out, config.tensorboard)
        self.note = ""
        self.title = f"{config.model} seed {config.seed}"

    def run(self) -> None:
        """Trains to the end, then writes the network, its predictions and the summary."""
        device.seed(self.config.seed)
        model = self._build(self.size)
        if self.progress.epoch:
            checkpoint.restore_model(self.out, model)
            record.write_history(self.out, self.progress.history)
        model, phase = self._epochs(model)
        finish(self, model, phase)
        checkpoint.remove(self.out)

    def _build(self, size: int) -> keras.Model:
        return run_network.build(
            self.config,
            self.settings,
            self.data.objective.outputs,
            size,
            self.weights,
            self.precision,
        )

    def _epochs(self, model: keras.Model) -> tuple[keras.Model, Phase | None]:
        """Trains the epochs that are left; returns the network and the phase it ended in."""
        phase: Phase | None = None
        for name, end in ((FROZEN, self.frozen), (FINE, self.total)):
            if self._left(end):
                phase = self._ready(phase, name, model)
                images = self._left(end) * phase.steps * self.settings.batch_size
                what = self.title if name == FINE else f"{self.title}, {name}"
                with bar.track(what, images, "images") as advance:
                    while self._left(end):
                        phase = self._ready(phase, name, model)
                        self._epoch(phase, advance)
        return (phase.model if phase else model), phase

    def _left(self, end: int) -> int:
        """Returns how many epochs there are up to one that ends a phase; 0 once stopped."""
        return 0 if self.progress.stopped else max(0, end - self.progress.epoch)

    def _ready(self, phase: Phase | None, name: str, model: keras.Model) -> Phase:
        """Returns the phase of the next epoch: a new one where its name or image size changes."""
        since = self.progress.epoch - self.frozen
        size = stage_size(self.settings, since, self.size)
        if name == FINE and size != stage_size(self.settings, since - 1, self.size):
            self.progress.forget_best()
        if phase is None or (phase.name, phase.size) != (name, size):
            phase = self._open(phase, name, size, phase.model if phase else model)
        return phase

    def _open(self, before: Phase | None, name: str, size: int, model: keras.Model) -> Phase:
        """Readies a phase, or the next image size of one; the optimiser's memory goes on."""
        memory = before.step.state() if before is not None and before.name == name else None
        if size != model.input_shape[1]:
            model = run_network.resized(model, self._build(size))
        if name == FROZEN:
            with bar.track(f"{self.title}, features", self.data.seen, "images") as advance:
                phase = open_frozen(self.config, self.settings, self.data, model, size, advance)
        else:
            phase = open_fine(self.config, self.settings, self.data, model, size, self.pretrained)
        if memory is not None:
            phase.step.restore(memory)
        elif before is None and self.progress.phase == name:
            checkpoint.restore_step(self.out, phase.step)
        return phase

    def _epoch(self, phase: Phase, advance: bar.Advance) -> None:
        """Trains and validates one epoch and saves the checkpoint."""
        start = time.perf_counter()
        progress = self.progress
        loss, rate = self._steps(phase, advance)
        images = phase.steps * self.settings.batch_size
        per_second = images / (time.perf_counter() - start)
        with averaged(phase.step):
            logits = self.data.objective.report(phase.logits())
            valid_loss, auroc = self._validate(logits)
            better = self._judge(phase, auroc, valid_loss)
            best = snapshot(phase.model) if better else None
        progress.epoch += 1
        progress.phase = phase.name
        if better:
            progress.best_epoch, progress.best_auroc = progress.epoch, auroc
        seconds = time.perf_counter() - start
        progress.seconds += seconds
        row = (progress.epoch, phase.name, loss, valid_loss, auroc, rate, seconds, per_second)
        progress.history.append(dict(zip(record.HISTORY, row, strict=True)))
        self.note = f"epoch {progress.epoch}/{self.total}: loss {loss:.4f}, valid AUROC {auroc:.4f}"
        advance(0, self.note)
        checkpoint.save(self.out, progress, phase.model, phase.step, best)
        record.write_history(self.out, progress.history)
        self.logs.write(progress.history[-1])

    def _steps(self, phase: Phase, advance: bar.Advance) -> tuple[float, float]:
        """Trains on an epoch's batches; returns the mean loss and the last learning rate."""
        progress, size = self.progress, self.settings.batch_size
        since = progress.epoch - (self.frozen if phase.name == FINE else 0)
        total, rate, begun, timed = 0.0, 0.0, time.perf_counter(), 0
        for index, batch in enumerate(phase.batches(progress.epoch), 1):
            rate = phase.rate(since + index / phase.steps, progress.plateau_factor)
            phase.step.train(batch.pixels, batch.values, batch.weights, rate)
            timed += size
            if not phase.warm:  # the first step compiles
                phase.warm, begun, timed = True, time.perf_counter(), 0
            if index % WINDOW == 0 or index == phase.steps:
                loss = phase.step.mean_loss()
                self._check_finite(loss, "loss")
                total += loss * ((index - 1) % WINDOW + 1)
            advance(size, self.note)
        phase.step.flush(rate)
        if phase.name == FINE:
            progress.images += timed
            progress.image_seconds += time.perf_counter() - begun
        return total / phase.steps, rate

    def _validate(self, logits: np.ndarray) -> tuple[float, float]:
        """Returns loss and exact mean AUROC of the validation images."""
        self._check_finite(float(np.abs(logits).max()), "validation output")
        labels = self.data.valid.labels
        loss = losses.bce(
            np.nan_to_num(labels).astype(np.float32),
            (~np.isnan(labels)).astype(np.float32),
            logits.astype(np.float32),
        )
        return float(loss), mean_auroc(labels, logits)

    def _judge(self, phase: Phase, auroc: float, valid_loss: float) -> bool:
        """Tells whether this epoch is the best, and moves early stopping and "plateau" on.

        Only epochs of one image size are compared, and only those of the last size may stop.
        """
        progress, settings = self.progress, self.settings
        value = auroc if settings.monitor == "valid_auroc" else -valid_loss
        better = value > progress.best
        if better:
            progress.best = value
        if phase.name == FINE:
            progress.since_best = 0 if better else progress.since_best + 1
            progress.since_plateau = 0 if better else progress.since_plateau + 1
            if progress.since_plateau >= settings.plateau_patience:
                progress.since_plateau = 0
                progress.plateau_factor *= settings.rate_factor
            full = phase.size == self.size
            progress.stopped = full and 0 < settings.patience <= progress.since_best
        return better

    def _check_finite(self, value: float, what: str) -> None:
        if not math.isfinite(value):
            kept = f"epoch {self.progress.epoch}" if self.progress.epoch else "no epoch"
            raise JobError(
                f"{self.out}: the {what} is not finite in epoch {self.progress.epoch + 1}; the "
                f"checkpoint of {kept} is kept; a lower learning_rate or a clip_norm may help"
            )

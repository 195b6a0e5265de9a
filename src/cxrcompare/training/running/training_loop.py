"""Training: the epochs of a run, with early stopping and checkpoints after epochs."""

from __future__ import annotations

import math
import time

import keras
import numpy as np

from cxrcompare import progress as bar
from cxrcompare.errors import JobError
from cxrcompare.training.feeding.run_data import mean_auroc
from cxrcompare.training.objectives import losses
from cxrcompare.training.running import checkpoint, record, run_network
from cxrcompare.training.running.checkpoint import Progress
from cxrcompare.training.running.context import RunContext
from cxrcompare.training.running.finish import finish
from cxrcompare.training.running.phases import FINE, FROZEN, Phase, open_fine, open_frozen
from cxrcompare.training.steps import device
from cxrcompare.training.steps.step import snapshot

WINDOW = 50
"""Number of steps between two reads of the loss; each read waits for the device."""


def train_run(context: RunContext) -> None:
    """Trains all epochs of a run, then writes the network, its predictions and the summary.

    Args:
        context: The run; it continues from the checkpoint in its folder, if there is one.

    Raises:
        InputError: The checkpoint is damaged.
        JobError: The loss is not finite, the disk is full, or the store changed.
    """
    progress = checkpoint.load_progress(context.out)
    logs = record.Logs(context.out, context.config.tensorboard)
    device.seed(context.config.seed)
    model = run_network.start(context)
    if progress.epoch:
        checkpoint.restore_model(context.out, model)
        record.write_history(context.out, progress.history)
    training = Training(context, progress, logs)
    phase = training.train(model)
    finish(context, progress, model, phase, training.best)
    checkpoint.remove(context.out)


class Training:
    """The epochs of a run.

    Attributes:
        context: The run.
        progress: The progress of the run, updated after each epoch.
        best: The network's variables at the best epoch, until they are in a checkpoint; or None.
    """

    def __init__(self, context: RunContext, progress: Progress, logs: record.Logs) -> None:
        self.context, self.progress = context, progress
        self.best: list[np.ndarray] | None = None
        self._logs = logs
        self._note = ""
        self._saved_epoch, self._saved_at = progress.epoch, _seconds()

    def train(self, model: keras.Model) -> Phase | None:
        """Trains the remaining epochs; returns the last phase, or None if no epochs remained.

        Args:
            model: The network, as of the last finished epoch.
        """
        phase: Phase | None = None
        context = self.context
        for name, end in ((FROZEN, context.frozen_epochs), (FINE, context.epochs)):
            if not self._left(end):
                continue
            phase = self._open(name, model)
            images = self._left(end) * phase.steps * context.settings.batch_size
            title = context.title if name == FINE else f"{context.title}, {name}"
            with bar.track(title, images, "images") as advance:
                while self._left(end):
                    self._epoch(phase, advance)
        return phase

    def _left(self, end: int) -> int:
        """Returns the number of remaining epochs up to `end`; 0 after early stopping."""
        return 0 if self.progress.stopped else max(0, end - self.progress.epoch)

    def _open(self, name: str, model: keras.Model) -> Phase:
        """Opens a phase; restores the optimiser's state if the phase was interrupted."""
        if name == FROZEN:
            count = self.context.data.feature_images
            with bar.track(f"{self.context.title}, features", count, "images") as advance:
                phase = open_frozen(self.context, model, advance)
        else:
            phase = open_fine(self.context, model)
        if self.progress.phase == name:
            checkpoint.restore_step(self.context.out, phase.step)
        return phase

    def _epoch(self, phase: Phase, advance: bar.Advance) -> None:
        """Trains and validates one epoch, and saves a checkpoint if one is due."""
        start = time.perf_counter()
        progress, out = self.progress, self.context.out
        loss, rate = self._steps(phase, advance)
        images = phase.steps * self.context.settings.batch_size
        per_second = images / (time.perf_counter() - start)
        phase.step.sync()
        logits = self.context.data.objective.report(phase.logits())
        valid_loss, auroc = self._validate(logits)
        better = self._is_best(phase, auroc, valid_loss)
        if better:
            self.best = snapshot(phase.model)
        progress.epoch += 1
        progress.phase = phase.name
        if better:
            progress.best_epoch, progress.best_auroc = progress.epoch, auroc
        seconds = time.perf_counter() - start
        progress.seconds += seconds
        row = (progress.epoch, phase.name, loss, valid_loss, auroc, rate, seconds, per_second)
        progress.history.append(dict(zip(record.HISTORY, row, strict=True)))
        epochs = f"epoch {progress.epoch}/{self.context.epochs}"
        self._note = f"{epochs}: loss {loss:.4f}, valid AUROC {auroc:.4f}"
        advance(0, self._note)
        if _seconds() - self._saved_at >= self.context.config.checkpoint_seconds:
            self._save(phase)
        record.write_history(out, progress.history)
        self._logs.write(progress.history[-1])

    def _save(self, phase: Phase) -> None:
        checkpoint.save(self.context.out, self.progress, phase.model, phase.step, self.best)
        self.best = None
        self._saved_epoch, self._saved_at = self.progress.epoch, _seconds()

    def _steps(self, phase: Phase, advance: bar.Advance) -> tuple[float, float]:
        """Trains on an epoch's batches; returns the mean loss and the last learning rate."""
        progress, size = self.progress, self.context.settings.batch_size
        since = progress.epoch - (self.context.frozen_epochs if phase.name == FINE else 0)
        total, rate, begun, timed = 0.0, 0.0, time.perf_counter(), 0
        for index, batch in enumerate(phase.batches(progress.epoch), 1):
            rate = phase.rate(since + index / phase.steps)
            phase.step.train(batch.pixels, batch.values, batch.weights, rate)
            timed += size
            if not phase.compiled:
                phase.compiled, begun, timed = True, time.perf_counter(), 0
            if index % WINDOW == 0 or index == phase.steps:
                loss = phase.step.mean_loss()
                self._check_finite(loss, "loss")
                total += loss * ((index - 1) % WINDOW + 1)
            advance(size, self._note)
        if phase.name == FINE:
            progress.images += timed
            progress.image_seconds += time.perf_counter() - begun
        return total / phase.steps, rate

    def _validate(self, logits: np.ndarray) -> tuple[float, float]:
        """Returns the loss and the exact mean AUROC of the validation images."""
        self._check_finite(float(np.abs(logits).max()), "validation output")
        labels = self.context.data.valid.labels
        loss = losses.bce(
            np.nan_to_num(labels).astype(np.float32),
            (~np.isnan(labels)).astype(np.float32),
            logits.astype(np.float32),
        )
        return float(loss), mean_auroc(labels, logits)

    def _is_best(self, phase: Phase, auroc: float, valid_loss: float) -> bool:
        """Returns whether this epoch is the best so far, and updates early stopping."""
        progress, settings = self.progress, self.context.settings
        value = auroc if settings.monitor == "valid_auroc" else -valid_loss
        better = value > progress.best
        if better:
            progress.best = value
        if phase.name == FINE:
            progress.since_best = 0 if better else progress.since_best + 1
            progress.stopped = 0 < settings.patience <= progress.since_best
        return better

    def _check_finite(self, value: float, what: str) -> None:
        if not math.isfinite(value):
            kept = f"epoch {self._saved_epoch}" if self._saved_epoch else "no epoch"
            raise JobError(
                f"{self.context.out}: the {what} is not finite in epoch {self.progress.epoch + 1}; "
                f"the checkpoint of {kept} is kept; a lower learning_rate or a clip_norm may help"
            )


def _seconds() -> float:
    """Returns the time, for the time between checkpoints."""
    return time.monotonic()

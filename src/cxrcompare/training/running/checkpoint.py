"""Checkpoint: the state from which a training resumes with identical results.

There are two files in the folder `checkpoint/` of a run: `last.npz`, written at the end of every
epoch, and `best-<epoch>.npz`, the weights of the best epoch, whose number is in `last.npz`. Each is
written atomically, so a process that is killed leaves the state of the last finished epoch.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cxrcompare.errors import InputError, JobError, reason
from cxrcompare.filesystem import files
from cxrcompare.training.steps.step import State, Step, fill, snapshot


@dataclass
class Progress:
    """The progress of a training, with the state of early stopping and the schedule.

    Attributes:
        epoch: Number of finished epochs, over all phases.
        phase: The phase of the last finished epoch; empty before the first.
        best: The best value of the monitored metric so far, higher is better; initially -inf.
        best_epoch: The epoch with the best value, counted from 1; initially 0.
        best_auroc: Validation AUROC of the best epoch.
        since_best: Epochs of fine-tuning since the best epoch.
        stopped: Whether early stopping ended the training.
        seconds: Wall time of the epochs.
        images: Images of the timed fine-tuning steps; steps that compile are not timed.
        image_seconds: Wall time of the timed steps.
        history: The rows of `history.csv`.
    """

    epoch: int = 0
    phase: str = ""
    best: float = float("-inf")
    best_epoch: int = 0
    best_auroc: float = float("nan")
    since_best: int = 0
    stopped: bool = False
    seconds: float = 0.0
    images: int = 0
    image_seconds: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)


def save(
    folder: Path,
    progress: Progress,
    model: keras.Model,
    step: Step,
    best: Sequence[np.ndarray] | None,
) -> None:
    """Writes a checkpoint.

    Args:
        folder: The run's folder.
        progress: The progress of the training.
        model: The network, synchronised with the step.
        step: The training step, with the optimiser's state.
        best: The network's variables if this epoch is the best so far, else None.

    Raises:
        JobError: The disk is full or not writable; the previous checkpoint is kept.
    """
    checkpoints = folder / "checkpoint"
    try:
        if best is not None:
            _write(_best(checkpoints, progress.best_epoch), {}, best)
        content = json.dumps(asdict(progress))
        state = {
            "progress": np.array(content),
            **{f"memory/{k}": v for k, v in step.state().items()},
        }
        _write(checkpoints / "last.npz", state, snapshot(model))
    except OSError as error:
        raise JobError(
            f"{checkpoints}: the checkpoint cannot be written ({error.strerror or error}); the "
            "previous one is kept, and the same command continues from it"
        ) from error
    for old in checkpoints.glob("best-*.npz"):
        if old != _best(checkpoints, progress.best_epoch):
            old.unlink()


def load_progress(folder: Path) -> Progress:
    """Returns the progress of a run; that of a new run if there is no checkpoint.

    Raises:
        InputError: The checkpoint is damaged.
    """
    path = folder / "checkpoint" / "last.npz"
    if not path.exists():
        return Progress()
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return Progress(**json.loads(str(content["progress"])))
    except Exception as error:  # NumPy, zipfile and zlib can raise any exception
        raise _damaged(path, error) from error


def restore_model(folder: Path, model: keras.Model) -> None:
    """Restores every variable of the network and checks each.

    Raises:
        InputError: The checkpoint is damaged or of another network.
    """
    path = folder / "checkpoint" / "last.npz"
    variables = _read(path, "variable/")
    try:
        fill(model, list(variables.values()))
    except ValueError as error:
        raise _damaged(path, error) from error
    _check(path, list(variables.values()), snapshot(model))


def restore_step(folder: Path, step: Step) -> None:
    """Restores the optimiser's state and checks each array.

    Raises:
        InputError: The checkpoint is damaged or of another network.
    """
    path = folder / "checkpoint" / "last.npz"
    saved, now = _read(path, "memory/"), step.state()
    shapes = {name: array.shape for name, array in saved.items()}
    if shapes != {name: array.shape for name, array in now.items()}:
        raise _damaged(path, ValueError("the optimiser's state has other arrays"))
    step.restore(saved)
    now = step.state()
    _check(path, list(saved.values()), [now[name] for name in saved])


def best_variables(folder: Path, progress: Progress) -> list[np.ndarray]:
    """Returns the network's variables at the best epoch."""
    return list(_read(_best(folder / "checkpoint", progress.best_epoch), "variable/").values())


def remove_partial_files(folder: Path) -> None:
    """Removes the partly written files of a killed process."""
    for subfolder in (folder, folder / "checkpoint", folder / "predictions"):
        files.remove_leftovers(subfolder)
    for partial in folder.glob(".model.*.keras"):
        partial.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Removes the checkpoint of a finished run."""
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)


def _best(checkpoints: Path, epoch: int) -> Path:
    return checkpoints / f"best-{epoch}.npz"


def _write(path: Path, named: State, variables: Sequence[np.ndarray]) -> None:
    numbered = {f"variable/{index}": array for index, array in enumerate(variables)}
    with files.replacing(path) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **named, **numbered)


def _read(path: Path, prefix: str) -> State:
    """Returns the arrays whose names begin with a prefix, in the order they were written."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return {
                name.removeprefix(prefix): content[name]
                for name in content.files
                if name.startswith(prefix)
            }
    except Exception as error:  # NumPy, zipfile and zlib can raise any exception
        raise _damaged(path, error) from error


def _check(path: Path, saved: Sequence[np.ndarray], now: Sequence[np.ndarray]) -> None:
    for index, (one, other) in enumerate(zip(saved, now, strict=True)):
        if not np.array_equal(one, other, equal_nan=one.dtype.kind == "f"):
            raise _damaged(path, ValueError(f"array {index} differs after restoring"))


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path}: must be a complete checkpoint of this run. Received: {type(error).__name__}: "
        f"{reason(error)}; remove the run's folder to start the run again"
    )

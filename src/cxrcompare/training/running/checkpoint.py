"""Checkpoint: all that a training needs to go on as if it had never stopped.

Two files in the run's folder `checkpoint/`: `last.npz`, written at the end of every epoch, and
`best-<epoch>.npz`, the weights of the best epoch, which `last.npz` names. Each is whole or not
there, so a process killed at any moment leaves the state of the last finished epoch.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from cxrcompare import files
from cxrcompare.errors import InputError, JobError
from cxrcompare.training.steps.step import State, Step, fill, snapshot


@dataclass
class Progress:
    """How far a training is, and what early stopping and the schedule remember.

    Attributes:
        epoch: Epochs finished, over all phases.
        phase: The phase of the last finished epoch; empty before the first.
        best: The best value of what is monitored so far, the greater the better; -inf before.
        best_epoch: The epoch it came from, counted from 1; 0 before.
        best_auroc: Validation AUROC of that epoch.
        since_best: Epochs of fine-tuning since then.
        stopped: Whether early stopping ended the training.
        seconds: Wall time of the epochs.
        images: Images of the fine-tuning steps that were timed: not those that compiled.
        image_seconds: Wall time of those steps.
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
        progress: How far the training is.
        model: The network, synchronised.
        step: Its optimiser.
        best: The network's variables, where this epoch is the best so far.

    Raises:
        JobError: The disk is full or refuses; the checkpoint before stays.
    """
    place = folder / "checkpoint"
    try:
        if best is not None:
            _write(_best(place, progress.best_epoch), {}, best)
        content = json.dumps(asdict(progress))
        state = {
            "progress": np.array(content),
            **{f"memory/{k}": v for k, v in step.state().items()},
        }
        _write(place / "last.npz", state, snapshot(model))
    except OSError as error:
        raise JobError(
            f"{place}: a checkpoint cannot be written ({error.strerror or error}); the one before "
            "is kept, and the same command continues from it"
        ) from error
    for old in place.glob("best-*.npz"):
        if old != _best(place, progress.best_epoch):
            old.unlink()


def load_progress(folder: Path) -> Progress:
    """Returns how far a run is; a fresh one where it has no checkpoint.

    Raises:
        InputError: The checkpoint is damaged.
    """
    path = folder / "checkpoint" / "last.npz"
    if not path.exists():
        return Progress()
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as content:
            return Progress(**json.loads(str(content["progress"])))
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise _damaged(path, error) from error


def restore_model(folder: Path, model: keras.Model) -> None:
    """Sets every variable of the network and checks each.

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
    """Sets what the optimiser remembers and checks each array.

    Raises:
        InputError: The checkpoint is damaged or of another network.
    """
    path = folder / "checkpoint" / "last.npz"
    memory, now = _read(path, "memory/"), step.state()
    shapes = {name: array.shape for name, array in memory.items()}
    if shapes != {name: array.shape for name, array in now.items()}:
        raise _damaged(path, ValueError("the optimiser remembers something else"))
    step.restore(memory)
    now = step.state()
    _check(path, list(memory.values()), [now[name] for name in memory])


def best_variables(folder: Path, progress: Progress) -> list[np.ndarray]:
    """Returns the network's variables at the best epoch."""
    return list(_read(_best(folder / "checkpoint", progress.best_epoch), "variable/").values())


def sweep(folder: Path) -> None:
    """Removes what a killed process left half written."""
    for place in (folder, folder / "checkpoint", folder / "predictions"):
        for pattern in (".*.partial", ".model.*.keras"):
            for partial in place.glob(pattern):
                partial.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    """Removes the checkpoint of a finished run."""
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)


def _best(place: Path, epoch: int) -> Path:
    return place / f"best-{epoch}.npz"


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
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise _damaged(path, error) from error


def _check(path: Path, saved: Sequence[np.ndarray], now: Sequence[np.ndarray]) -> None:
    for index, (one, other) in enumerate(zip(saved, now, strict=True)):
        if not np.array_equal(one, other, equal_nan=one.dtype.kind == "f"):
            raise _damaged(path, ValueError(f"array {index} differs after restoring"))


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(
        f"{path}: must be a whole checkpoint of this run. Received: {type(error).__name__}: "
        f"{error}; remove the run's folder to start it again"
    )

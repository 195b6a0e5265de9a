"""train: trains one network on one store with one seed, and writes a run folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from cxrcompare import models
from cxrcompare.filesystem import locks, output_checks
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.running import record
from cxrcompare.training.steps import device

PATIENCE = 20
"""Seconds to wait for the lock: a training ends some seconds after its parent was killed."""


_NAMES = (
    "config.json",
    "request.json",
    "environment.json",
    "history.csv",
    "train.log",
    "checkpoint",
    "self-training",
    "tensorboard",
    "model.keras",
    ".model.*.keras",
    "predictions",
    "summary.json",
)
"""Names of the files and folders in a run folder."""

_MARKS: dict[str, str | None] = {
    "config.json": "store_content_hash",
    "request.json": "store",
    "self-training": None,
}
"""Entries that identify a run folder, each with a key that its JSON must have."""


_INSIDE = {
    "checkpoint": ("last.npz", "best-[0-9]*.npz"),
    "predictions": ("train.csv", "valid.csv", "test.csv"),
}
"""Allowed files in the subfolders in which a training writes or deletes files."""


def check_folder(out: Path) -> None:
    """Checks that a folder is empty, new or a run folder.

    Raises:
        InputError: The folder has other files; the message names one.
    """
    output_checks.check_continued(out, "run folder", _NAMES, _MARKS, _INSIDE)


def train(config: RunConfig, out: str | os.PathLike[str]) -> None:
    """Trains a network and writes its run folder; resumes an interrupted run.

    A folder with `summary.json` is finished. It is not changed if its configuration is the same.

    Args:
        config: The configuration of the run.
        out: The run folder.

    Raises:
        InputError: The data or a setting is wrong, or the folder holds another run.
        JobError: The loss is not finite, the disk is full, or the store changed; the last valid
            checkpoint is kept.
    """
    out = Path(out)
    check_folder(out)
    if (out / "summary.json").exists():
        record.check_finished(out, config)
        shutil.rmtree(out / "checkpoint", ignore_errors=True)  # left over if the run was killed
        return
    models.starting_weights(config.model, config.weights)  # before the framework is imported
    with locks.locked(out / ".lock", out, "training", PATIENCE):
        backend = device.start(config.deterministic)
        from cxrcompare.training.running.selftraining import run  # imports the framework

        run(config, out, backend)

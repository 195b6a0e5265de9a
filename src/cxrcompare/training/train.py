"""train: one network, one store, one seed -> a run folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from cxrcompare import locks, models, output_checks
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.running import record
from cxrcompare.training.steps import device

PATIENCE = 20
"""Seconds to wait for a training whose `run` was killed and that is about to end."""


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
"""What lies directly in a run folder."""

_MARKS: dict[str, str | None] = {
    "config.json": "store_content_hash",
    "request.json": "store",
    "self-training": None,
}
"""What lies in it from the beginning, and a key of it."""


def check_folder(out: Path) -> None:
    """Refuses a folder for a training that holds anything else.

    Raises:
        InputError: The message names one file that is in the way.
    """
    output_checks.check_continued(out, "run folder", _NAMES, _MARKS)


def train(config: RunConfig, out: str | os.PathLike[str]) -> None:
    """Trains a network and writes its run folder; goes on where an earlier call stopped.

    A folder with `summary.json` is finished and left as it is, if it is of the same run.

    Args:
        config: What is trained on what, and how.
        out: The run folder.

    Raises:
        InputError: The data or a setting is wrong, or the folder holds another run.
        JobError: The loss is not finite, the disk is full, or the store changed; the last good
            checkpoint stays.
    """
    out = Path(out)
    check_folder(out)
    if (out / "summary.json").exists():
        record.check_finished(out, config)
        shutil.rmtree(out / "checkpoint", ignore_errors=True)  # killed just before its removal
        return
    models.starting_weights(config.model, config.weights)  # before the framework is imported
    with locks.locked(out / ".lock", out, "training", PATIENCE):
        backend = device.start(config.deterministic)
        from cxrcompare.training.running.selftraining import run  # imports the framework

        run(config, out, backend)

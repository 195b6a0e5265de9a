"""u-selftrained: a first network, trained without the uncertain labels, predicts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare.findings import select
from cxrcompare.images.prepare import open_store
from cxrcompare.predictions import read_predictions
from cxrcompare.training.feeding.run_data import Data
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.running.context import open_run
from cxrcompare.training.running.training_loop import train_run


def run(config: RunConfig, out: Path, backend: str) -> None:
    """Trains the network of a run, after a first network if the policy needs one.

    The first network has its own run folder `self-training/`, the same settings and the same seed.
    It ignores the uncertain labels. Its predictions for the training images are the targets of
    these labels for the second network. Both resume from their checkpoints.

    Args:
        config: The run.
        out: The run folder.
        backend: The framework's name.

    Source: Irvin et al. 2019, arXiv 1901.07031, U-SelfTrained.
    """
    probabilities = None
    if uses_self_training(config):
        folder = out / "self-training"
        folder.mkdir(exist_ok=True)
        first = open_run(config, folder, backend, predict_train=True)
        if not (folder / "summary.json").exists():
            train_run(first)
        probabilities = _predicted(folder / "predictions" / "train.csv", first.data)
    train_run(open_run(config, out, backend, probabilities))


def uses_self_training(config: RunConfig) -> bool:
    """Returns whether the policy of any finding of the run is u-selftrained."""
    findings = select(config.findings or "all", open_store(config.store).table.findings)
    return "u-selftrained" in config.policy.rules(findings)


def _predicted(file: Path, data: Data) -> np.ndarray:
    """Returns the first network's predictions for the training images, joined by id, (n, F)."""
    found = read_predictions(file)
    values = pd.DataFrame(found.values, index=found.rows.ids, columns=list(found.findings))
    wanted = data.train_part.table.rows["image_id"].astype(str).tolist()
    return values.loc[wanted, list(data.findings)].to_numpy()

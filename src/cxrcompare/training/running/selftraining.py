"""u-selftrained: a first network, trained without the uncertain labels, says what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare.predictions import read_predictions
from cxrcompare.training.feeding.run_data import Data
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.running.training import Training


def run(config: RunConfig, out: Path, backend: str) -> None:
    """Runs a training; where the policy asks for it, that of a first network before it.

    The first network is a run folder of its own, `self-training/`, with the same settings and
    seed; it leaves the uncertain labels out. What it says of the training images becomes their
    target in the second. Either is continued where it stopped.

    Args:
        config: The run.
        out: The run folder.
        backend: The framework's name.

    Source: Irvin et al. 2019, arXiv 1901.07031, U-SelfTrained.
    """
    probabilities = None
    if uses_self_training(config):
        place = out / "self-training"
        place.mkdir(exist_ok=True)
        first = Training(config, place, backend, predict_train=True)  # refuses another run's
        if not (place / "summary.json").exists():
            first.run()
        probabilities = _said(place / "predictions" / "train.csv", first.data)
    Training(config, out, backend, probabilities).run()


def _said(file: Path, data: Data) -> np.ndarray:
    """What the first network says of the training images, joined by id and finding, (n, F)."""
    found = read_predictions(file)
    values = pd.DataFrame(found.values, index=found.rows.ids, columns=list(found.findings))
    wanted = data.train_part.table.rows["image_id"].astype(str).tolist()
    return values.loc[wanted, list(data.findings)].to_numpy()


def uses_self_training(config: RunConfig) -> bool:
    """Returns whether any finding of the run falls under u-selftrained."""
    from cxrcompare.findings import select
    from cxrcompare.images.prepare import open_store

    findings = select(config.findings or "all", open_store(config.store).table.findings)
    return "u-selftrained" in config.policy.rules(findings)

"""RunContext: the resolved configuration and the data of a run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cxrcompare import models
from cxrcompare.training.feeding.run_data import Data, check_defined, open_data
from cxrcompare.training.run_config import RunConfig, Settings
from cxrcompare.training.running import checkpoint, record
from cxrcompare.training.steps import device


@dataclass(frozen=True)
class RunContext:
    """The resolved configuration, the data and the folder of a run.

    Attributes:
        config: The configuration of the run.
        settings: Every setting, resolved.
        out: The run folder.
        backend: The framework's name.
        start: The starting weights.
        data: The images, targets and splits.
        image_size: Side of the images in pixels.
        precision: Precision of the layers, "float32" or "bfloat16".
        predict_train: Whether the training images are predicted at the end too.
    """

    config: RunConfig
    settings: Settings
    out: Path
    backend: str
    start: models.StartingWeights
    data: Data
    image_size: int
    precision: str
    predict_train: bool

    @property
    def frozen_epochs(self) -> int:
        """Number of epochs of the frozen phase, in which only the head is trained."""
        return self.settings.frozen_epochs if self.start.pretrained else 0

    @property
    def epochs(self) -> int:
        """Maximum number of epochs of both phases together."""
        return self.frozen_epochs + self.settings.epochs

    @property
    def title(self) -> str:
        """The network and the seed, for progress bars."""
        return f"{self.config.model} seed {self.config.seed}"


def open_run(
    config: RunConfig,
    out: Path,
    backend: str,
    probabilities: np.ndarray | None = None,
    predict_train: bool = False,
) -> RunContext:
    """Opens the data of a run, and writes its `config.json` and `environment.json`.

    Args:
        config: The run.
        out: The run folder.
        backend: The framework's name.
        probabilities: (n, F) predictions of a first network for the training images, which the
            policy u-selftrained needs.
        predict_train: Whether the training images are predicted at the end too.

    Raises:
        InputError: The data or the weights are wrong, or the folder holds another run.
    """
    start = models.starting_weights(config.model, config.weights)
    settings = config.settings(start.pretrained)
    data = open_data(config, settings, probabilities)
    if settings.monitor == "valid_auroc":
        check_defined(data.valid.labels, config.store)
    context = RunContext(
        config,
        settings,
        out,
        backend,
        start,
        data,
        config.image_size or data.store.pixels.shape[1],
        device.precision(settings.precision),
        predict_train,
    )
    resolved = {
        "image_size": context.image_size,
        "pretrained": start.pretrained,
        "weights_loaded": weights_loaded(start),
        "backend": backend,
        "precision": context.precision,
    }
    record.write_config(out, config, settings, data, resolved)
    record.write_environment(out, backend, device.gpu())
    checkpoint.remove_partial_files(out)
    return context


def weights_loaded(start: models.StartingWeights) -> str:
    """Returns a description of the starting weights for `config.json` and `summary.json`."""
    if start.network is not None:
        folder, findings = start.network.parent.name, ", ".join(start.findings)
        return f"{folder}/{start.network.name}, trained for {findings or 'unknown findings'}"
    if start.backbone in ("imagenet", "none"):
        return start.backbone
    return Path(start.backbone).name

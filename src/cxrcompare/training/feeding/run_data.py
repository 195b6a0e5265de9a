"""Data of a run: rows of the store, training targets, reference labels of each split."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.evaluation.metrics import auroc, macro
from cxrcompare.findings import select
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore, open_store
from cxrcompare.labels.policy import targets
from cxrcompare.labels.reference_standard import reference
from cxrcompare.training.feeding.batches import Source
from cxrcompare.training.feeding.store_check import StoreCheck
from cxrcompare.training.objectives.objective import Objective, objective
from cxrcompare.training.run_config import RunConfig, Settings


@dataclass(frozen=True)
class Part:
    """One split of the store.

    Attributes:
        rows: (n,) rows of the store.
        table: The metadata of these images.
        labels: (n, F) reference labels in {0, 1, NaN}.
    """

    rows: np.ndarray
    table: ImageTable
    labels: np.ndarray


@dataclass(frozen=True)
class Data:
    """Data of a run.

    Attributes:
        store: The image store.
        findings: The findings of the run, in the order of the outputs.
        objective: The loss and its targets.
        train: Images, targets and weights for training.
        train_part: The training split with its reference labels, which are not the targets.
        valid: The validation split, used to select the checkpoint.
        test: The test split, used for predictions only; None if the store has none.
    """

    store: ImageStore
    findings: tuple[str, ...]
    objective: Objective
    train: Source
    train_part: Part
    valid: Part
    test: Part | None

    @property
    def feature_images(self) -> int:
        """Number of images whose features the frozen phase computes."""
        return len(self.train.rows) + len(self.valid.rows)


def open_data(
    config: RunConfig, settings: Settings, probabilities: np.ndarray | None = None
) -> Data:
    """Opens a run's data.

    Args:
        config: The run.
        settings: The settings of the run, for the loss and its options.
        probabilities: (n, F) predictions of a first network for the training images, which the
            policy u-selftrained needs.

    Raises:
        InputError: The store does not exist, lacks a split or a finding, or has no training label
            for the findings.
    """
    store = open_store(config.store)
    findings = select(config.findings or "all", store.table.findings)
    columns = [store.table.findings.index(finding) for finding in findings]
    train = part(store, "train", findings, config.policy.blank)
    valid = part(store, "valid", findings, config.policy.blank)
    if train is None or valid is None:
        raise InputError(
            f"{config.store}: the store must have the splits train and valid. "
            f"Received no {'train' if train is None else 'valid'} images"
        )
    states = train.table.states[:, columns]
    policy = config.policy
    if train.table.notes.get("blank") == "unknown":  # this data set labels every negative
        policy = policy.model_copy(update={"blank": "ignore"})
    training_targets = targets(states, findings, policy, probabilities)
    if not training_targets.weights.any():
        raise InputError(
            f"{config.store}: at least one training label must be known. "
            f"Received: none for {', '.join(findings)}"
        )
    loss = objective(training_targets, config.policy, settings.loss, settings.loss_options)
    source = Source(store.pixels, train.rows, loss.values, loss.weights, StoreCheck(store.folder))
    test = part(store, "test", findings, config.policy.blank)
    return Data(store, findings, loss, source, train, valid, test)


def part(store: ImageStore, split: str, findings: tuple[str, ...], blank: str) -> Part | None:
    """Returns a split of the store, or None if it has no images."""
    rows = np.flatnonzero(store.table.rows["split"] == split)
    if not len(rows):
        return None
    table = store.table.take(rows)
    columns = [table.findings.index(finding) for finding in findings]
    return Part(rows, table, reference(table, blank)[:, columns])


def check_defined(labels: np.ndarray, store: Path) -> None:
    """Checks that the validation AUROC is defined for at least one finding.

    Raises:
        InputError: No finding has positives and negatives.
    """
    if not ((labels == 1).any(axis=0) & (labels == 0).any(axis=0)).any():
        raise InputError(
            f"{store}: the validation split must have positives and negatives of at least one "
            'finding, or `monitor` must be "valid_loss". Received: no finding with both'
        )


def mean_auroc(labels: np.ndarray, logits: np.ndarray) -> float:
    """Returns the exact AUROC over images, averaged over the findings for which it is defined.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        logits: (N, F).
    """
    values = [auroc(labels[:, f], logits[:, f]) for f in range(labels.shape[1])]
    return float(macro(np.array(values))[0])

"""What a run learns from and is judged on: rows of the store, targets, reference labels."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cxrcompare.errors import InputError, JobError
from cxrcompare.evaluation.metrics import auroc, macro
from cxrcompare.findings import select
from cxrcompare.image_table import ImageTable
from cxrcompare.images.prepare import ImageStore, open_store
from cxrcompare.labels.policy import targets
from cxrcompare.labels.reference import reference
from cxrcompare.training.feeding.batches import Source
from cxrcompare.training.objectives.objective import Objective, objective
from cxrcompare.training.run_config import RunConfig, Settings


@dataclass(frozen=True)
class Part:
    """One split of the store.

    Attributes:
        rows: (n,) rows of the store.
        table: The same images.
        labels: (n, F) reference labels in {0, 1, NaN}.
    """

    rows: np.ndarray
    table: ImageTable
    labels: np.ndarray


@dataclass(frozen=True)
class Data:
    """A store as a run sees it.

    Attributes:
        store: The image store.
        findings: What is learnt, in order.
        objective: What is minimised.
        train: Pictures, targets and weights.
        train_part: The training split; its labels are not what is learnt.
        valid: What checkpoints are chosen on.
        test: What is only predicted; None where the store has no such split.
    """

    store: ImageStore
    findings: tuple[str, ...]
    objective: Objective
    train: Source
    train_part: Part
    valid: Part
    test: Part | None

    @property
    def seen(self) -> int:
        """How many images the frozen phase takes features of."""
        return len(self.train.rows) + len(self.valid.rows)


def open_data(
    config: RunConfig, settings: Settings, probabilities: np.ndarray | None = None
) -> Data:
    """Opens a run's data.

    Args:
        config: The run.
        settings: Its loss.
        probabilities: What a first network says of the training images, (n, F), for the policy
            u-selftrained.

    Raises:
        InputError: The store is not there, lacks a split or a finding, or its validation split
            cannot say what it is asked for.
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
    if train.table.notes.get("blank") == "unknown":  # every negative is stated in this data set
        policy = policy.model_copy(update={"blank": "ignore"})
    learnt = targets(states, findings, policy, probabilities)
    if not learnt.weights.any():
        raise InputError(f"{config.store}: no training label is known for {', '.join(findings)}")
    goal = objective(learnt, config.policy, settings.loss, settings.loss_options)
    source = Source(store.pixels, train.rows, goal.values, goal.weights, Watch(store.folder))
    test = part(store, "test", findings, config.policy.blank)
    return Data(store, findings, goal, source, train, valid, test)


def part(store: ImageStore, split: str, findings: tuple[str, ...], blank: str) -> Part | None:
    """Returns a split of the store, or None where it has no image."""
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
            'finding, or `monitor` be "valid_loss". Received: none that has both'
        )


def mean_auroc(labels: np.ndarray, logits: np.ndarray) -> float:
    """Returns the exact AUROC over images, averaged over the findings where it is defined.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        logits: (N, F).
    """
    values = [auroc(labels[:, f], logits[:, f]) for f in range(labels.shape[1])]
    return float(macro(np.array(values))[0])


class Watch:
    """Notices when a store is changed while a run reads it.

    A memory-mapped file that is cut short would end the process without a word.
    """

    def __init__(self, folder: Path) -> None:
        self._files = [folder / name for name in ("images.npy", "table.csv", "store.json")]
        self._before = self._stamps()

    def __call__(self) -> None:
        """Raises JobError where a file of the store is not what it was."""
        if self._stamps() != self._before:
            raise JobError(
                f"{self._files[0].parent}: the store changed while a run was reading it; the last "
                "checkpoint is kept; restore the store, or train into another folder"
            )

    def _stamps(self) -> list[tuple[int, int, int] | None]:
        return [_stamp(file) for file in self._files]


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns

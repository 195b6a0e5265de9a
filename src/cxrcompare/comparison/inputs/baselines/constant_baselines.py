"""Baselines that use no image: always negative, and constant prevalence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation import metrics
from cxrcompare.predictions import Aligned, Note

NOTHING = "nothing positive"
PREVALENCE = "prevalence"


@dataclass(frozen=True)
class Baseline:
    """A baseline that uses no image.

    Attributes:
        name: Its name in the tables.
        description: One line for the report.
        scores: (N, F).
        thresholds: (F,), used where none is chosen on validation.
        on_validation: (N, F), its scores of the validation set, on which thresholds are chosen by
            the same rule as for networks; None if its thresholds are part of its definition.
    """

    name: str
    description: str
    scores: np.ndarray
    thresholds: np.ndarray
    on_validation: np.ndarray | None = None


def nothing_positive(test: Aligned) -> Baseline:
    """Returns the baseline that predicts negative, with probability 0, for every unit."""
    return Baseline(
        NOTHING,
        "predicts negative for every unit",
        np.zeros(test.labels.shape),
        np.full(len(test.findings), 0.5),
    )


def prevalence(
    test: Aligned, validation: Aligned | None, training: Mapping[str, float] | None
) -> tuple[Baseline, list[Note]]:
    """Returns the baseline whose score is the prevalence; positive if it is at least 1/2.

    The prevalence is that of the training data if given, else of validation, else of the test set
    itself. The last is not available to any real model, so it raises a warning.

    Args:
        test: The test set.
        validation: The validation set, or None.
        training: {finding: prevalence in training}, or None.

    Returns:
        The baseline, and warnings.
    """
    notes = []
    if training is not None and all(finding in training for finding in test.findings):
        rate = np.array([training[finding] for finding in test.findings], dtype=np.float64)
        source = "the training data"
    else:
        source = "the test set" if validation is None else "validation"
        positives, negatives, _ = metrics.class_counts(
            test.labels if validation is None else validation.labels
        )
        total = np.maximum(positives + negatives, 1)
        rate = positives / total
    if source == "the test set":
        text = (
            "the prevalence baseline uses the prevalence of the test set, because neither training "
            "nor validation data were given: this is the best possible constant"
        )
        notes.append(Note("prevalence_of_test", text, PREVALENCE))
    return Baseline(
        PREVALENCE,
        f"predicts each finding's prevalence in {source} for every unit",
        np.broadcast_to(rate, test.labels.shape).copy(),
        np.full(len(test.findings), 0.5),
    ), notes

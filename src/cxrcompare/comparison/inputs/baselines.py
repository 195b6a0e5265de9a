"""Trivial models: what costs nothing, as rows beside what cost a training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cxrcompare.evaluation import metrics
from cxrcompare.predictions import Aligned, Note

NOTHING = "nothing positive"
PREVALENCE = "prevalence"


@dataclass(frozen=True)
class Trivial:
    """A model that looks at no image.

    Attributes:
        name: In the tables.
        description: One line for the report.
        scores: (N, F).
        thresholds: (F,).
    """

    name: str
    description: str
    scores: np.ndarray
    thresholds: np.ndarray


def nothing_positive(test: Aligned) -> Trivial:
    """Returns the model that calls nothing positive, with probability 0."""
    return Trivial(
        NOTHING,
        "calls nothing positive, of anybody",
        np.zeros(test.labels.shape),
        np.full(len(test.findings), 0.5),
    )


def prevalence(
    test: Aligned, validation: Aligned | None, training: Mapping[str, float] | None
) -> tuple[Trivial, list[Note]]:
    """Returns the model that gives everybody the prevalence, and calls it where it is above 1/2.

    The prevalence is that of the training data where it is known, else of validation, else of the
    test set itself, which no model could know: then a warning says so.

    Args:
        test: What is compared.
        validation: The validation set, or None.
        training: {finding: prevalence in training}, or None.
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
            "the prevalence model takes the prevalence of the test set itself, as neither training "
            "nor validation is known: the hardest constant to beat"
        )
        notes.append(Note("prevalence_of_test", text, PREVALENCE))
    return Trivial(
        PREVALENCE,
        f"gives everybody each finding's prevalence in {source}",
        np.broadcast_to(rate, test.labels.shape).copy(),
        np.full(len(test.findings), 0.5),
    ), notes

"""Runs the checks of this package on the inputs and the panel of a comparison."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.suspicions import (
    copied_readers,
    copied_reference,
    copied_studies,
    impossible_ages,
    score_patterns,
    spellings,
    training_units,
    validation_files,
    validation_labels,
)
from cxrcompare.predictions import Note


def refuse(inputs: Inputs) -> None:
    """Refuses inputs with which the results would be wrong.

    Raises:
        InputError: Validation has the scores of the test set.
    """
    if inputs.validation is not None:
        copied_studies.check(inputs.test, inputs.validation)


def notes(inputs: Inputs, panel: Panel, auroc: Scored) -> list[Note]:
    """Returns warnings about ids, scores and metadata.

    Args:
        inputs: The inputs.
        panel: The runs that are compared.
        auroc: The AUROCs of the runs.
    """
    return [
        *score_patterns.check(panel, auroc.point[:, : len(panel.findings)]),
        *spellings.patients(inputs.test, inputs.validation),
        *spellings.groups(inputs.test_metadata),
        *copied_readers.check(inputs.ratings, panel.labels),
        *training_units.check(inputs.predictions, inputs.test_metadata),
        *validation_labels.check(panel, inputs.validation, auroc.point[:, : len(panel.findings)]),
        *validation_files.check(panel, inputs.validation),
        *copied_reference.check(panel.labels, inputs.second_labels),
        *impossible_ages.check(_metadata(inputs)),
    ]


def _metadata(inputs: Inputs) -> dict[str, Mapping[str, np.ndarray]]:
    """Returns the metadata of each set of units by the name of the set."""
    found: dict[str, Mapping[str, np.ndarray]] = {
        "test set": inputs.test_metadata,
        "validation set": inputs.validation_metadata,
    }
    if inputs.training is not None:
        found["training set"] = inputs.training.columns
    return found

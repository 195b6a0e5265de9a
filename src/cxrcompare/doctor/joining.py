"""Joins the labels of the reference to the predictions, and computes the mean AUROC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.doctor.ids import Match, studies_of_images
from cxrcompare.evaluation.auroc.influence import auroc_influences, standard_error
from cxrcompare.predictions import Predictions, Reference
from cxrcompare.predictions.columns import finding_key

_FEWEST_PATIENTS = 5
"""Patients of a class below which the variance of an AUROC is not reliable."""


@dataclass(frozen=True)
class Joined:
    """The rows of the predictions in the order of their file, with labels.

    Attributes:
        findings: The F findings of both files.
        columns: (F,) their columns in `Predictions.values`.
        labels: (N, F) in {0, 1, NaN}; NaN for rows without an id of the reference. A row of an
            image has the labels of its study if the reference has no images.
        scores: (N, F).
        patients: (N,) indices of the patients, 0 to G - 1.
    """

    findings: tuple[str, ...]
    columns: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    patients: np.ndarray


@dataclass(frozen=True)
class MeanAuroc:
    """The mean of the AUROCs of the findings with at least five patients in each class.

    Attributes:
        value: The mean; NaN if there is no such finding.
        influence: (G,) the influence of each patient on the mean.
    """

    value: float
    influence: np.ndarray

    @property
    def error(self) -> float:
        """The standard error of the mean, clustered by patient."""
        return standard_error(self.influence)

    def __str__(self) -> str:
        """The value with its 95 % interval."""
        half = 1.96 * self.error
        low, high = max(self.value - half, 0), min(self.value + half, 1)
        return f"{self.value:.3f} (95 % interval {low:.3f} to {high:.3f})"


def join(predictions: Predictions, reference: Reference, found: Match) -> Joined:
    """Returns the labels, scores and patients of the rows of the predictions.

    Args:
        predictions: N rows.
        reference: Values in {-1, 0, 1, NaN}; -1 becomes NaN.
        found: The match of both.
    """
    known = {finding_key(name): column for column, name in enumerate(reference.findings)}
    columns = [c for c, name in enumerate(predictions.findings) if finding_key(name) in known]
    chosen = [known[finding_key(predictions.findings[c])] for c in columns]
    values = np.where(reference.values == -1, np.nan, reference.values)[:, chosen]
    rows = _first_row(reference, found)
    if found.studies:
        values = _per_study(values, reference, found)
    at = found.index >= 0
    labels = np.full((len(at), len(columns)), np.nan)
    labels[at] = values[found.index[at]]
    patients = _patients(predictions, reference, found, rows)
    return Joined(
        tuple(predictions.findings[c] for c in columns),
        np.array(columns, dtype=int),
        labels,
        predictions.values[:, columns],
        np.unique(patients, return_inverse=True)[1],
    )


def mean_auroc(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> MeanAuroc:
    """Returns the mean AUROC over the findings.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (N, F).
        patients: (N,) indices, 0 to G - 1.
    """
    defined = enough_patients(labels, patients)
    if not len(defined):
        return MeanAuroc(float("nan"), np.zeros(int(patients.max()) + 1))
    found = [auroc_influences(labels[:, f], scores[None, :, f], patients) for f in defined]
    values = [auroc[0] for auroc, _, _ in found]
    influences = [(positive + negative)[0] for _, positive, negative in found]
    return MeanAuroc(float(np.mean(values)), np.mean(influences, axis=0))


def enough_patients(labels: np.ndarray, patients: np.ndarray) -> np.ndarray:
    """Returns the indices of the findings with at least five patients in each class.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        patients: (N,) indices, 0 to G - 1.
    """
    counts = [
        min(len(np.unique(patients[column == side])) for side in (0, 1)) for column in labels.T
    ]
    return np.flatnonzero(np.array(counts) >= _FEWEST_PATIENTS)


def _first_row(reference: Reference, found: Match) -> np.ndarray:
    """Returns a row of the reference for each name of the match, (T,)."""
    if not found.studies:
        return np.arange(len(found.names))
    first: dict[str, int] = {}
    for row, name in enumerate(studies_of_images(reference.rows).tolist()):
        first.setdefault(name, row)
    return np.array([first[name] for name in found.names])


def _per_study(values: np.ndarray, reference: Reference, found: Match) -> np.ndarray:
    """Returns the highest label of the images of each study, (T, F)."""
    position = {name: index for index, name in enumerate(found.names.tolist())}
    codes = [position[name] for name in studies_of_images(reference.rows).tolist()]
    high = np.full((len(found.names), values.shape[1]), -np.inf)
    np.maximum.at(high, codes, np.where(np.isnan(values), -np.inf, values))
    return np.where(np.isfinite(high), high, np.nan)


def _patients(
    predictions: Predictions, reference: Reference, found: Match, rows: np.ndarray
) -> np.ndarray:
    """Returns the patient of each row: of the reference, else of the predictions, else its id."""
    own = np.where(
        predictions.rows.patients != "",
        predictions.rows.patients,
        studies_of_images(predictions.rows),
    )
    there = reference.rows
    theirs = np.where(there.patients != "", there.patients, studies_of_images(there))[rows]
    if not (there.patients != "").any() and (predictions.rows.patients != "").any():
        return own.astype(str)
    at = found.index >= 0
    return np.where(at, theirs[np.where(at, found.index, 0)], own).astype(str)

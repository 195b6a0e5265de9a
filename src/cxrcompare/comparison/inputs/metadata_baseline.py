"""Metadata as subgroups, and the metadata baseline: prediction from sex, age and view alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

import numpy as np

from cxrcompare.comparison.inputs.baselines import Baseline
from cxrcompare.predictions import Aligned, Note

NAME = "metadata alone"
_MANY = 10
_AGE = re.compile(r"(?<![a-z])ages?(?![a-z])", re.IGNORECASE)
AGE_BANDS = (
    (0.0, 18.0, "under 18"),
    (18.0, 40.0, "18 to 39"),
    (40.0, 60.0, "40 to 59"),
    (60.0, 80.0, "60 to 79"),
    (80.0, np.inf, "80 and over"),
)


def groups(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns each column as groups, (N,) text; empty where the value is missing.

    Ages are binned into `AGE_BANDS`; a column holds ages if it is numeric and named by the word
    age. Another numeric column with more than ten distinct values is binned at its quartiles.
    """
    return {name: _cut(name, values) for name, values in columns.items()}


def _cut(name: str, values: np.ndarray) -> np.ndarray:
    numbers = numeric(values)
    if numbers is None:
        return values
    if _AGE.search(name):
        bands = list(AGE_BANDS)
    elif len(np.unique(numbers[~np.isnan(numbers)])) <= _MANY:
        return values
    else:
        ends = np.unique(np.nanquantile(numbers, [0.25, 0.5, 0.75]))
        edges = [-np.inf, *ends.tolist(), np.inf]
        bands = [
            (
                low,
                high,
                f"{low:g} to {high:g}"
                if np.isfinite(low) and np.isfinite(high)
                else f"under {high:g}"
                if np.isfinite(high)
                else f"{low:g} and over",
            )
            for low, high in itertools.pairwise(edges)
        ]
    cut = np.full(len(values), "", dtype=object)
    for low, high, label in bands:
        cut[(numbers >= low) & (numbers < high)] = label
    return cut


def numeric(values: np.ndarray) -> np.ndarray | None:
    """Returns a column as numbers, NaN where empty; None if any cell is not a number.

    A study whose images have several numbers, joined by " + ", has their mean.
    """
    try:
        numbers = np.array(
            [np.mean([float(x) for x in v.split(" + ")]) if v else np.nan for v in values]
        )
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).any() else None


def fit(
    test: Mapping[str, np.ndarray],
    validation: Mapping[str, np.ndarray],
    labels: Aligned,
) -> tuple[Baseline, list[Note]]:
    """Returns a logistic regression on metadata alone, fitted on validation, and warnings.

    Its performance is what a network could reach by inferring sex, age and view from the image.
    Thresholds are chosen on validation by the same rule as for networks. A finding with one class
    in validation is not fitted: its score is 1 if that class is positive, else 0.

    Args:
        test: The columns of the test set, from `attach_metadata`.
        validation: The same columns of validation.
        labels: The labels of validation.

    Motivation: Zech et al. 2018, doi 10.1371/journal.pmed.1002683.
    """
    from sklearn.linear_model import LogisticRegression

    fitted, applied = _design(validation, test)
    units = len(next(iter(test.values())))
    scores = np.zeros((units, len(labels.findings)))
    on_validation = np.zeros(labels.labels.shape)
    skipped = []
    for f, finding in enumerate(labels.findings):
        label = labels.labels[:, f]
        labelled = ~np.isnan(label)
        if len(np.unique(label[labelled])) < 2:
            scores[:, f] = label[labelled].mean() if labelled.any() else 0.0
            on_validation[:, f] = scores[0, f]
            skipped.append(finding)
            continue
        model = LogisticRegression(C=1.0, max_iter=5000, tol=1e-8)
        model.fit(fitted[labelled], label[labelled])
        scores[:, f] = model.predict_proba(applied)[:, 1]
        on_validation[:, f] = model.predict_proba(fitted)[:, 1]
    notes = [
        Note("metadata_one_class", "validation has only one class: not fitted", NAME, finding)
        for finding in skipped
    ]
    description = f"logistic regression on {', '.join(test)}, fitted on validation; uses no image"
    thresholds = np.full(len(labels.findings), 0.5)
    return Baseline(NAME, description, scores, thresholds, on_validation), notes


def _design(
    validation: Mapping[str, np.ndarray], test: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the design matrices, (N, C) each: numbers standardised, other columns one-hot."""
    fitted: list[np.ndarray] = []
    applied: list[np.ndarray] = []
    for name, values in validation.items():
        own, other = numeric(values), numeric(test[name])
        if own is not None and other is not None and len(np.unique(own)) > _MANY:
            mean, sd = np.nanmean(own), np.nanstd(own) or 1.0
            for numbers, columns in ((own, fitted), (other, applied)):
                missing = np.isnan(numbers)
                columns += [np.where(missing, 0.0, (numbers - mean) / sd), missing.astype(float)]
            continue
        for value in sorted(set(values.tolist())):
            fitted.append((values == value).astype(float))
            applied.append((test[name] == value).astype(float))
    return np.column_stack(fitted), np.column_stack(applied)

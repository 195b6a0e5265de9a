"""Metadata as groups and as a trivial model: how much sex, age and view alone can tell."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from cxrcompare.comparison.inputs.baselines import Trivial
from cxrcompare.comparison.options import Options
from cxrcompare.evaluation import operating
from cxrcompare.predictions import Aligned, Note

NAME = "metadata alone"
_MANY = 10
_AGES = (
    (0.0, 18.0, "under 18"),
    (18.0, 40.0, "18 to 39"),
    (40.0, 60.0, "40 to 59"),
    (60.0, 80.0, "60 to 79"),
    (80.0, np.inf, "80 and over"),
)


def groups(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns each column as groups, (N,) text; empty where not known.

    A column of more than ten different numbers is cut: ages into bands, others at their quartiles.
    """
    return {name: _cut(name, values) for name, values in columns.items()}


def _cut(name: str, values: np.ndarray) -> np.ndarray:
    numbers = numeric(values)
    if numbers is None or len(np.unique(numbers[~np.isnan(numbers)])) <= _MANY:
        return values
    if "age" in name.lower():
        bands = list(_AGES)
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
    """Returns a column as numbers, NaN where empty; None where a cell is no number."""
    try:
        numbers = np.array([float(value) if value else np.nan for value in values])
    except ValueError:
        return None
    return numbers if np.isfinite(numbers).any() else None


def alone(
    test: Mapping[str, np.ndarray],
    validation: Mapping[str, np.ndarray],
    labels: Aligned,
    options: Options,
) -> tuple[Trivial, list[Note]]:
    """Returns a logistic regression on metadata alone, fitted on validation, and warnings.

    What it scores is what a network could reach by reading sex, age and view off the image.
    Thresholds by the rule of the networks, on validation. Where validation has one class of a
    finding it gives everybody that class's share.

    Args:
        test: The test set's columns, of `attach_metadata`.
        validation: Validation's, the same columns.
        labels: Validation's labels.
        options: The threshold rule.

    Source: the check that Zech et al. 2018, doi 10.1371/journal.pmed.1002683, show is needed.
    """
    from sklearn.linear_model import LogisticRegression

    fitted, applied = _design(validation, test)
    rule, target = options.rule
    units = len(next(iter(test.values())))
    scores = np.zeros((units, len(labels.findings)))
    thresholds = np.full(len(labels.findings), 0.5)
    skipped = []
    for f, finding in enumerate(labels.findings):
        label = labels.labels[:, f]
        known = ~np.isnan(label)
        if len(np.unique(label[known])) < 2:
            scores[:, f] = label[known].mean() if known.any() else 0.0
            skipped.append(finding)
            continue
        model = LogisticRegression(C=1.0, max_iter=5000, tol=1e-8)
        model.fit(fitted[known], label[known])
        scores[:, f] = model.predict_proba(applied)[:, 1]
        seen = model.predict_proba(fitted)[:, 1]
        thresholds[f] = operating.choose(label, seen, rule, target).threshold
    notes = [
        Note("metadata_one_class", "validation holds one class only: not fitted", NAME, finding)
        for finding in skipped
    ]
    description = f"logistic regression on {', '.join(test)}, fitted on validation; sees no image"
    return Trivial(NAME, description, scores, thresholds), notes


def _design(
    validation: Mapping[str, np.ndarray], test: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the columns as numbers, (N, C) each: standardised, or one column per value."""
    fitted: list[np.ndarray] = []
    applied: list[np.ndarray] = []
    for name, values in validation.items():
        here, there = numeric(values), numeric(test[name])
        if here is not None and there is not None and len(np.unique(here)) > _MANY:
            centre, spread = np.nanmean(here), np.nanstd(here) or 1.0
            for numbers, side in ((here, fitted), (there, applied)):
                lost = np.isnan(numbers)
                side += [np.where(lost, 0.0, (numbers - centre) / spread), lost.astype(float)]
            continue
        for value in sorted(set(values.tolist())):
            fitted.append((values == value).astype(float))
            applied.append((test[name] == value).astype(float))
    return np.column_stack(fitted), np.column_stack(applied)

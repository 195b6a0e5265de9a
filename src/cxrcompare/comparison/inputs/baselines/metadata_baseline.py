"""Metadata as subgroups, and the metadata baseline: prediction from sex, age and view alone."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from cxrcompare.comparison.inputs.baselines.constant_baselines import Baseline
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.row_types.column_types import METADATA
from cxrcompare.evaluation.probabilities import ridge_regression
from cxrcompare.predictions import Note

_MANY = 10
MOST_VALUES = 50
"""Distinct values of a text column above which the baseline leaves it out."""
AGE = re.compile(r"(?<![a-z])ages?(?![a-z])", re.IGNORECASE)
"""The names of numeric columns that hold ages."""
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
    if AGE.search(name):
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


class _Source(NamedTuple):
    """Data to fit on.

    Attributes:
        words: Its name with the number of units.
        columns: {name: (N,) text}.
        labels: (N, F) in {0, 1, NaN}.
    """

    words: str
    columns: Mapping[str, np.ndarray]
    labels: np.ndarray


@dataclass(frozen=True)
class FittedMetadata:
    """The metadata baseline and its log-odds on validation.

    Attributes:
        baseline: The baseline on the test set.
        test: (N, F), its log-odds on the test set.
        validation: (V, F), its log-odds on validation; None without metadata of validation.
        source: The data on which it was fitted, as text.
        fitted: (F,) bool, the findings for which a regression was fitted.
    """

    baseline: Baseline
    test: np.ndarray
    validation: np.ndarray | None
    source: str
    fitted: np.ndarray


def fit(inputs: Inputs) -> tuple[FittedMetadata | None, list[Note]]:
    """Returns a logistic regression on metadata alone, and warnings; None if nothing can be fitted.

    It is fitted on the training rows of the metadata file if these have labels of both classes,
    else on validation, for each finding. Its performance is what a network could reach by inferring
    sex, age and view from the image. Thresholds are chosen on validation by the same rule as for
    networks, and are 0.5 without it. A finding that has one class everywhere is not fitted: its
    score is 1 if that class is positive, else 0. A column of text with more than
    `MOST_VALUES` distinct values is not used.

    Args:
        inputs: The aligned input files; the test set has metadata.

    Motivation: Zech et al. 2018, doi 10.1371/journal.pmed.1002683.
    """
    sources = _sources(inputs)
    if not sources:
        lacks = "no validation" if inputs.validation is None else "no metadata of validation"
        text = f"no training rows and {lacks}: the metadata baseline cannot be fitted"
        return None, [Note("no_metadata_model", text, METADATA)]
    test, held_out = inputs.test_metadata, inputs.validation_metadata
    designs = [_design(one.columns, [test, held_out]) for one in sources]
    if not any(design.names for design in designs):
        text = f"every column is constant or has more than {MOST_VALUES} values: not fitted"
        return None, [Note("no_metadata_model", text, METADATA)]
    findings = inputs.test.findings
    odds = np.zeros(inputs.test.labels.shape)
    validation = None
    if inputs.validation is not None and held_out:
        validation = np.zeros(inputs.validation.labels.shape)
    scores = np.zeros(odds.shape)
    chosen: list[int | None] = []
    for f in range(len(findings)):
        index = next((k for k, one in enumerate(sources) if _both(one.labels[:, f])), None)
        chosen.append(index)
        if index is None:
            known = sources[0].labels[:, f]
            scores[:, f] = known[~np.isnan(known)].mean() if (known == known).any() else 0.0
            continue
        design = designs[index]
        own, other = _regress(design.fitted, sources[index].labels[:, f], design.applied)
        odds[:, f] = own
        scores[:, f] = special.expit(odds[:, f])
        if validation is not None and other is not None:
            validation[:, f] = other
    source = sources[next((index for index in chosen if index is not None), 0)].words
    names = designs[0].names
    description = f"logistic regression on {', '.join(names)}, fitted on {source}; uses no image"
    fitted = FittedMetadata(
        Baseline(
            METADATA,
            description,
            scores,
            np.full(len(findings), 0.5),
            None if validation is None else special.expit(validation),
        ),
        odds,
        validation,
        source,
        np.array([index is not None for index in chosen]),
    )
    return fitted, _notes(inputs, sources, chosen)


def _sources(inputs: Inputs) -> list[_Source]:
    """Returns the training rows and validation, where they have metadata."""
    found = []
    training = inputs.training
    if training is not None and any(_both(label) for label in training.labels.T):
        plural = {"study": "studies", "image": "images"}[training.unit]
        words = f"{len(training.labels):,} training {plural}"
        found.append(_Source(words, training.columns, training.labels))
    if inputs.validation is not None and inputs.validation_metadata:
        words = f"validation ({len(inputs.validation.labels):,})"
        found.append(_Source(words, inputs.validation_metadata, inputs.validation.labels))
    return found


def _both(label: np.ndarray) -> bool:
    return bool((label == 1).any() and (label == 0).any())


def _notes(inputs: Inputs, sources: list[_Source], chosen: list[int | None]) -> list[Note]:
    names = inputs.test.findings
    where = " and ".join(one.words for one in sources)
    notes = [
        Note("metadata_one_class", f"only one class in {where}: not fitted", METADATA, names[f])
        for f, index in enumerate(chosen)
        if index is None
    ]
    if len(sources) > 1:
        text = f"only one class in {sources[0].words}: fitted on {sources[-1].words}"
        notes += [
            Note("metadata_on_validation", text, METADATA, names[f])
            for f, index in enumerate(chosen)
            if index == 1
        ]
    elif inputs.training is None:
        text = (
            f"the metadata file has no training rows with labels: fitted on {sources[0].words}, "
            "which are often too few for the best baseline"
        )
        notes.append(Note("metadata_on_validation", text, METADATA))
    return notes


class _Design(NamedTuple):
    """Design matrices with the same columns.

    Attributes:
        names: The columns of metadata that are used.
        fitted: (N, C), of the data to fit on.
        applied: (N, C) each; None where there are no metadata.
    """

    names: list[str]
    fitted: np.ndarray
    applied: list[np.ndarray | None]


def _regress(
    fitted: np.ndarray, label: np.ndarray, applied: list[np.ndarray | None]
) -> list[np.ndarray | None]:
    """Returns the log-odds of each matrix to which the regression is applied."""
    labelled = ~np.isnan(label)
    model = ridge_regression.fit(fitted[labelled], label[labelled])
    return [None if part is None else model.log_odds(part) for part in applied]


def _design(source: Mapping[str, np.ndarray], others: list[Mapping[str, np.ndarray]]) -> _Design:
    """Returns design matrices: numbers standardised, other columns one-hot."""
    names: list[str] = []
    matrices: list[list[np.ndarray]] = [[] for _ in (source, *others)]
    for name, values in source.items():
        numbers = [numeric(part[name]) if part else None for part in (source, *others)]
        own = numbers[0]
        distinct = sorted(set(values.tolist()))
        if own is not None and len(np.unique(own)) > _MANY and numbers[1] is not None:
            mean, sd = np.nanmean(own), np.nanstd(own) or 1.0
            for part, columns, given in zip(numbers, matrices, (source, *others), strict=True):
                if given:
                    value = np.full(len(given[name]), np.nan) if part is None else part
                    missing = np.isnan(value)
                    columns += [np.where(missing, 0.0, (value - mean) / sd), missing.astype(float)]
        elif 1 < len(distinct) <= MOST_VALUES:
            for part_, columns in zip((source, *others), matrices, strict=True):
                if part_:
                    columns += [(part_[name] == value).astype(float) for value in distinct]
        else:
            continue
        names.append(name)
    stacked = [np.column_stack(columns) if columns else None for columns in matrices]
    fitted = stacked[0]
    return _Design(names, np.zeros((0, 0)) if fitted is None else fitted, stacked[1:])

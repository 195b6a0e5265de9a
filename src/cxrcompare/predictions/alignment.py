"""Aligns predictions and a reference standard, joined by id and by finding name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError
from cxrcompare.options.evaluation import Unit, ViewsRule
from cxrcompare.predictions.compared_findings import choose_findings, columns_of
from cxrcompare.predictions.studies import (
    Note,
    group,
    merge_views,
    patients_of,
    studies_of,
    study_of_images,
)
from cxrcompare.predictions.table import Predictions, Reference

UNITS: tuple[str, ...] = get_args(Unit)
VIEWS: tuple[str, ...] = get_args(ViewsRule)


@dataclass(frozen=True)
class Aligned:
    """Aligned labels and scores: row n of each is the same unit.

    Attributes:
        unit: "study" or "image".
        units: (N,) the ids, in the order of the reference.
        studies: (N,) the study of each unit.
        patients: (N,) the patient of each unit; the study id if the patient is missing.
        findings: The findings compared.
        labels: (N, F) in {0, 1, NaN}.
        runs: M pairs of (model, seed).
        scores: (M, N, F).
        images: The number of images of the units, or None if the files have only study ids.
        notes: Warnings.
    """

    unit: str
    units: np.ndarray
    studies: np.ndarray
    patients: np.ndarray
    findings: tuple[str, ...]
    labels: np.ndarray
    runs: tuple[tuple[str, str], ...]
    scores: np.ndarray
    images: int | None
    notes: tuple[Note, ...]


def align(
    predictions: Sequence[Predictions],
    reference: Reference,
    unit: str = "study",
    views_rule: str = "max",
    findings: str | Iterable[str] = "all",
) -> Aligned:
    """Joins predictions and reference by id and finding name, and merges the views of a study.

    Args:
        predictions: One file per run.
        reference: The reference standard.
        unit: "study" or "image".
        views_rule: How the scores of a study's views are combined: "max" or "mean".
        findings: "all" (those that the reference and the models have), "competition", or names.

    Raises:
        InputError: An id or a finding is missing from a file, two files belong to the same run, or
            the views of a study have different labels.
    """
    _check_choices(predictions, unit, views_rule)
    chosen, notes = choose_findings(predictions, reference, findings)
    study_of = study_of_images([reference, *predictions])
    keys, labels, studies = reference_units(reference, unit, study_of, predictions, chosen)
    index = pd.Index(keys)
    scores = np.empty((len(predictions), len(keys), len(chosen)))
    joined: dict[int, _Joined] = {}  # many files share their rows
    for run, one in enumerate(predictions):
        if id(one.rows) not in joined:
            joined[id(one.rows)] = _join(one, unit, study_of, index, reference)
        values = one.values[:, columns_of(one.findings, chosen)]
        scores[run] = joined[id(one.rows)].merge(values, views_rule)
    images = _check_images(predictions, reference)
    patients, more = patients_of(studies, [reference, *predictions], study_of)
    runs = tuple((one.name, one.seed) for one in predictions)
    return Aligned(
        unit, keys, studies, patients, chosen, labels, runs, scores, images, (*notes, *more)
    )


def _check_choices(predictions: Sequence[Predictions], unit: str, views_rule: str) -> None:
    if unit not in UNITS:
        raise InputError(f"`unit` must be one of {', '.join(UNITS)}. Received: {unit}")
    if views_rule not in VIEWS:
        raise InputError(f"`views_rule` must be one of {', '.join(VIEWS)}. Received: {views_rule}")
    if not predictions:
        raise InputError("`predictions` must be at least one file. Received: none")
    seen: dict[tuple[str, str], Path] = {}
    for one in predictions:
        run = (one.name, one.seed)
        if run in seen:
            raise InputError(
                f"{one.path}: must have a unique file name, because it is the name of the model. "
                f"Received: the name of {seen[run]}"
            )
        seen[run] = one.path
    plain = {name for name, seed in seen if not seed}
    mixed = [path for (name, seed), path in seen.items() if seed and name in plain]
    if mixed:
        raise InputError(
            f"{mixed[0]}: all files of an architecture must have a seed in their name, or there "
            "must be only one file. Received: one with and one without a seed"
        )


def reference_units(
    reference: Reference,
    unit: str,
    study_of: pd.Series,
    predictions: Sequence[Predictions],
    chosen: Sequence[str],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns the units of a reference or reader file, their labels (N, F) and their studies."""
    values = reference.values[:, columns_of(reference.findings, chosen)]
    studies = studies_of(reference.rows, study_of)
    if unit == "image":
        if reference.rows.level == "image":
            return reference.rows.ids, values, studies
        return _broadcast(reference, values, predictions, study_of)
    if reference.rows.level == "study":
        return reference.rows.ids, values, reference.rows.ids
    keys, codes = group(studies)
    filled = np.where(np.isnan(values), -np.inf, values)
    high = np.full((len(keys), values.shape[1]), -np.inf)
    np.maximum.at(high, codes, filled)
    low = np.full((len(keys), values.shape[1]), np.inf)
    np.minimum.at(low, codes, np.where(np.isnan(values), np.inf, values))
    differ = np.argwhere((high != low) & np.isfinite(high))
    if len(differ):
        study, finding = differ[0]
        raise InputError(
            f"{reference.path}: column {chosen[finding]!r}: all images of a study must have one "
            f"label, or `unit` must be image. Received: study {keys[study]!r} with 0 and 1"
        )
    return keys, np.where(np.isfinite(high), high, np.nan), keys


def _broadcast(
    reference: Reference,
    values: np.ndarray,
    predictions: Sequence[Predictions],
    study_of: pd.Series,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Assigns the labels of a study to each of its images in the prediction files."""
    rows = next((one.rows for one in predictions if one.rows.level == "image"), None)
    if rows is None:
        raise InputError("`unit` image needs files with a row per image. Received: a row per study")
    studies = studies_of(rows, study_of)
    index = pd.Index(reference.rows.ids).get_indexer(pd.Index(studies))
    check_joined(index, studies, predictions[0].path, reference.path)
    absent = np.setdiff1d(np.arange(len(reference.rows.ids)), index)
    if len(absent):
        raise missing(predictions[0].path, reference.rows.ids[absent], reference.path)
    return rows.ids, values[index], studies


@dataclass(frozen=True)
class _Joined:
    """The rows of a file joined to the units of the reference.

    Attributes:
        codes: (R,) the study of each row of the file; None if a row is a unit.
        count: The number of studies or images of the file.
        rows: (N,) the study or image of each unit.
    """

    codes: np.ndarray | None
    count: int
    rows: np.ndarray

    def merge(self, values: np.ndarray, views_rule: str) -> np.ndarray:
        """Returns the scores of the units, (N, F), from those of the rows, (R, F)."""
        if self.codes is not None:
            values = merge_views(values, self.codes, self.count, views_rule)
        return values[self.rows]


def _join(
    one: Predictions, unit: str, study_of: pd.Series, index: pd.Index, reference: Reference
) -> _Joined:
    """Joins a file to the units of the reference.

    Raises:
        InputError: The file lacks a unit, or has other ones, too.
    """
    codes: np.ndarray | None = None
    if unit == "image":
        if one.rows.level != "image":
            raise InputError(f"{one.path}: `unit` image needs a row per image")
        keys = one.rows.ids
    else:
        keys, codes = group(studies_of(one.rows, study_of))
    rows = pd.Index(keys).get_indexer(index)
    if (rows < 0).any():
        raise missing(one.path, np.asarray(index)[rows < 0], reference.path)
    if len(keys) > len(index):
        extra = np.setdiff1d(np.arange(len(keys)), rows)
        raise missing(reference.path, keys[extra], one.path)
    return _Joined(codes, len(keys), rows)


def check_joined(index: np.ndarray, keys: np.ndarray, complete: Path, incomplete: Path) -> None:
    """Checks that all ids of one file are in another.

    Args:
        index: (N,) the row of each id in the other file; negative if not found.
        keys: (N,) the ids.
        complete: The file that has the ids.
        incomplete: The file in which they were looked up.

    Raises:
        InputError: An id was not found.
    """
    if (index < 0).any():
        raise missing(incomplete, list(dict.fromkeys(keys[index < 0])), complete)


def missing(incomplete: Path, names: Sequence[str] | np.ndarray, complete: Path) -> InputError:
    """Returns the error that ids of one file are missing from another."""
    shown = ", ".join(repr(name) for name in names[:5])
    more = f", and {len(names) - 5} more" if len(names) > 5 else ""
    return InputError(f"{incomplete}: must contain every id of {complete}. Missing: {shown}{more}")


def _check_images(predictions: Sequence[Predictions], reference: Reference) -> int | None:
    """Checks that all files with a row per image have the same images, and counts them."""
    tables: list[Reference | Predictions] = [reference, *predictions]
    with_images = [table for table in tables if table.rows.level == "image"]
    if not with_images:
        return None
    first = with_images[0]
    index = pd.Index(first.rows.ids)
    for other in with_images[1:]:
        if other.rows is first.rows:
            continue
        rows = index.get_indexer(pd.Index(other.rows.ids))
        check_joined(rows, other.rows.ids, other.path, first.path)
        if len(other.rows.ids) < len(index):
            absent = np.setdiff1d(np.arange(len(index)), rows)
            raise missing(other.path, first.rows.ids[absent], first.path)
    return len(index)

"""Examines one prediction file against its reference, one check after the other."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cxrcompare.doctor import ids, joining, labels, row_order, swapped_findings, values
from cxrcompare.doctor.ids import Match
from cxrcompare.doctor.problem import Problem
from cxrcompare.predictions import (
    Predictions,
    Reference,
    read_label_states,
    read_predictions,
)


@dataclass(frozen=True)
class Examination:
    """The problems found in one file, and their corrections.

    Attributes:
        predictions: The file.
        reference: Its reference; values in {-1, 0, 1, NaN}.
        found: The match of the ids.
        kind: What the scores are; see `values.kind`.
        owner: (N,) the row of the id to which the scores of each row belong, or None.
        source: (C,) for each column of `predictions` the column that has its scores.
        inverted: Columns of `predictions`, in corrected order, with inverted scores.
        problems: All problems and notes.
    """

    predictions: Predictions
    reference: Reference
    found: Match
    kind: str
    owner: np.ndarray | None
    source: np.ndarray
    inverted: tuple[int, ...]
    problems: tuple[Problem, ...]


def is_run_and_store(paths: Sequence[Path]) -> bool:
    """Returns whether paths are a run and an image store, not prediction files: two folders."""
    return len(paths) == 2 and all(path.is_dir() for path in paths)


def examine(
    predictions: str | os.PathLike[str], reference: str | os.PathLike[str]
) -> list[Problem]:
    """Returns the problems of a prediction file; notes are last.

    Args:
        predictions: A CSV or Parquet file with one row per image or study.
        reference: The reference standard.

    Raises:
        InputError: A file is not a table of ids and numbers.
    """
    return list(examined(predictions, reference).problems)


def examined(predictions: str | os.PathLike[str], reference: str | os.PathLike[str]) -> Examination:
    """Examines a prediction file; arguments and errors as for `examine`.

    Each check uses the corrections of the checks before it: ids, then rows, then columns.
    """
    one, standard = read_predictions(predictions, scores=True), read_label_states(reference)
    found = ids.match(one.rows, standard.rows)
    joined = joining.join(one, standard, found)
    about_ids = _with_auroc(ids.problems(found, one.rows, standard.rows), joined)
    about_labels = labels.problems(one, standard)
    source = np.arange(len(one.findings))
    owner: np.ndarray | None = None
    inverted: tuple[int, ...] = ()
    about_scores: list[Problem] = []
    kind = "probabilities"
    if len(joined.findings):
        kind = values.kind(joined.scores)
        share = labels.prevalence(joined.labels)
        about_scores = values.problems(joined.scores, joined.findings, share)
    if len(joined.findings) and found.found:
        owner, source, inverted, more = _against_labels(joined, found, one)
        about_scores = [*about_scores, *more]
    every = [*about_ids, *about_scores, *about_labels]
    every.sort(key=lambda problem: problem.note)
    return Examination(one, standard, found, kind, owner, source, inverted, tuple(every))


def _against_labels(
    joined: joining.Joined, found: Match, one: Predictions
) -> tuple[np.ndarray | None, np.ndarray, tuple[int, ...], list[Problem]]:
    """Returns owner, source and inverted of an `Examination`, and the problems."""
    listed: list[Problem] = []
    order = row_order.misplaced(joined, found, one.rows.ids)
    if order is None:
        listed += row_order.shuffled(joined, values.probabilities(joined.scores))
    else:
        listed.append(order.problem)
        joined = dataclasses.replace(joined, scores=row_order.placed(joined.scores, order.owner))
    own = swapped_findings.explained(joined)
    source = np.arange(len(one.findings))
    source[joined.columns] = joined.columns[own.source]
    inverted = tuple(int(joined.columns[f]) for f in own.inverted)
    listed += own.problems
    if not listed:
        listed += row_order.not_above_chance(joined)
    return order.owner if order else None, source, inverted, listed


def _with_auroc(listed: list[Problem], joined: joining.Joined) -> list[Problem]:
    """Adds the mean AUROC after the change of ids, which shows whether the change is right."""
    if not any(problem.code == "ids_changed" for problem in listed) or not len(joined.findings):
        return listed
    mean = joining.mean_auroc(joined.labels, joined.scores, joined.patients)
    line = f"Mean AUROC after the change: {mean}."
    advice = ""
    if not mean.value - 1.645 * mean.error > 0.5:
        advice = "That is not above chance: the ids may agree only by their numbering."
    return [
        dataclasses.replace(problem, evidence=(*problem.evidence, line), advice=advice)
        if problem.code == "ids_changed" and mean.value == mean.value
        else problem
        for problem in listed
    ]

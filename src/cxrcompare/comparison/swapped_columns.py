"""Detects swapped or shifted score columns: they rank another finding better than their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from cxrcompare.evaluation.auroc.auroc_tests import class_patients
from cxrcompare.evaluation.auroc.influence import auroc_influences, standard_error
from cxrcompare.evaluation.ranking import midranks

FAMILY = 0.05
"""Family-wise error rate over all runs and permutations."""

FEWEST_PATIENTS = 5
"""Patients of each class without which a finding is left out."""

SMALLEST_GAIN = 0.05
"""Mean gain in AUROC below which a permutation is not reported."""


@dataclass(frozen=True)
class Swap:
    """Columns of one run that fit the labels better when permuted.

    Attributes:
        columns: Indices of the findings: the scores of each fit the labels of the next, and those
            of the last the labels of the first. Two for a swap.
        own: (k,) AUROC of each column for its own finding.
        permuted: (k,) AUROC of each column for the next finding.
        p_value: One-sided, adjusted for all runs and all permutations of as many columns.
    """

    columns: tuple[int, ...]
    own: np.ndarray
    permuted: np.ndarray
    p_value: float


def swapped_columns(
    labels: np.ndarray, scores: np.ndarray, patients: np.ndarray, runs: int = 1
) -> list[Swap]:
    """Returns the columns of a run that are probably swapped; see `of_runs`.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (N, F).
        patients: (N,) ids.
        runs: Number of runs that are tested, for the correction.
    """
    groups = np.unique(patients, return_inverse=True)[1]
    return _swapped(labels, scores, groups, _tested(labels, groups), runs)


def of_runs(
    labels: np.ndarray, scores: Sequence[np.ndarray], patients: np.ndarray
) -> list[list[Swap]]:
    """Returns the columns of each of some runs that are probably swapped.

    The AUROC of every score column for every label column is computed. The assignment of columns
    to findings with the highest sum of AUROCs is split into cycles. A cycle is reported if each of
    its columns gains, and the sum of the gains is significant: a normal test with the variance of
    the influence functions, clustered by patient, and Bonferroni's correction over all runs and
    over all ordered choices of as many columns.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: M of (N, F).
        patients: (N,) ids.
    """
    groups = np.unique(patients, return_inverse=True)[1]
    tested = _tested(labels, groups)
    return [_swapped(labels, one, groups, tested, len(scores)) for one in scores]


def _tested(labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Returns the indices of the findings with enough patients of both classes."""
    return np.flatnonzero(class_patients(labels, groups).min(axis=1) >= FEWEST_PATIENTS)


def _swapped(
    labels: np.ndarray, scores: np.ndarray, groups: np.ndarray, defined: np.ndarray, runs: int
) -> list[Swap]:
    if len(defined) < 2:
        return []
    table = _auroc_table(labels[:, defined], scores[:, defined])
    if (table.argmax(axis=1) == np.arange(len(table))).all():
        return []
    from scipy import optimize  # here: few comparisons need it, and its import takes 0.1 s

    _, best = optimize.linear_sum_assignment(-table)
    found = []
    for cycle in _cycles(best.tolist()):
        columns = tuple(int(defined[index]) for index in cycle)
        swap = _test(labels, scores, groups, columns, len(defined), runs)
        gains = swap.permuted - swap.own
        if swap.p_value <= FAMILY and (gains > 0).all() and gains.mean() >= SMALLEST_GAIN:
            found.append(swap)
    return found


def _auroc_table(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Returns the AUROC of each score column (row) for each label column, (F, F).

    AUROC - 1/2 is the difference of the mean ranks of the classes over the number of units. It is
    approximate where labels are unknown; the test uses the exact AUROC.
    """
    ranks = np.stack([midranks(score) for score in scores.T], axis=1)
    positive, negative = (labels == 1).astype(float), (labels == 0).astype(float)
    difference = ranks.T @ positive / positive.sum(0) - ranks.T @ negative / negative.sum(0)
    return np.asarray(0.5 + difference / len(scores))


def _cycles(assignment: Sequence[int]) -> Iterator[list[int]]:
    """Yields the cycles of a permutation that have at least two members."""
    left = {index for index, other in enumerate(assignment) if other != index}
    while left:
        index = min(left)
        cycle = []
        while index in left:
            left.remove(index)
            cycle.append(index)
            index = int(assignment[index])
        yield cycle


def _test(
    labels: np.ndarray,
    scores: np.ndarray,
    groups: np.ndarray,
    columns: tuple[int, ...],
    findings: int,
    runs: int,
) -> Swap:
    own, permuted = [], []
    total = np.zeros(int(groups.max()) + 1)
    for column, target in zip(columns, (*columns[1:], columns[0]), strict=True):
        score = scores[None, :, column]
        (before,), *down = auroc_influences(labels[:, column], score, groups)
        (after,), *up = auroc_influences(labels[:, target], score, groups)
        own.append(before)
        permuted.append(after)
        total += (up[0] + up[1] - down[0] - down[1])[0]
    gain, error = float(np.sum(permuted) - np.sum(own)), standard_error(total)
    p_value = float(special.ndtr(-gain / error)) if error > 0 else 0.0
    tests = runs * float(findings) ** len(columns)
    return Swap(columns, np.array(own), np.array(permuted), min(1.0, p_value * tests))

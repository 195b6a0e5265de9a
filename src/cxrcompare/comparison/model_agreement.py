"""Agreement of models at their thresholds, their joint errors, and the units that divide them."""

from __future__ import annotations

import itertools

import numpy as np

from cxrcompare.comparison import disagreement
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.agreement_rows import (
    DisagreementRow,
    JointErrorRow,
    ModelAgreementRow,
)
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.evaluation.readers import kappa

PAIRS_AT_ONCE = 256
"""Pairs of networks that are processed at a time, which bounds the memory."""
PAIRS_PER_FINDING = 45
"""The most pairs of networks (those of 10) with rows for single findings; more have the mean."""


def agreement(panel: Panel, level: float) -> list[ModelAgreementRow]:
    """Returns Cohen's kappa of each pair of networks at their thresholds, and its mean.

    A unit without a reference label counts too. With several seeds it is the mean over all pairs of
    a seed of one network and a seed of the other; the interval does not contain the variation
    between trainings, nor that of a threshold. The mean is over the findings with a kappa of every
    pair.

    Args:
        panel: The runs that are compared.
        level: Level of the intervals.
    """
    names = panel.networks
    pairs = list(itertools.combinations(range(len(names)), 2))
    runs = [panel.architectures[name] for name in names]
    decided = np.asarray(panel.decided[[m for members in runs for m in members]].all(axis=0))
    if not pairs or not decided.any():
        return []
    rows: list[ModelAgreementRow] = []
    averaged = np.asarray(decided & _defined(panel, runs))
    each = decided if len(pairs) <= PAIRS_PER_FINDING else np.zeros_like(decided)
    for start in range(0, len(pairs), PAIRS_AT_ONCE):
        some = pairs[start : start + PAIRS_AT_ONCE]
        rows += _of_pairs(panel, some, each, averaged, level)
    return sorted(rows, key=lambda row: row.finding != MEAN)


def _defined(panel: Panel, runs: list[list[int]]) -> np.ndarray:
    """Returns whether every pair of networks has a kappa, (F,): none if both call all alike."""
    shares = [panel.decisions[members].mean(axis=1) for members in runs]
    alike = [np.sum([(share == call).any(axis=0) for share in shares], axis=0) for call in (0, 1)]
    return np.asarray(np.max(alike, axis=0) < 2)


def _of_pairs(
    panel: Panel,
    pairs: list[tuple[int, int]],
    each: np.ndarray,
    averaged: np.ndarray,
    level: float,
) -> list[ModelAgreementRow]:
    """Returns the rows of some pairs: of the findings `each`, and of the mean of `averaged`."""
    names = panel.networks
    runs = [panel.architectures[name] for name in names]
    rows: list[ModelAgreementRow] = []
    total = np.zeros((len(pairs), int(panel.resamples.patient.max()) + 1))
    sums, shares, used, present = np.zeros(len(pairs)), np.zeros(len(pairs)), 0, 1
    for f in np.flatnonzero(each | averaged):
        value, share, influence, present = _of_finding(panel, int(f), runs, pairs)
        if averaged[f]:
            total, sums, shares, used = total + influence, sums + value, shares + share, used + 1
        if each[f]:
            low, high = kappa.interval(value, influence, present, level)
            rows += _rows(names, pairs, panel.findings[f], (value, low, high, share), 1)
    if used:
        low, high = kappa.interval(sums / used, total / used, present, level)
        rows += _rows(names, pairs, MEAN, (sums / used, low, high, shares / used), used)
    return rows


def _of_finding(
    panel: Panel, f: int, runs: list[list[int]], pairs: list[tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Returns kappa (Q,), share (Q,), influence (Q, G) and the number of patients."""
    combined = [list(itertools.product(runs[a], runs[b])) for a, b in pairs]
    every = [pair for many in combined for pair in many]
    found = kappa.pairs(
        panel.decisions[:, :, f],
        panel.resamples.patient,
        np.array([i for i, _ in every]),
        np.array([j for _, j in every]),
    )
    starts = np.cumsum([0, *map(len, combined)])[:-1]
    sizes = np.array([len(many) for many in combined])
    return (
        np.add.reduceat(found.kappa, starts) / sizes,
        np.add.reduceat(found.agreement, starts) / sizes,
        np.add.reduceat(found.influence, starts, axis=0) / sizes[:, None],
        found.patients,
    )


def _rows(
    names: list[str],
    pairs: list[tuple[int, int]],
    finding: str,
    numbers: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    defined: int,
) -> list[ModelAgreementRow]:
    return [
        ModelAgreementRow(
            model_a=names[a],
            model_b=names[b],
            finding=finding,
            kappa=value,
            low=low,
            high=high,
            agreement=share,
            defined=defined,
        )
        for (a, b), value, low, high, share in zip(
            pairs, *(column.tolist() for column in numbers), strict=True
        )
    ]


def joint_errors_and_disagreements(
    panel: Panel, units: np.ndarray
) -> tuple[list[JointErrorRow], list[DisagreementRow]]:
    """Returns how networks err jointly, and the units on which they disagree most, per finding.

    The first are how often each network alone is right or wrong, and how often all are. Only units
    with a label and a call of every network count, and two networks are needed. See
    `disagreement` for the calls and for the selected units.

    Args:
        panel: The runs that are compared.
        units: (N,) ids.
    """
    joint: list[JointErrorRow] = []
    divided: list[DisagreementRow] = []
    for f in range(len(panel.findings)):
        calls, depths = disagreement.of_models(panel, f)
        joint += _joint_errors(panel, f, calls)
        selected = disagreement.select(panel.labels[:, f], calls, depths)
        divided += [_disagreement(panel, f, units, one) for one in selected]
    return joint, divided


def _joint_errors(panel: Panel, f: int, calls: np.ndarray) -> list[JointErrorRow]:
    names, label = panel.networks, panel.labels[:, f]
    complete = ~np.isnan(calls).any(axis=0) & ~np.isnan(label)
    if len(names) < 2 or not complete.any():
        return []
    correct = calls[:, complete] == label[complete]
    right = correct.sum(axis=0)
    alone = (correct & (right == 1)).sum(axis=1)
    wrong = (~correct & (right == len(names) - 1)).sum(axis=1)
    return [
        JointErrorRow(
            model=name,
            finding=panel.findings[f],
            right_alone=int(alone[a]),
            wrong_alone=int(wrong[a]),
            all_right=int((right == len(names)).sum()),
            all_wrong=int((right == 0).sum()),
            units=int(complete.sum()),
        )
        for a, name in enumerate(names)
    ]


def _disagreement(
    panel: Panel, f: int, units: np.ndarray, one: disagreement.Selected
) -> DisagreementRow:
    label = panel.labels[one.unit, f]
    return DisagreementRow(
        kind=one.kind,
        finding=panel.findings[f],
        id=str(units[one.unit]),
        patient=str(panel.patients[one.unit]),
        label=float(label),
        right_alone="" if one.model is None else panel.networks[one.model],
        right=float("nan") if np.isnan(label) else one.right,
        positive=one.positive,
        models=one.called,
        strength=one.strength,
    )

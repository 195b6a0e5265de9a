"""Detects columns of other findings and columns with inverted scores."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.inference.multiplicity import holm
from cxrcompare.comparison.swapped_columns import Swap, swapped_columns
from cxrcompare.doctor.joining import Joined
from cxrcompare.doctor.problem import FAMILY, Problem
from cxrcompare.evaluation import chance
from cxrcompare.evaluation.delong import placements


def swaps(joined: Joined) -> list[Swap]:
    """Returns swapped or shifted columns, without those that inverted scores explain better.

    Args:
        joined: Labels and scores.
    """
    found = swapped_columns(joined.labels, joined.scores, joined.patients)
    return [
        one
        for one in found
        if one.p_value <= FAMILY and np.maximum(one.own, 1 - one.own).sum() < one.permuted.sum()
    ]


def swap_problems(found: list[Swap], names: tuple[str, ...]) -> list[Problem]:
    """Returns the message of all swapped columns, with the evidence for each group.

    Args:
        found: The swaps.
        names: The findings.
    """
    if not found:
        return []
    evidence = []
    for swap in found:
        targets = (*swap.columns[1:], swap.columns[0])
        moved = ", ".join(
            f"{names[column]} has the scores of {names[target]} ({own:.3f}, {permuted:.3f})"
            for column, target, own, permuted in zip(
                swap.columns, targets, swap.own, swap.permuted, strict=True
            )
        )
        evidence.append(f"{moved}; adjusted p {swap.p_value:.2g}.")
    text = (
        "Columns have the scores of other findings (AUROC for the finding of their name, and for "
        "the other)."
    )
    return [Problem("columns", text, tuple(evidence), repair="columns", confirm=True)]


def unswapped(joined: Joined, found: list[Swap]) -> np.ndarray:
    """Returns for each finding the column, of all F, that has its scores, (F,).

    Args:
        joined: Labels and scores.
        found: The swaps.
    """
    source = np.arange(len(joined.findings))
    for swap in found:
        for column, target in zip(swap.columns, (*swap.columns[1:], swap.columns[0]), strict=True):
            source[target] = column
    return source


def inverted(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> dict[int, str]:
    """Returns {finding: evidence} of the columns that rank significantly worse than chance.

    Holm's correction is over the findings.

    Args:
        labels: (N, F) in {0, 1, NaN}.
        scores: (N, F).
        patients: (N,) ids.
    """
    findings = range(labels.shape[1])
    p_values = [chance.p_worse(labels[:, f], scores[None, :, f], patients)[0] for f in findings]
    auroc = [float(placements(labels[:, f], scores[None, :, f])[2][0]) for f in findings]
    return {
        f: f"AUROC {auroc[f]:.3f}, inverted {1 - auroc[f]:.3f}; adjusted p {p:.2g}"
        for f, p in enumerate(holm(np.array(p_values)))
        if p <= FAMILY and auroc[f] < 0.5
    }


def inverted_problems(found: dict[int, str], names: tuple[str, ...]) -> list[Problem]:
    """Returns the message of all inverted columns.

    Args:
        found: The columns with the evidence.
        names: The findings.
    """
    if not found:
        return []
    text = f"{len(found)} of {len(names)} columns rank worse than chance: they may be inverted."
    evidence = tuple(f"{names[f]}: {numbers}." for f, numbers in found.items())
    return [Problem("inverted", text, evidence, repair="inverted", confirm=True)]

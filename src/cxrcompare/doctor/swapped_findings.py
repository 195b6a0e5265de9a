"""Detects columns of other findings and columns with inverted scores."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.inference.multiplicity import holm
from cxrcompare.comparison.swapped_columns import Swap, swapped_columns
from cxrcompare.doctor.joining import Joined, mean_auroc
from cxrcompare.doctor.problem import FAMILY, Problem
from cxrcompare.evaluation.auroc import chance
from cxrcompare.evaluation.auroc.delong import placements


@dataclass(frozen=True)
class Columns:
    """How the columns of scores belong to the findings.

    Attributes:
        source: (F,) for each finding the column that has its scores.
        inverted: The findings whose scores are inverted, in corrected order.
        mean: The mean AUROC after both corrections.
        problems: The messages with the evidence.
    """

    source: np.ndarray
    inverted: tuple[int, ...]
    mean: float
    problems: tuple[Problem, ...]


def explained(joined: Joined) -> Columns:
    """Returns which columns are swapped and which are inverted.

    Inverted columns can look swapped, and swapped ones inverted. Swaps are therefore searched in
    the scores as they are, after inverting the columns that rank worse than chance, and after
    inverting all. Then the direction of each column is tested for the finding to which it belongs.
    The explanation with the highest mean AUROC is returned.

    Args:
        joined: Labels and scores.
    """
    worse = _worse(joined, joined.scores)
    every = range(len(joined.findings))
    options = []
    for flipped in dict.fromkeys([(), tuple(worse), tuple(every)]):
        swaps = _swaps(joined, _turned(joined.scores, flipped))
        source = _source(joined, swaps)
        known = _worse(joined, joined.scores[:, source]) if swaps else worse
        options.append(_columns(joined, swaps, source, known, bool(flipped)))
    return max(options, key=lambda one: one.mean)


def _columns(
    joined: Joined,
    swaps: list[Swap],
    source: np.ndarray,
    worse: dict[int, str],
    flipped: bool,
) -> Columns:
    scores = _turned(joined.scores[:, source], worse)
    mean = mean_auroc(joined.labels, scores, joined.patients).value
    problems = (
        *_swap_problems(swaps, joined.findings, flipped),
        *_inverted_problems(worse, joined.findings),
    )
    return Columns(source, tuple(worse), mean, problems)


def _swaps(joined: Joined, scores: np.ndarray) -> list[Swap]:
    found = swapped_columns(joined.labels, scores, joined.patients)
    return [one for one in found if one.p_value <= FAMILY / 2]


def _turned(scores: np.ndarray, columns: Iterable[int]) -> np.ndarray:
    turned = scores.copy()
    turned[:, [*columns]] *= -1
    return turned


def _swap_problems(found: list[Swap], names: tuple[str, ...], flipped: bool) -> list[Problem]:
    """Returns the message of all swapped columns, with the evidence for each group."""
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
    if flipped:
        evidence.append("These AUROCs are after the inversion of inverted columns.")
    text = (
        "Columns have the scores of other findings (AUROC for the finding of their name, and for "
        "the other)."
    )
    return [Problem("columns", text, tuple(evidence), repair="columns", confirm=True)]


def _source(joined: Joined, found: list[Swap]) -> np.ndarray:
    """Returns for each finding the column, of all F, that has its scores, (F,)."""
    source = np.arange(len(joined.findings))
    for swap in found:
        for column, target in zip(swap.columns, (*swap.columns[1:], swap.columns[0]), strict=True):
            source[target] = column
    return source


def _worse(joined: Joined, scores: np.ndarray) -> dict[int, str]:
    """Returns {finding: evidence} of the columns that rank significantly worse than chance.

    Holm's correction is over the findings.
    """
    labels, patients = joined.labels, joined.patients
    findings = range(labels.shape[1])
    p_values = [chance.p_worse(labels[:, f], scores[None, :, f], patients)[0] for f in findings]
    auroc = [float(placements(labels[:, f], scores[None, :, f])[2][0]) for f in findings]
    return {
        f: f"AUROC {auroc[f]:.3f}, inverted {1 - auroc[f]:.3f}; adjusted p {p:.2g}"
        for f, p in enumerate(holm(np.array(p_values)))
        if p <= FAMILY and auroc[f] < 0.5
    }


def _inverted_problems(found: dict[int, str], names: tuple[str, ...]) -> list[Problem]:
    """Returns the message of all inverted columns."""
    if not found:
        return []
    text = f"{len(found)} of {len(names)} columns rank worse than chance: they may be inverted."
    evidence = tuple(f"{names[f]}: {numbers}." for f, numbers in found.items())
    return [Problem("inverted", text, evidence, repair="inverted", confirm=True)]

"""Detects scores written to the rows of other ids: shifted, reversed, sorted, shuffled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import special, stats

from cxrcompare.comparison.inference.multiplicity import holm
from cxrcompare.doctor.ids import Match
from cxrcompare.doctor.joining import Joined, MeanAuroc, enough_patients, mean_auroc
from cxrcompare.doctor.problem import FAMILY, Problem
from cxrcompare.evaluation.auroc import chance
from cxrcompare.evaluation.auroc.influence import standard_error

_SHIFTS = 5
_SMALLEST_GAIN = 0.02
_CHANCE = 0.6
"""Upper limit of the mean AUROC below which rows may be shuffled."""

_FEWEST_FINDINGS = 5


@dataclass(frozen=True)
class Order:
    """An order of rows that fits the labels better.

    Attributes:
        name: What happened to the rows.
        owner: (N,) the row of the id to which the scores of each row belong.
        problem: The message with the evidence.
    """

    name: str
    owner: np.ndarray
    problem: Problem


def misplaced(joined: Joined, found: Match, ids: np.ndarray) -> Order | None:
    """Returns the order of rows that fits the labels significantly better, or None.

    Each order that results from a known mistake is tried. The one with the highest mean AUROC is
    tested: its mean AUROC must exceed both 1/2 and that of the file. The tests are one-sided normal
    tests of the influence functions, clustered by patient, with Bonferroni's correction over all
    orders.

    Args:
        joined: Labels and scores.
        found: The match of ids.
        ids: (N,) the ids of the rows.
    """
    orders = list(_orders(found, ids))
    defined = enough_patients(joined.labels, joined.patients)
    if not orders or not len(defined):
        return None
    labels, scores, patients = joined.labels[:, defined], joined.scores[:, defined], joined.patients
    ranks = stats.rankdata(scores, axis=0)
    name, owner = max(orders, key=lambda one: _quick_mean(labels, placed(ranks, one[1])))
    before = mean_auroc(labels, scores, patients)
    after = mean_auroc(labels, placed(scores, owner), patients)
    error = standard_error(after.influence - before.influence)
    gain = after.value - before.value
    if not (error > 0 and after.error > 0):
        return None
    z = min(gain / error, (after.value - 0.5) / after.error)
    p_value = min(1.0, float(special.ndtr(-z)) * len(orders))
    if p_value > FAMILY or gain < _SMALLEST_GAIN:
        return None
    text = f"The scores are in the rows of other ids: {name}."
    evidence = (
        f"Mean AUROC {before}, and after the change {after}; adjusted p {p_value:.2g} of "
        f"{len(orders)} orders that were tried."
    )
    problem = Problem("rows", text, (evidence,), repair="rows", confirm=True)
    return Order(name, owner, problem)


def shuffled(joined: Joined, probabilities: np.ndarray | None) -> list[Problem]:
    """Returns a problem if scores are at chance for every finding, but fit the prevalences.

    Args:
        joined: Labels and scores.
        probabilities: (N, F) the scores as probabilities, or None if they are other scores.
    """
    found = _at_chance(joined)
    if found is None or probabilities is None or len(found[0]) < _FEWEST_FINDINGS:
        return []
    defined, mean = found
    labels = joined.labels[:, defined]
    prevalence = np.nanmean(labels, axis=0)
    means = np.clip(probabilities[:, defined].mean(axis=0), 1e-9, 1 - 1e-9)
    if np.ptp(means) == 0 or np.ptp(prevalence) == 0:
        return []
    levels = np.asarray(special.logit(means)), np.asarray(special.logit(prevalence))
    fit = stats.pearsonr(*levels, alternative="greater")
    if not fit.pvalue <= FAMILY:
        return []
    text = (
        "The rows are probably shuffled, or the model learned only the prevalences: no finding is "
        "ranked better than chance, but the mean scores fit the prevalences."
    )
    evidence = (
        f"Mean AUROC {mean} of {len(defined)} findings; correlation of mean score and prevalence "
        f"{fit.statistic:.2f} (logits, p {fit.pvalue:.2g})."
    )
    advice = (
        "None of the tried orders fits. Write id and scores of each image together when they are "
        "predicted; check for a data loader that shuffles."
    )
    return [Problem("shuffled", text, (evidence,), advice=advice)]


def not_above_chance(joined: Joined) -> list[Problem]:
    """Returns a note if scores are at chance for every finding, as those of shuffled rows are."""
    found = _at_chance(joined)
    if found is None:
        return []
    text = (
        "No finding is ranked better than chance: the rows may be shuffled, or of other images, or "
        "the model may have no skill."
    )
    evidence = f"Mean AUROC {found[1]} of {len(found[0])} findings; none of the tried orders fits."
    return [Problem("not_above_chance", text, (evidence,), note=True)]


def _at_chance(joined: Joined) -> tuple[np.ndarray, MeanAuroc] | None:
    """Returns the findings with enough patients and their mean AUROC if none is above chance."""
    constant = (joined.scores == joined.scores[:1]).all(axis=0)
    defined = np.setdiff1d(
        enough_patients(joined.labels, joined.patients), np.flatnonzero(constant)
    )
    if not len(defined):
        return None
    labels, scores = joined.labels[:, defined], joined.scores[:, defined]
    mean = mean_auroc(labels, scores, joined.patients)
    if not mean.value + 1.645 * mean.error < _CHANCE:
        return None
    return None if _any_better(labels, scores, joined.patients) else (defined, mean)


def placed(scores: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Returns the scores in the rows of the ids to which they belong, (N, F)."""
    moved = np.empty_like(scores)
    moved[owner] = scores
    return moved


def _orders(found: Match, ids: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    count = len(ids)
    rows = np.arange(count)
    candidates = []
    for shift in range(1, min(_SHIFTS, count - 1) + 1):
        number = f"{shift} row{'s' if shift > 1 else ''}"
        candidates.append((f"each score belongs {number} below", (rows + shift) % count))
        candidates.append((f"each score belongs {number} above", (rows - shift) % count))
    candidates.append(("the order is reversed", rows[::-1]))
    if (found.index >= 0).all():
        order = np.argsort(found.index, kind="stable")
        candidates.append(("the order is that of the reference", order))
    names = [str(name) for name in ids]
    order = np.array(sorted(rows, key=lambda row: names[row]))
    candidates.append(("the order is that of the ids sorted as text", order))
    order = np.array(sorted(rows, key=lambda row: _natural(names[row])))
    candidates.append(("the order is that of the ids sorted by number", order))
    seen = {rows.tobytes()}
    for name, owner in candidates:
        key = np.ascontiguousarray(owner).tobytes()
        if key not in seen:
            seen.add(key)
            yield name, owner


def _natural(name: str) -> list[tuple[int, int, str]]:
    pieces = re.split(r"(\d+)", name)
    return [(0, int(piece), "") if piece.isdecimal() else (1, 0, piece) for piece in pieces]


def _quick_mean(labels: np.ndarray, ranks: np.ndarray) -> float:
    """Returns the mean AUROC from ranks; approximate where labels are unknown."""
    positive, negative = labels == 1, labels == 0
    high = (ranks * positive).sum(axis=0) / positive.sum(axis=0)
    low = (ranks * negative).sum(axis=0) / negative.sum(axis=0)
    return float(np.mean(high - low))


def _any_better(labels: np.ndarray, scores: np.ndarray, patients: np.ndarray) -> bool:
    p_values = [
        chance.p_worse(labels[:, f], -scores[None, :, f], patients)[0]
        for f in range(labels.shape[1])
    ]
    return bool((holm(np.array(p_values)) <= 0.05).any())

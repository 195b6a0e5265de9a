"""The paired permutation test of two AUROCs: the ranks of the models are exchanged by patient."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cxrcompare.evaluation.influence.sign_flips import SignFlips
from cxrcompare.evaluation.ranking import midranks


def exchanged(
    labels: np.ndarray,
    scores: np.ndarray,
    pairs: Sequence[tuple[int, int]],
    patients: np.ndarray,
) -> list[SignFlips]:
    """Returns the distributions of differences of two AUROCs if patients are exchanged.

    Both scores are replaced by their ranks among the units with a known label. With the ranks x, y
    of a positive and of a negative, and s, t = 1, or -1 for an exchanged patient, the contribution
    of the pair to the difference is linear in s and t:

        s (A + B) / 2 + t (A - B) / 2

    with A = [x1 > y1] - [x2 > y2] and B = [x1 > y2] - [x2 > y1], a tie counting one half. So each
    patient contributes a fixed term with a random sign. The test is exact if both models can be
    exchanged, which is more than equal AUROCs.

    Args:
        labels: (N,) in {0, 1, NaN}; unknown labels are excluded.
        scores: (M, N), of all runs.
        pairs: The indices of two runs each.
        patients: (N,), indices of the patients, 0 to G - 1.

    Source: Bandos, Rockette & Gur 2005, doi 10.1002/sim.2149.
    """
    known = ~np.isnan(labels)
    positive = labels[known] == 1
    group, count = patients[known], int(patients.max()) + 1
    runs = {run for pair in pairs for run in pair}
    used = {run: _Ranked.of(scores[run, known], positive) for run in runs}
    found = []
    for a, b in pairs:
        terms = np.zeros(count)
        one, other = used[a], used[b]
        for side, sign in ((0, 1.0), (1, -1.0)):
            first = one.below[side] + _share_below(other.ordered[1 - side], one.sides[side])
            second = _share_below(one.ordered[1 - side], other.sides[side]) + other.below[side]
            values = sign * (first - second) / (2 * max(len(first), 1))
            members = group[positive] if side == 0 else group[~positive]
            terms += np.bincount(members, values, minlength=count)
        found.append(SignFlips(terms))
    return found


class _Ranked(NamedTuple):
    """The ranks of a run.

    Attributes:
        sides: Those of the positives and of the negatives.
        ordered: The same in ascending order.
        below: The share of the other class below each of them.
    """

    sides: tuple[np.ndarray, np.ndarray]
    ordered: tuple[np.ndarray, np.ndarray]
    below: tuple[np.ndarray, np.ndarray]

    @classmethod
    def of(cls, score: np.ndarray, positive: np.ndarray) -> _Ranked:
        ranks = midranks(score)
        sides = ranks[positive], ranks[~positive]
        ordered = np.sort(sides[0]), np.sort(sides[1])
        below = _share_below(ordered[1], sides[0]), _share_below(ordered[0], sides[1])
        return cls(sides, ordered, below)


def _share_below(ordered: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Returns the share of ascending values below each of `at`, ties counting one half."""
    left, right = np.searchsorted(ordered, at), np.searchsorted(ordered, at, side="right")
    return np.asarray((left + right) / (2 * max(len(ordered), 1)))

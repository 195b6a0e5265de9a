"""Selects the cases of a finding by rule: misses, false alarms, and studies that divide networks.

All functions are of one finding. Scores of different networks have no common scale, so they are
compared by their depth, see `disagreement.signed_depths`: the rank of a score among the scores on
its side of the threshold, from -1 (the most certain negative) to 1 (the most certain positive).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from cxrcompare.comparison import disagreement

Rule = Literal["miss", "false_alarm", "one_right", "all_wrong", "split"]

RULES: dict[Rule, tuple[str, str]] = {
    "miss": (
        "Worst misses",
        "Positive studies that at least one network calls negative. The study with the lowest mean "
        "depth over the networks comes first.",
    ),
    "false_alarm": (
        "Worst false alarms",
        "Negative studies that at least one network calls positive. The study with the highest "
        "mean depth over the networks comes first.",
    ),
    "one_right": (
        "Only one network is right",
        "Studies that exactly one network calls as the reference does. The strongest calls on both "
        "sides come first.",
    ),
    "all_wrong": (
        "All networks are wrong",
        "Studies that no network calls as the reference does. The strongest wrong calls come "
        "first.",
    ),
    "split": (
        "Networks are divided most",
        "Studies that some networks call positive and others negative. The most even division "
        "comes first, then the strongest calls.",
    ),
}
"""The title of each rule and its words, in the order of the report."""

DEPTH_WORDS = (
    "The depth of a score is its rank among the scores of its network on the same side of the "
    "threshold, from -1, the most certain negative, to 1, the most certain positive."
)


class Selected(NamedTuple):
    """A selected study.

    Attributes:
        rule: The rule that selected it.
        unit: Its index.
    """

    rule: Rule
    unit: int


def select(
    labels: np.ndarray, scores: np.ndarray, thresholds: np.ndarray, at_most: int
) -> list[Selected]:
    """Returns the cases of each rule, the first `at_most`, in the order of `RULES`.

    A study can be a case of several rules. Of ties the first study comes first. Networks without a
    threshold have no call and are ignored. The rules on division need two networks.

    Args:
        labels: (N,) in {0, 1, NaN}; without a label a study can only be `split`.
        scores: (A, N), a row for each network.
        thresholds: (A,); a score of at least this value is positive; NaN if there is none.
        at_most: The number of cases of each rule.
    """
    known = ~np.isnan(thresholds)
    scores, thresholds = scores[known], thresholds[known]
    if not len(scores):
        return []
    calls = (scores >= thresholds[:, None]).astype(np.float64)
    pairs = zip(scores, thresholds, strict=True)
    depths = np.array([disagreement.signed_depths(row, limit) for row, limit in pairs])
    mean = depths.mean(axis=0)
    missed = (labels == 1) & (calls == 0).any(axis=0)
    alarmed = (labels == 0) & (calls == 1).any(axis=0)
    found = [Selected("miss", unit) for unit in _first(missed, mean, at_most)]
    found += [Selected("false_alarm", unit) for unit in _first(alarmed, -mean, at_most)]
    divided = disagreement.select(labels, calls, depths, at_most)
    return found + [Selected(one.kind, one.unit) for one in divided]


def _first(chosen: np.ndarray, order: np.ndarray, at_most: int) -> list[int]:
    """Returns the chosen units with the smallest values of `order`."""
    units = np.flatnonzero(chosen)
    sorted_units: list[int] = units[np.argsort(order[units], kind="stable")][:at_most].tolist()
    return sorted_units

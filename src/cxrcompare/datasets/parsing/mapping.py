"""A data set's own labels mapped to the findings that have a name here, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cxrcompare.findings import KNOWN, PARENTS


class Rule(NamedTuple):
    """One label and the finding that it is evidence of.

    Attributes:
        label: The label, as the data set spells it.
        finding: A finding's name, or None where the label is evidence of none.
        reason: Why, in a few words.
    """

    label: str
    finding: str | None
    reason: str


def findings_of(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Returns the findings that the rules reach, in the order of the vocabulary."""
    reached = {rule.finding for rule in rules}
    return tuple(name for name in KNOWN if name in reached)


def combine(rules: Sequence[Rule], states: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the states of the findings, by name, each (N,) float64.

    A finding is positive where any of its labels is, uncertain where any is and none is positive,
    not known where any is not known and none is positive or uncertain, else negative.

    Args:
        rules: The mapping.
        states: The labels' states by label, each (N,) in {1, 0, -1, NaN}.
    """
    combined = {}
    for finding in findings_of(rules):
        stack = np.stack([states[rule.label] for rule in rules if rule.finding == finding])
        combined[finding] = np.select(
            [(stack == 1).any(axis=0), (stack == -1).any(axis=0), np.isnan(stack).any(axis=0)],
            [1.0, -1.0, np.nan],
            0.0,
        )
    return combined


def blank_parents(states: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the states with a parent not known where it is negative and a child is positive.

    Data sets name the most specific finding and leave its parent out (consolidation, not opacity),
    so the parent's negative says nothing there.

    Args:
        states: The findings' states by name, each (N,) in {1, 0, -1, NaN}.
    """
    result = {name: values.copy() for name, values in states.items()}
    for child, values in states.items():
        parent = PARENTS.get(child)
        while parent is not None:
            if parent in result:
                result[parent][(values == 1) & (result[parent] == 0)] = np.nan
            parent = PARENTS.get(parent)
    return result

"""Mapping of a data set's own labels to findings of the vocabulary, each with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cxrcompare.findings import KNOWN, PARENTS


class Rule(NamedTuple):
    """One label and the finding that it maps to.

    Attributes:
        label: The label, as the data set spells it.
        finding: A finding's name, or None if the label maps to no finding.
        reason: The reason, in a few words.
    """

    label: str
    finding: str | None
    reason: str


def findings_of(rules: Sequence[Rule]) -> tuple[str, ...]:
    """Returns the findings of the rules, in the order of the vocabulary."""
    mapped = {rule.finding for rule in rules}
    return tuple(name for name in KNOWN if name in mapped)


def combine(rules: Sequence[Rule], states: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Returns the states of the findings, by name, each (N,) float64.

    A finding is positive if any of its labels is positive; else uncertain if any is uncertain; else
    unknown (NaN) if any is unknown; else negative.

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
    """Returns the states, with a negative parent set to unknown if a child is positive.

    Data sets label the most specific finding but not its parent (consolidation, not opacity), so a
    negative parent of a positive child is uninformative.

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

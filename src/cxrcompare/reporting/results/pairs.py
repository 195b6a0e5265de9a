"""Pairs of networks that a report shows."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable

from cxrcompare.reporting.results.estimated import Difference
from cxrcompare.reporting.results.lookup import Results

MOST_PAIRS = 21
"""With more pairs the forest plot shows only the pairs with the first network."""

_MOST_OF_FIRST = 4


def pairs(results: Results, finding: str) -> list[Difference]:
    """Returns the tested pairs of networks, the better-ranked network first.

    With more than `MOST_PAIRS` pairs, only those with the first network are returned.
    """
    chosen = list(itertools.combinations(results.networks, 2))
    if len(chosen) > MOST_PAIRS:
        chosen = [pair for pair in chosen if pair[0] == results.networks[0]]
    found = (results.difference(first, second, finding) for first, second in chosen)
    return [item for item in found if item is not None]


def words(found: Iterable[tuple[str, str]]) -> str:
    """Returns "pairs of networks", or which pairs these are if only those with one network are.

    A result of many networks is condensed; its tables of pairs keep those with the first one.
    """
    known = {frozenset(pair) for pair in found if pair[0] != pair[1]}
    names = frozenset().union(*known)
    shared = names.intersection(*known) if known else frozenset()
    if len(names) < 3 or len(known) == len(names) * (len(names) - 1) // 2 or not shared:
        return "pairs of networks"
    return f"pairs of {min(shared)} with another network"


def of_first(
    results: Results, known: Container[tuple[str, str]]
) -> list[tuple[str, str, tuple[str, str]]]:
    """Returns the first network by rank with each of the next ones, and the pair as it is known.

    Args:
        results: The comparison.
        known: The pairs that have rows, in either order; others are left out.
    """
    found = []
    first, *others = results.networks
    for second in others:
        for pair in ((first, second), (second, first)):
            if pair in known:
                found.append((first, second, pair))
                break
    return found[:_MOST_OF_FIRST]

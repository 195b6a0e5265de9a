"""The networks that a report shows in detail: all of few, the first by rank of many."""

from __future__ import annotations

from cxrcompare.reporting.results.lookup import Results

MOST_DRAWN = 12
"""With more networks, only the first `_OF_MANY` are drawn in detail."""

_OF_MANY = 8


def drawn(results: Results) -> list[str]:
    """Returns the networks with bands, calibration, confusion, matrix and slider."""
    every = results.networks
    return every if len(every) <= MOST_DRAWN else every[:_OF_MANY]


def others(results: Results) -> list[str]:
    """Returns the other networks; their curves are grey until they are highlighted."""
    return results.networks[len(drawn(results)) :]

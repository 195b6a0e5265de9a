"""Sentence: a statement of the methods section with the keys of its references."""

from __future__ import annotations

from typing import NamedTuple

from cxrcompare.reporting.results.lookup import title

_PROPER = {"brier": "Brier score", "hamming_loss": "Hamming loss"}


class Sentence(NamedTuple):
    """A statement.

    Attributes:
        words: The text without its final period.
        cites: Keys of its references, see `bibliography`.
    """

    words: str
    cites: tuple[str, ...] = ()


def metric_name(metric: str) -> str:
    """Returns the display name of a metric as it stands within a sentence."""
    if metric in _PROPER:
        return _PROPER[metric]
    shown = title(metric)
    return shown[0].lower() + shown[1:] if shown[1:2].islower() else shown

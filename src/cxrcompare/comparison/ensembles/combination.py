"""Combines the scores of several runs: mean of probabilities, of logits or of ranks."""

from __future__ import annotations

import numpy as np
from scipy import special

_LARGEST_LOGIT = 27.6  # of 1 - 1e-12


def combine(scores: np.ndarray, rule: str, known: np.ndarray) -> np.ndarray:
    """Returns the combined scores of K runs, (N, F).

    Args:
        scores: (K, N, F); probabilities unless the rule is "ranks".
        rule: "probabilities" (their mean), "logits" (the probability of the mean logit; logits are
            at most 27.6 from 0), or "ranks" (the mean share of known units with
            a lower score, ties count half).
        known: (K, R, F), the scores of the same runs that define the ranks.
    """
    if rule == "probabilities":
        return np.asarray(scores.mean(axis=0))
    if rule == "logits":
        logits = np.clip(special.logit(scores), -_LARGEST_LOGIT, _LARGEST_LOGIT)
        return np.asarray(special.expit(logits.mean(axis=0)))
    if rule == "ranks":
        doubled = np.sum([_doubled_ranks(*pair) for pair in zip(scores, known, strict=True)], 0)
        return np.asarray(doubled / (2 * len(scores) * max(known.shape[1], 1)))
    raise ValueError(f"`rule` must be probabilities, logits or ranks. Received: {rule!r}")


def _doubled_ranks(scores: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Returns twice the number of known units with a lower score, (N, F) int; so ties are exact."""
    found = np.empty(scores.shape, dtype=np.int64)
    for f in range(scores.shape[1]):
        ordered = np.sort(known[:, f])
        below = np.searchsorted(ordered, scores[:, f], side="left")
        not_above = np.searchsorted(ordered, scores[:, f], side="right")
        found[:, f] = below + not_above
    return found

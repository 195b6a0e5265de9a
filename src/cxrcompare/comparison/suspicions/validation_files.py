"""Validation predictions that look like those of another model, by the distribution of scores."""

from __future__ import annotations

import itertools

import numpy as np

from cxrcompare.comparison.data_quality import name_of
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.predictions import Aligned, Note

_LEVELS = np.arange(1, 100) / 100
"""The quantiles of validation that are looked up in the test set."""

_DIFFERENT = 0.15
"""Distance from which two distributions differ; noise of small sets is added."""

_ALIKE = 0.5
"""The distances after the exchange are at most this part of those before it."""

_ALONE = 0.3
"""Distance from which a run is reported if those of all other runs are at most a third of it."""


def check(panel: Panel, validation: Aligned | None) -> list[Note]:
    """Returns warnings about pairs of runs whose validation files were probably exchanged.

    The distance of two runs is the largest difference of the distribution functions of their
    scores, of validation for one and of the test set for the other, averaged over the findings
    (Kolmogorov and Smirnov's distance at the percentiles). Two runs are reported if both are far
    from themselves, and at most half as far from each other. If there are three or more runs, one
    that is far from itself, while all others are not, is reported too: a difference between
    patients would affect all runs.

    Args:
        panel: The runs that are compared, first those of validation.
        validation: The same runs and findings on other patients, or None.
    """
    if validation is None:
        return []
    runs = len(validation.runs)
    distance = _distances(panel.scores[:runs], validation.scores)
    noise = 2 * np.sqrt(1 / len(panel.labels) + 1 / len(validation.labels))
    own = np.diagonal(distance)
    notes, named = [], set()
    for a, b in itertools.combinations(range(runs), 2):
        before, after = distance[[a, b], [a, b]], distance[[a, b], [b, a]]
        if before.min() >= max(_DIFFERENT, noise) and after.max() <= _ALIKE * before.min():
            named |= {a, b}
            text = (
                f"its validation scores are distributed as the test scores of {name_of(panel, b)}, "
                f"and the other way round (distances {before[0]:.2f} and {before[1]:.2f}; "
                f"exchanged {after[0]:.2f} and {after[1]:.2f}): check whether both validation "
                "files were exchanged"
            )
            notes.append(Note("validation_exchanged", text, name_of(panel, a)))
    for m in range(runs) if runs > 2 else ():
        others = np.delete(own, m).max()
        if m not in named and own[m] >= max(_ALONE, noise) and others <= own[m] / 3:
            text = (
                "its validation scores are distributed otherwise than its test scores (distance "
                f"{own[m]:.2f}; at most {others:.2f} for the other runs): check whether they are "
                "of the same model and checkpoint"
            )
            notes.append(Note("validation_of_other_model", text, name_of(panel, m)))
    return notes


def _distances(test: np.ndarray, validation: np.ndarray) -> np.ndarray:
    """Returns the distance of the validation scores of a run to the test scores of another, (M, M).

    Args:
        test: (M, N, F).
        validation: (M, V, F).
    """
    runs, units, findings = test.shape
    found = np.zeros((runs, runs))
    for f in range(findings):
        held_out = np.sort(validation[:, :, f], axis=1)
        points = np.quantile(held_out, _LEVELS, axis=1, method="lower").T  # (M, L)
        below = np.stack(
            [np.searchsorted(row, at, "right") for row, at in zip(held_out, points, strict=True)]
        )
        for b in range(runs):
            share = np.searchsorted(np.sort(test[b, :, f]), points, "right") / units
            gap = np.abs(share - below / held_out.shape[1]).max(axis=1)
            found[:, b] += gap / findings
    return found

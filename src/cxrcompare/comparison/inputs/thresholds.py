"""Thresholds chosen on validation and applied to test; without validation 0.5 or none."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.result.rows import ALL_SEEDS, ThresholdRow
from cxrcompare.evaluation import operating
from cxrcompare.predictions import Aligned, Note

FIXED = 0.5
"""The threshold of probabilities if none can be chosen on validation. Scores then have none."""


def choose(
    test: Aligned, validation: Aligned | None, options: Options
) -> tuple[np.ndarray, list[ThresholdRow], list[Note]]:
    """Returns the threshold of every run and finding, (M, F), how each was chosen, and warnings.

    Args:
        test: The test set; its labels are not used.
        validation: The same runs and findings on other patients, or None.
        options: The rule.
    """
    thresholds = _on_validation(test, validation, options)
    missing = np.isnan(thresholds)
    if not options.scores:
        thresholds[missing] = FIXED
    fallback = "none" if options.scores else "fixed"
    rows = [
        ThresholdRow(
            model=model,
            seed=seed or ALL_SEEDS,
            finding=finding,
            threshold=thresholds[m, f],
            rule=fallback if missing[m, f] else options.chosen_rule,
            source=fallback if missing[m, f] else "validation",
        )
        for m, (model, seed) in enumerate(test.runs)
        for f, finding in enumerate(test.findings)
    ]
    undefined = [test.findings[f] for f in np.flatnonzero(missing.any(axis=0))]
    return thresholds, rows, _notes(validation, undefined, options)


def _on_validation(test: Aligned, validation: Aligned | None, options: Options) -> np.ndarray:
    """Returns the thresholds that the rule chooses on validation, (M, F); NaN where undefined."""
    thresholds = np.full((len(test.runs), len(test.findings)), np.nan)
    if validation is None:
        return thresholds
    rule, target = options.rule
    for m, f in np.ndindex(*thresholds.shape):
        labels, scores = validation.labels[:, f], validation.scores[m, :, f]
        thresholds[m, f] = operating.choose(labels, scores, rule, target).threshold
    return thresholds


def _notes(validation: Aligned | None, undefined: list[str], options: Options) -> list[Note]:
    if validation is None:
        return _without_validation(options)
    consequence = (
        "metrics that need one are not defined" if options.scores else f"the threshold is {FIXED}"
    )
    text = f"validation has only one class, so no threshold can be chosen: {consequence}"
    return [Note("threshold_undefined", text, finding=finding) for finding in undefined]


def _without_validation(options: Options) -> list[Note]:
    consequence = (
        "scores have no threshold, and metrics that need one are not computed"
        if options.scores
        else f"every threshold is {FIXED}, which was not chosen for these models"
    )
    notes = [Note("no_validation", f"no validation predictions: {consequence}")]
    if options.threshold_rule is not None:
        text = (
            f"`threshold_rule` {options.threshold_rule} is ignored: it chooses thresholds on "
            "validation predictions, and none were given"
        )
        notes.append(Note("threshold_rule_ignored", text))
    return notes

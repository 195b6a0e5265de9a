"""Thresholds chosen on validation and applied to test; 0.5, said so, where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxrcompare.comparison.options import Options
from cxrcompare.evaluation import operating
from cxrcompare.predictions import Aligned, Note

FIXED = 0.5


def choose(
    test: Aligned, validation: Aligned | None, options: Options
) -> tuple[np.ndarray, list[dict[str, Any]], list[Note]]:
    """Returns the threshold of every run and finding, (M, F), how each was chosen, and warnings.

    Args:
        test: What is compared; its labels are not looked at.
        validation: The same runs and findings on other patients, or None.
        options: The rule.
    """
    rule, target = options.rule
    thresholds = np.full((len(test.runs), len(test.findings)), np.nan)
    rows, undefined = [], set()
    for m, (model, seed) in enumerate(test.runs):
        for f, finding in enumerate(test.findings):
            said, source = "fixed", "fixed"
            if validation is not None:
                point = operating.choose(
                    validation.labels[:, f], validation.scores[m, :, f], rule, target
                )
                thresholds[m, f], said, source = (
                    point.threshold,
                    options.threshold_rule,
                    "validation",
                )
                if np.isnan(point.threshold):
                    undefined.add(finding)
            if np.isnan(thresholds[m, f]) and not options.scores:
                thresholds[m, f], said, source = FIXED, "fixed", "fixed"
            rows.append(
                {"model": model, "seed": seed, "finding": finding, "threshold": thresholds[m, f],
                 "rule": said, "source": source}
            )  # fmt: skip
    return thresholds, rows, _notes(validation, sorted(undefined), options)


def _notes(validation: Aligned | None, undefined: list[str], options: Options) -> list[Note]:
    if validation is None:
        without = (
            "metrics that need one are left out"
            if options.scores
            else f"every threshold is {FIXED}, which nobody chose for these models"
        )
        return [Note("no_validation", f"no validation predictions: {without}")]
    return [
        Note(
            "threshold_undefined",
            "validation holds one class only, so no threshold can be chosen there; "
            + ("nothing is called" if options.scores else f"{FIXED} is taken"),
            finding=finding,
        )
        for finding in undefined
    ]

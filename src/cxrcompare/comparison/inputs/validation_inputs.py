"""Reads the validation set: the same runs and findings on other patients."""

from __future__ import annotations

import dataclasses

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs.input_tables import named, predictions_of, reference_of
from cxrcompare.comparison.inputs.sources import Sources
from cxrcompare.errors import InputError
from cxrcompare.predictions import Aligned, Predictions, Reference, align


def read(
    test: Aligned, sources: Sources, options: Options
) -> tuple[Aligned | None, list[Reference | Predictions]]:
    """Returns the validation set, aligned as the test set is, and its tables; None without one.

    Args:
        test: The test set.
        sources: The tables.
        options: The unit and the rule for views.

    Raises:
        InputError: A table is not valid, or validation shares studies or patients with the test
            set.
    """
    given, reference = sources.validation, sources.validation_reference
    empty = not named("validation", given)
    if empty == (reference is not None):
        missing = "`validation`" if empty else "`validation_reference`"
        raise InputError(
            f"{missing} must be given too: thresholds need both validation predictions and their "
            "reference standard. Received: one of them"
        )
    if reference is None:
        return None, []
    standard = reference_of(reference, "validation reference")
    files = _matching(test, predictions_of("validation", given, options.has_scores, standard.rows))
    held_out = align(files, standard, options.unit, options.views_rule, test.findings)
    columns = [held_out.findings.index(finding) for finding in test.findings]
    held_out = dataclasses.replace(
        held_out,
        findings=test.findings,
        labels=held_out.labels[:, columns],
        scores=held_out.scores[:, :, columns],
    )
    for what, own, other in (
        ("studies", held_out.studies, test.studies),
        ("patients", held_out.patients, test.patients),
    ):
        shared = np.intersect1d(own.astype(str), other.astype(str))
        if len(shared):
            raise InputError(
                f"{standard.path}: validation must share no {what} with the test set. Received: "
                f"{len(shared)} in both, the first {shared[0]}"
            )
    return held_out, [standard, *files]


def _matching(test: Aligned, files: list[Predictions]) -> list[Predictions]:
    by_run = {(one.name, one.seed): one for one in files}
    missing = [run for run in test.runs if run not in by_run]
    extra = [run for run in by_run if run not in test.runs]
    if missing or extra or len(by_run) < len(files):
        problem = "none for" if missing else "a file without a match," if extra else "two of"
        names = ", ".join(
            f"{name}__seed{seed}" if seed else name for name, seed in missing or extra or by_run
        )
        raise InputError(
            "`validation` must have one file of the same name for each file of predictions. "
            f"Received: {problem} {names}"
        )
    return [by_run[run] for run in test.runs]

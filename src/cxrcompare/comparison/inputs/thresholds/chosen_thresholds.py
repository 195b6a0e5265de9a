"""Thresholds: given by the user, chosen on validation and applied to test, 0.5, or none.

A threshold that was chosen on validation is an estimate. It is chosen again in every replicate on
resampled validation patients, so that intervals and tests contain its noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs.panel import (
    CHOSEN,
    FIXED,
    GIVEN,
    MINIMUM_PATIENTS,
    NO_THRESHOLD,
)
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.bootstrap import decision_replicates
from cxrcompare.evaluation.bootstrap.resampling import Resamples, draw
from cxrcompare.evaluation.thresholds import operating
from cxrcompare.predictions import Aligned, Note

FIXED_THRESHOLD = 0.5
"""The threshold of probabilities if none is given and none can be chosen on validation."""

FEWEST_FOR_A_RATE = 50
"""Validation patients of each class for a threshold of fixed sensitivity or specificity.

With fewer the rule is biased: it chooses a threshold at which the rate is reached, not met. With
20 positives the 95 % interval of the specificity covers 87 %, with 50 it covers 92 to 94 %. Tests
of five equal models at fixed sensitivity are false in 28 % of test sets with 10 positives, in 8 %
with 20, and in 4 % with 50.
"""
_RATES = ("sensitivity", "specificity")


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of M runs and F findings.

    Attributes:
        values: (M, F); NaN where there is none.
        sources: (M, F) text: GIVEN, CHOSEN, FIXED or NO_THRESHOLD of `panel`.
        replicates: (R, M, F), the threshold of each bootstrap replicate; equal to `values` where
            the threshold is frozen.
    """

    values: np.ndarray
    sources: np.ndarray
    replicates: np.ndarray


def choose(
    labels: np.ndarray, scores: np.ndarray, resamples: Resamples, options: Options
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the thresholds that the rule chooses, (M, F), and those of every replicate.

    In a replicate with one class of a finding no threshold can be chosen: it has the threshold of
    the whole validation set.

    Args:
        labels: (N, F) in {0, 1, NaN}, of validation.
        scores: (M, N, F), of validation.
        resamples: Resamples of the validation patients.
        options: The rule.
    """
    rule, target = options.rule
    values = np.array(
        [
            [
                operating.choose(labels[:, f], score[:, f], rule, target).threshold
                for f in range(labels.shape[1])
            ]
            for score in scores
        ]
    )
    replicates = decision_replicates.choose_thresholds(labels, scores, resamples, rule, target)
    return values, np.where(np.isnan(replicates), values, replicates)


def of_networks(
    test: Aligned,
    validation: Aligned | None,
    given: np.ndarray | None,
    probabilities: np.ndarray,
    options: Options,
    resamples: Resamples | None,
) -> tuple[Thresholds, list[Note]]:
    """Returns the thresholds of the prediction files, and warnings.

    Args:
        test: The test set; its labels are not used.
        validation: The same runs and findings on other patients, or None.
        given: (M, F), thresholds of the user, or None.
        probabilities: (M,) bool, whether a file has probabilities.
        options: The rule and the number of replicates.
        resamples: Resamples of the validation patients; None without validation.
    """
    shape = (len(test.runs), len(test.findings))
    fallback = np.where(probabilities, FIXED_THRESHOLD, np.nan)[:, None]
    values = np.broadcast_to(fallback, shape).copy()
    sources = np.full(shape, NO_THRESHOLD, dtype=object)
    sources[probabilities] = FIXED
    replicates = np.broadcast_to(values, (options.replicates, *shape))
    if given is not None:
        values, sources[:] = given, GIVEN
        replicates = np.broadcast_to(values, (options.replicates, *shape))
    elif validation is not None and resamples is not None:
        chosen, drawn = choose(validation.labels, validation.scores, resamples, options)
        usable = ~np.isnan(chosen)
        values, replicates = np.where(usable, chosen, values), np.where(usable, drawn, replicates)
        sources[usable] = CHOSEN
    found = Thresholds(values, sources, replicates)
    return found, _notes(test, validation, given is not None, found, options)


def draw_validation(
    validation: Aligned | None, options: Options, rng: np.random.Generator
) -> Resamples | None:
    """Returns resamples of the validation patients, independent of those of the test set."""
    if validation is None:
        return None
    return draw(validation.patients.astype(str), options.replicates, rng)


def _notes(
    test: Aligned, validation: Aligned | None, given: bool, found: Thresholds, options: Options
) -> list[Note]:
    kinds = _fallback(found.sources)
    notes = []
    if options.threshold_rule is not None and (given or validation is None):
        reason = (
            "the thresholds are given"
            if given
            else "it chooses thresholds on validation predictions, and none were given"
        )
        text = f"`threshold_rule` {options.threshold_rule} is ignored: {reason}"
        notes.append(Note("threshold_rule_ignored", text))
    if given:
        text = (
            "thresholds are given, not chosen on validation: intervals and tests of metrics that "
            "need a threshold hold at the given thresholds"
        )
        return [Note("given_thresholds", text), *notes]
    if validation is None:
        return [Note("no_validation", f"no validation predictions: {kinds}"), *notes]
    undefined = (found.sources == FIXED) | (found.sources == NO_THRESHOLD)
    text = f"validation has only one class, so no threshold can be chosen: {kinds}"
    notes += [
        Note("threshold_undefined", text, finding=test.findings[f])
        for f in np.flatnonzero(undefined.any(axis=0))
    ]
    return notes + _few(validation, undefined.any(axis=0), options)


def _fallback(sources: np.ndarray) -> str:
    """Returns what files without a chosen threshold have, in words."""
    parts = []
    if (sources == FIXED).any():
        parts.append(
            f"the threshold of probabilities is {FIXED_THRESHOLD}, which was not chosen for these "
            "models; metrics at it have no test and no rank"
        )
    if (sources == NO_THRESHOLD).any():
        parts.append("scores have no threshold, and metrics that need one are not computed")
    return "; ".join(parts)


def few_patients(validation: Aligned, options: Options) -> np.ndarray:
    """Returns the findings with too few validation patients for their thresholds, (F,) bool."""
    fewest = FEWEST_FOR_A_RATE if options.rule[0] in _RATES else MINIMUM_PATIENTS
    return np.asarray(_class_patients(validation).min(axis=1) < fewest)


def _class_patients(validation: Aligned) -> np.ndarray:
    _, patient = np.unique(validation.patients.astype(str), return_inverse=True)
    return auroc_tests.class_patients(validation.labels, patient)


def _few(validation: Aligned, undefined: np.ndarray, options: Options) -> list[Note]:
    """Warns about thresholds that are chosen on few patients of a class."""
    return [
        Note(
            "threshold_few_patients",
            f"the threshold is chosen on only {yes} positive and {no} negative validation "
            "patients: metrics at it have no interval and no test",
            finding=finding,
        )
        for finding, (yes, no), few, one in zip(
            validation.findings,
            _class_patients(validation).tolist(),
            few_patients(validation, options),
            undefined,
            strict=True,
        )
        if few and not one
    ]

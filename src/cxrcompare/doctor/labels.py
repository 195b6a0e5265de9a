"""Checks of the reference: label states, and findings that only one of the files has."""

from __future__ import annotations

import difflib

import numpy as np

from cxrcompare import findings as vocabulary
from cxrcompare.doctor.problem import Problem
from cxrcompare.predictions import Predictions, Reference
from cxrcompare.predictions.columns import finding_key


def problems(predictions: Predictions, reference: Reference) -> list[Problem]:
    """Returns the problems of the labels and of the names of the findings.

    Args:
        predictions: The predictions.
        reference: The reference; values in {-1, 0, 1, NaN}.
    """
    return [*_states(reference), *_unknown(predictions, reference), *_one(predictions, reference)]


def _states(reference: Reference) -> list[Problem]:
    counts = (reference.values == -1).sum(axis=0)
    if not counts.any():
        return []
    text = (
        "The reference has uncertain labels (-1), as the labels of a training set have; `compare` "
        "needs 1, 0 or blank."
    )
    shown = ", ".join(
        f"{name} {count}" for name, count in zip(reference.findings, counts, strict=True) if count
    )
    evidence = f"{counts.sum()} cells of {reference.values.size}: {shown}."
    advice = (
        "Use the labels that radiologists made for the test set. If there are none, leave the "
        "cells blank: they are then excluded."
    )
    return [Problem("label_states", text, (evidence,), advice=advice)]


def _unknown(predictions: Predictions, reference: Reference) -> list[Problem]:
    known = {finding_key(name) for name in reference.findings}
    unknown = [
        name
        for name in predictions.findings
        if vocabulary.canonical(name) is None and finding_key(name) not in known
    ]
    if not unknown:
        return []
    choices = [*reference.findings, *vocabulary.KNOWN]
    evidence = []
    for name in unknown:
        close = difflib.get_close_matches(name, choices, n=1)
        evidence.append(f"{name!r}" + (f", close to {close[0]!r}." if close else "."))
    text = "Columns have names that are neither known findings nor findings of the reference."
    advice = "Rename or remove them in the header; `compare` does not accept them."
    return [Problem("unknown_findings", text, tuple(evidence), advice=advice)]


def _one(predictions: Predictions, reference: Reference) -> list[Problem]:
    here = {finding_key(name): name for name in predictions.findings}
    there = {finding_key(name): name for name in reference.findings}
    lacking = [name for key, name in there.items() if key not in here]
    unused = [
        name
        for key, name in here.items()
        if key not in there and vocabulary.canonical(name) is not None
    ]
    evidence = []
    if lacking:
        evidence.append(f"Only in the reference: {', '.join(lacking)}.")
    if unused:
        evidence.append(f"Only in the predictions: {', '.join(unused)}.")
    if not evidence:
        return []
    shared = len(set(here) & set(there))
    text = f"{shared} findings are in both files; `compare` leaves out the others."
    if shared:
        return [Problem("findings_differ", text, tuple(evidence), note=True)]
    advice = "Check that the reference is of the same data set."
    return [Problem("no_findings", "The files share no finding.", tuple(evidence), advice=advice)]


def prevalence(labels: np.ndarray) -> np.ndarray:
    """Returns the share of positives of each finding, (F,); NaN if no label is known."""
    known = (~np.isnan(labels)).sum(axis=0)
    share = np.full(labels.shape[1], np.nan)
    np.divide(np.nansum(labels, axis=0), known, out=share, where=known > 0)
    return share

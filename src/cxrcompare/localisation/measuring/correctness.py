"""Whether networks localise a finding better where they detect it: an AUROC, tested."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.row_types.localisation_rows import LocalisationCorrectnessRow
from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.localisation.measuring.measures import METRICS, Measured
from cxrcompare.localisation.tables import Choices, groups_of, models_of

METRIC = "map_auroc"
"""The measure whose association with detection is tested: it needs no threshold of the map."""


def margins(measured: Measured, thresholds: np.ndarray) -> dict[str, np.ndarray]:
    """Returns the logit minus the threshold, (N, F), mean over the seeds of each network.

    Args:
        measured: The measures.
        thresholds: (S, F), the logits from which a set's network predicts a finding.
    """
    found = {}
    for model, members in models_of(measured.sets).items():
        logits = [measured.sets[s].logits for s in members]
        if measured.sets[members[0]].kind == "network" and all(one is not None for one in logits):
            found[model] = np.mean(
                [one - thresholds[s] for one, s in zip(logits, members, strict=True)], axis=0
            )
    return found


def rows(
    measured: Measured, patients: Sequence[str], thresholds: np.ndarray, choices: Choices
) -> list[LocalisationCorrectnessRow]:
    """Returns the association of localisation with detection, for each network and finding.

    Of the images with a region of the finding, the measure of those that the network predicts
    positive is compared with that of the others: the AUROC is the chance that a detected image has
    the higher measure. An AUROC of 0.5 means that localisation does not tell hits from misses.

    Args:
        measured: The measures.
        patients: The patient of each image.
        thresholds: (S, F), the logits from which a set's network predicts a finding.
        choices: Level, correction and the number of patients needed on both sides.
    """
    groups = groups_of(patients)
    values = measured.values[..., METRICS.index(METRIC)]
    made = []
    for model, above in margins(measured, thresholds).items():
        mean = values[models_of(measured.sets)[model]].mean(axis=0)
        for f, finding in enumerate(measured.sets[0].findings):
            used = measured.parts[:, f] > 0
            detected = above[used, f] >= 0
            if not used.any():
                continue
            ends = _associated(detected, mean[used, f], groups[used], choices)
            made.append(
                LocalisationCorrectnessRow(
                    model,
                    finding,
                    METRIC,
                    float(detected.sum()),
                    float((~detected).sum()),
                    *ends,
                    p_adjusted=np.nan,
                )
            )
    adjusted = adjust(np.array([_number(row.p_value) for row in made]), choices.correction)
    return [
        row._replace(p_adjusted=float(value)) for row, value in zip(made, adjusted, strict=True)
    ]


def _number(value: float | None) -> float:
    return np.nan if value is None else value


def _associated(
    detected: np.ndarray, values: np.ndarray, groups: np.ndarray, choices: Choices
) -> tuple[float, float, float, float]:
    """Returns the AUROC, its interval, and the two-sided p-value of 0.5."""
    labels = detected.astype(np.float64)[:, None]
    index = np.unique(groups, return_inverse=True)[1]
    few = auroc_tests.class_patients(labels, index).min()
    if few < 2:
        return (np.nan,) * 4
    found = auroc_tests.estimate(labels, values[None, :, None], index, [[0]], np.array([True]))
    value, error = float(found.value[0, 0]), float(found.patient_sd[0, 0])
    if few < choices.least_patients:
        return value, np.nan, np.nan, np.nan
    low, high = auroc_tests.intervals(found, choices.level)
    p_value = 2 * student_t.upper_tail(abs(value - 0.5) / error, few - 1) if error > 0 else np.nan
    return value, float(low[0, 0]), float(high[0, 0]), float(p_value)

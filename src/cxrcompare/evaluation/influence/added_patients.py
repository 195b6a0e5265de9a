"""Estimates with patients added whose results are known, for intervals where patients are few."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cxrcompare.evaluation.influence.influence_estimates import Estimates


def with_patients(estimates: Estimates, effects: np.ndarray, number: np.ndarray) -> Estimates:
    """Returns the estimates with more patients, or parts of a patient, in the sides of findings.

    With n patients of a side and w more, the value changes by w e / (n + w), where e is the effect
    if all were such patients. The sum of squared deviations of the side grows by
    e^2 w n / (n + w). The mean over findings is that of the changed findings.

    Args:
        estimates: The estimates.
        effects: (K - 1, S, A), the effects e on the findings and on all pooled.
        number: (K - 1, S), the numbers w of patients to add.
    """
    findings = len(estimates.eligible)
    value, covariance = estimates.value.copy(), estimates.covariance.copy()
    parts, patients = estimates.parts.copy(), estimates.patients + number
    diagonal = np.arange(len(value))
    averaged = max(int(estimates.eligible.sum()), 1)
    for part, side in np.argwhere(number > 0):
        entry = estimates.entries_of_parts[part]
        n, more, effect = estimates.patients[part, side], patients[part, side], effects[part, side]
        before = parts[part, side, diagonal, diagonal]
        squares = before * n * (n - 1) + number[part, side] * effect**2 * n / more
        after = squares / ((more - 1) * more)
        parts[part, side, diagonal, diagonal] = after
        covariance[entry, diagonal, diagonal] += after - before
        change = number[part, side] * effect / more
        value[:, entry] += change
        if part < findings and estimates.eligible[part]:
            value[:, findings] += change / averaged
            covariance[findings, diagonal, diagonal] += (after - before) / averaged**2
    return replace(estimates, value=value, covariance=covariance, parts=parts, patients=patients)

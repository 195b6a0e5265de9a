"""The reference as a labeller against the second reference: kappa, sensitivity, specificity."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.label_rows import ReferenceAgreementRow
from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.groups import group_estimates
from cxrcompare.evaluation.readers import kappa


def agreement(panel: Panel, second: np.ndarray, level: float) -> list[ReferenceAgreementRow]:
    """Returns a row per finding with units that both references label.

    The intervals of sensitivity and specificity have two more units, one right and one wrong
    (Agresti & Coull 1998, doi 10.1080/00031305.1998.10480550), and are clustered by patient.

    Args:
        panel: The runs that are compared; its labels are the labeller's.
        second: (N, F) in {0, 1, NaN}, the labels that count as true.
        level: Level of the intervals.
    """
    rows = []
    for f, finding in enumerate(panel.findings):
        known = ~(np.isnan(panel.labels[:, f]) | np.isnan(second[:, f]))
        if not known.any():
            continue
        label, true = panel.labels[known, f] == 1, second[known, f] == 1
        patients = np.unique(panel.resamples.patient[known], return_inverse=True)[1]
        found = kappa.pairs(np.stack([label, true]), patients, np.array([0]), np.array([1]))
        low, high = kappa.interval(found.kappa, found.influence, found.patients, level)
        rows.append(
            ReferenceAgreementRow(
                finding,
                int(known.sum()),
                int(label.sum()),
                int(true.sum()),
                float(found.kappa[0]),
                float(low[0]),
                float(high[0]),
                *_rate(label[true], patients[true], level),
                *_rate(~label[~true], patients[~true], level),
            )
        )
    return rows


def _rate(right: np.ndarray, patients: np.ndarray, level: float) -> tuple[float, float, float]:
    """Returns a share of units with its interval."""
    if not len(right):
        return (float("nan"),) * 3
    count = int(patients.max()) + 1
    found = group_estimates.rate(right[None].astype(float), patients, count, [[0]], added=True)
    own = found.influence[0] - found.offset
    error = np.sqrt(float(own @ own) + found.added[0])
    half = student_t.quantile((1 + level) / 2, max(len(np.unique(patients)) - 1, 1)) * error
    value = float(found.value[0])
    low, high = float(found.centre[0] - half), float(found.centre[0] + half)
    return value, min(max(low, 0.0), value), max(min(high, 1.0), value)

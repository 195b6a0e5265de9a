"""The truth: correlated findings of a study, and their severities."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.special import ndtri

from cxrcompare.findings import CHEXPERT, PARENTS

_CAUSES: dict[str, tuple[float, float, float, float, float]] = {
    # own prevalence; loadings on illness, heart failure, infection, injury
    "Enlarged Cardiomediastinum": (0.10, 0.25, 0.20, 0.0, 0.10),
    "Cardiomegaly": (0.19, 0.20, 0.65, 0.0, -0.10),
    "Lung Opacity": (0.07, 0.20, 0.0, 0.10, 0.0),
    "Lung Lesion": (0.065, 0.10, -0.20, 0.10, -0.10),
    "Edema": (0.27, 0.45, 0.65, -0.10, -0.10),
    "Consolidation": (0.08, 0.35, -0.10, 0.60, 0.0),
    "Pneumonia": (0.075, 0.20, -0.10, 0.75, -0.10),
    "Atelectasis": (0.24, 0.50, 0.10, 0.10, 0.25),
    "Pneumothorax": (0.105, 0.20, -0.30, -0.20, 0.65),
    "Pleural Effusion": (0.41, 0.50, 0.45, 0.20, 0.10),
    "Pleural Other": (0.045, 0.0, 0.0, 0.10, 0.20),
    "Fracture": (0.065, 0.0, -0.10, -0.10, 0.60),
    "Support Devices": (0.54, 0.65, 0.15, 0.05, 0.25),
}
"""Own prevalence of each finding, to which children add, and its loadings on the four causes."""


def draw_truth(rng: np.random.Generator) -> dict[str, float]:
    """Returns the severity, in (0, 1], of each finding of a study.

    Parents that follow only from a child have no entry; `present` adds them.

    Args:
        rng: Random numbers.
    """
    found = draw_findings(1, rng)[0]
    severity = 0.12 + 0.88 * rng.beta(1.6, 1.6, len(_CAUSES))
    return {
        finding: float(value)
        for finding, value, true in zip(_CAUSES, severity, found, strict=True)
        if true
    }


def draw_findings(count: int, rng: np.random.Generator) -> np.ndarray:
    """Returns the findings of studies without the hierarchy, (count, 13) bool, CheXpert's order.

    A finding is present if a weighted sum of four latent causes (illness, heart failure,
    infection, injury) and noise exceeds the quantile of its prevalence.

    Args:
        count: Number of studies.
        rng: Random numbers.
    """
    table = np.array(list(_CAUSES.values()))
    loads, own = table[:, 1:], np.sqrt(1.0 - (table[:, 1:] ** 2).sum(axis=1))
    causes = rng.standard_normal((count, loads.shape[1]))
    drive = causes @ loads.T + own * rng.standard_normal((count, len(table)))
    return drive > -ndtri(table[:, 0])


def present(severities: Iterable[str]) -> np.ndarray:
    """Returns the true findings, (14,) float in {0, 1}, in CheXpert's order.

    A child implies its parents. No Finding is true if nothing or only a device is present.
    """
    true = set(severities)
    for finding in tuple(true):
        while finding in PARENTS:
            finding = PARENTS[finding]
            true.add(finding)
    if not true - {"Support Devices"}:
        true.add("No Finding")
    return np.array([float(finding in true) for finding in CHEXPERT])

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest


@dataclass(frozen=True)
class Problem:
    """Labels (N, F), scores (M, N, F) in [0, 1] and patients (N,) to try things on."""

    labels: np.ndarray
    scores: np.ndarray
    patients: np.ndarray
    rng: np.random.Generator


@pytest.fixture
def problem() -> Callable[..., Problem]:
    """Draws a problem: several units per patient, tied scores, unknown labels."""

    def draw(
        seed: int = 0,
        units: int = 90,
        findings: int = 3,
        models: int = 2,
        decimals: int = 2,
        unknown: float = 0.05,
        prevalence: float = 0.3,
    ) -> Problem:
        rng = np.random.default_rng(seed)
        labels = (rng.random((units, findings)) < prevalence).astype(np.float64)
        noise = rng.random((models, units, findings))
        scores = np.round(0.7 * noise + 0.3 * labels, decimals)
        labels[rng.random(labels.shape) < unknown] = np.nan
        patients = rng.integers(0, max(2, 2 * units // 3), units)
        return Problem(labels, scores, patients, rng)

    return draw

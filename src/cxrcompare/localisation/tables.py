"""The results of localisation as rows, and the choices of the analysis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.localisation_rows import (
    LocalisationCorrectnessRow,
    LocalisationDifferenceRow,
    LocalisationRow,
    MapAgreementRow,
    MapMassRow,
)
from cxrcompare.comparison.row_types.main_rows import WarningRow
from cxrcompare.localisation.maps.map_set import MapSet

MARGIN = 0.05
"""Margin of equivalence of all measures of localisation, which are in [0, 1]."""
OUTSIDE = 0.5
"""Share of the excess of the maps in the area below which most of it is outside."""


@dataclass(frozen=True)
class Choices:
    """Choices of the analysis.

    Attributes:
        level: Of all intervals.
        correction: Of p-values, "bonferroni", "holm" or "fdr".
        least_patients: Patients that a finding needs for intervals and tests.
        margin: Of equivalence.
    """

    level: float = 0.95
    correction: str = "holm"
    least_patients: int = 10
    margin: float = MARGIN


@dataclass
class Localisation:
    """All rows of localisation."""

    measures: list[LocalisationRow] = field(default_factory=list)
    differences: list[LocalisationDifferenceRow] = field(default_factory=list)
    agreement: list[MapAgreementRow] = field(default_factory=list)
    correctness: list[LocalisationCorrectnessRow] = field(default_factory=list)
    mass: list[MapMassRow] = field(default_factory=list)
    warnings: list[WarningRow] = field(default_factory=list)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Returns the rows as tables, by the name of their file; those without rows are empty."""
        return {
            "localisation": table("localisation", self.measures),
            "localisation_differences": table("localisation_differences", self.differences),
            "map_agreement": table("map_agreement", self.agreement),
            "localisation_correctness": table("localisation_correctness", self.correctness),
            "map_mass": table("map_mass", self.mass),
        }


def models_of(sets: Sequence[MapSet]) -> dict[str, list[int]]:
    """Returns the indices of the sets (seeds) of each model, in order."""
    found: dict[str, list[int]] = {}
    for index, one in enumerate(sets):
        found.setdefault(one.model, []).append(index)
    return found


def groups_of(patients: Sequence[str]) -> np.ndarray:
    """Returns the index of each image's patient, (N,)."""
    return np.unique(np.asarray(patients), return_inverse=True)[1]


def patients_with(used: np.ndarray, groups: np.ndarray) -> int:
    """Returns the number of patients of some images.

    Args:
        used: (N,) bool.
        groups: (N,) indices of the patients.
    """
    return len(np.unique(groups[used]))

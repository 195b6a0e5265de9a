"""Tests that each finding changes the image, more so where it is more severe."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.synthetic.study import Study

from ..studies import BODY, ILLNESSES, exposure, projected, study


@pytest.mark.parametrize("finding", ILLNESSES)
@pytest.mark.parametrize("view", ["PA", "AP", "lateral"])
def test_every_finding_changes_the_image(finding, view):
    how = exposure(view, upright=view != "AP")
    _, without = projected(study(), how)
    _, with_it = projected(Study(BODY, {finding: 0.7}, (1, 2, 3), True), how)
    assert (np.abs(with_it.attenuation - without.attenuation) > 0.05).sum() > 5


@pytest.mark.parametrize("finding", [name for name in ILLNESSES if "Cardio" not in name])
def test_a_more_severe_finding_changes_the_attenuation_more(finding):
    def change(severity: float) -> float:
        ill = Study(BODY, {finding: severity}, (1, 2, 3), True)
        return sum(float(np.abs(part).sum()) for part in projected(ill)[1].parts.values())

    assert change(0.15) < change(0.95)
    assert change(0.15) > 0


def test_healthy_studies_have_no_part():
    assert projected(study())[1].parts == {}

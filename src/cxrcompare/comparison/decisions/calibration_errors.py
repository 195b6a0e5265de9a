"""Calibration of networks compared."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.families import BETTER_IF_LOWER, verdict
from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.calibration_rows import (
    CalibrationDifferenceRow,
    CalibrationRow,
)
from cxrcompare.evaluation.probabilities import smooth_calibration as smooth


def compare(
    panel: Panel, options: Options
) -> tuple[list[CalibrationRow], list[CalibrationDifferenceRow]]:
    """Returns the smoothed calibration errors and their paired differences, per eligible finding.

    Tests that a network is calibrated are adjusted over networks and findings, those of differences
    over pairs and findings.

    Args:
        panel: The runs that are compared.
        options: Level and correction.
    """
    names = with_probabilities(panel)
    errors: list[CalibrationRow] = []
    pairs: list[CalibrationDifferenceRow] = []
    chosen = [m for name in names for m in panel.architectures[name]]
    entries = [[chosen.index(m) for m in panel.architectures[name]] for name in names]
    for f in np.flatnonzero(panel.eligible) if names else []:
        patient = panel.resamples.patient
        found = smooth.estimate(panel.labels[:, f], panel.scores[chosen, :, f], patient, entries)
        own = smooth.intervals(found, options.level)
        ends = [smooth.root(side) for side in (own.value, own.low, own.high)]
        finding = panel.findings[f]
        for a, name in enumerate(names):
            value, low, high = (float(side[a]) for side in ends)
            p_value = float(own.p_value[a])
            errors.append(CalibrationRow(name, finding, value, low, high, p_value, None))
        first, second = (side.tolist() for side in np.triu_indices(len(names), 1))
        tested = smooth.differences(found, first, second, options.level)
        for q, (a, b) in enumerate(zip(first, second, strict=True)):
            pairs.append(
                CalibrationDifferenceRow(
                    model_a=names[a],
                    model_b=names[b],
                    finding=finding,
                    difference=float(tested.value[q]),
                    low=float(tested.low[q]),
                    high=float(tested.high[q]),
                    p_value=float(tested.p_value[q]),
                    p_adjusted=None,
                    verdict="",
                )
            )
    p_errors = adjust(np.array([row.p_value for row in errors], dtype=float), options.correction)
    p_pairs = adjust(np.array([row.p_value for row in pairs], dtype=float), options.correction)
    return (
        [row._replace(p_adjusted=p) for row, p in zip(errors, p_errors.tolist(), strict=True)],
        [
            row._replace(
                p_adjusted=p,
                verdict=verdict(row.difference, p, np.nan, options.level, BETTER_IF_LOWER),
            )
            for row, p in zip(pairs, p_pairs.tolist(), strict=True)
        ],
    )


def with_probabilities(panel: Panel) -> list[str]:
    """Returns the networks with probabilities."""
    return [name for name in panel.networks if panel.probabilities[panel.architectures[name]].all()]

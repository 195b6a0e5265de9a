"""The tables of a comparison on decisions."""

from __future__ import annotations

import pandas as pd

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.decisions import (
    calibration_errors,
    decision_curves,
    operating_points,
    recalibrated_models,
    site,
    views_calibration,
)
from cxrcompare.comparison.inference.estimates.seed_averages import Noise
from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.row_types.main_rows import DifferenceRow, MetricRow


def of_probabilities(panel: Panel, inputs: Inputs, options: Options) -> dict[str, pd.DataFrame]:
    """Returns the tables of net benefit and of calibration by name; they need no replicates.

    Args:
        panel: The runs that are compared.
        inputs: The same runs on other patients, and with another rule for several views.
        options: See `Options`.
    """
    decided = decision_curves.compare(panel, options)
    errors, error_pairs = calibration_errors.compare(panel, options)
    views = views_calibration.compare(panel, inputs.other_views, options)
    recalibrated = recalibrated_models.compare(panel, inputs.validation, options)
    return {
        "net_benefit": table("net_benefit", decided.curves),
        "net_benefit_differences": table("net_benefit_differences", decided.pairs),
        "net_benefit_opponents": table("net_benefit_opponents", decided.opponents),
        "calibration_errors": table("calibration_errors", errors),
        "calibration_differences": table("calibration_differences", error_pairs),
        "recalibrated": table("recalibrated", recalibrated.rows),
        "recalibrated_differences": table("recalibrated_differences", recalibrated.differences),
        "recalibrated_curves": table("recalibrated_curves", recalibrated.curves),
        "views_calibration": table("views_calibration", views),
    }


def at_thresholds(
    panel: Panel,
    runs: dict[str, Scored],
    averaged: dict[str, tuple[Scored, Noise]],
    estimates: list[MetricRow],
    compared: list[DifferenceRow],
    inputs: Inputs,
    options: Options,
) -> dict[str, pd.DataFrame]:
    """Returns the tables of what models do at operating points by name.

    Args:
        panel: The runs that are compared.
        runs: The metrics of the runs with their replicates.
        averaged: The metrics of the architectures with their replicates, and their noise.
        estimates: The rows of metrics of the architectures.
        compared: The rows of differences.
        inputs: The site of the user.
        options: See `Options`.
    """
    scored = {name: one for name, (one, _) in averaged.items()}
    at_site, costs = site.rows(panel, scored, runs, estimates, inputs.site_of_finding, options)
    points = operating_points.rows(
        panel, estimates, compared, at_site, inputs.site_of_finding, options
    )
    return {
        "at_prevalence": table("at_prevalence", at_site),
        "cost_differences": table("cost_differences", costs),
        "operating_points": table("operating_points", points),
    }

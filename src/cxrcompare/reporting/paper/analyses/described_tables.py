"""The further tables of a comparison in reading order, each with the function that describes it."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from cxrcompare.reporting.paper.analyses import (
    decision_analyses,
    group_analyses,
    label_analyses,
    model_analyses,
)
from cxrcompare.reporting.paper.sentence import Sentence
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results

ELSEWHERE = MappingProxyType(
    {
        "metrics": "the sentences on metrics and intervals",
        "differences": "the sentences on paired tests",
        "ranks": "the sentences on paired tests",
        "counts": "the sentence on positives and negatives",
        "thresholds": "the sentence on thresholds, from the protocol",
        "confusion": "counts at these thresholds, no method of their own",
        "warnings": "findings of the program, not a method",
    }
)
"""Tables that other sentences describe, or that need none."""

_TABLES: tuple[Callable[[Results], list[Sentence]], ...] = (
    model_analyses.non_inferiority,
    model_analyses.against_trivial,
    model_analyses.analytic,
    decision_analyses.sample_size,
    decision_analyses.resolution,
    decision_analyses.net_benefit,
    decision_analyses.net_benefit_differences,
    decision_analyses.net_benefit_opponents,
    decision_analyses.at_prevalence,
    decision_analyses.cost_differences,
    decision_analyses.calibration_errors,
    decision_analyses.calibration_differences,
    decision_analyses.views_calibration,
    decision_analyses.recalibrated,
    decision_analyses.recalibrated_differences,
    decision_analyses.recalibrated_curves,
    decision_analyses.operating_points,
    group_analyses.subgroup_gaps,
    group_analyses.gap_differences,
    group_analyses.added_to_metadata,
    group_analyses.site_metrics,
    group_analyses.site_differences,
    group_analyses.site_pooled,
    model_analyses.partial_pooling,
    label_analyses.readers,
    label_analyses.agreement,
    label_analyses.reader_panel,
    decision_analyses.reader_net_benefit,
    label_analyses.reference_agreement,
    label_analyses.reference_models,
    label_analyses.reference_pairs,
    label_analyses.reference_order,
    label_analyses.label_correction,
    label_analyses.label_correction_pairs,
    model_analyses.model_agreement,
    model_analyses.joint_errors,
    model_analyses.disagreements,
    model_analyses.multilabel_confusion,
    model_analyses.localisation,
    model_analyses.localisation_differences,
    model_analyses.map_agreement,
    model_analyses.localisation_correctness,
    model_analyses.map_mass,
)
DESCRIBED = MappingProxyType({describe.__name__: describe for describe in _TABLES})
"""The function of each table, which has the name of the table."""


def further(results: Results) -> list[Sentence]:
    """Returns the sentences on further analyses, each only if its table has rows."""
    groups = results.comparison.subgroups
    found = [Sentence(f"Subgroups were formed by {numbers.listed(list(groups))}")] if groups else []
    for table, describe in DESCRIBED.items():
        if len(getattr(results.comparison, table)):
            found += describe(results)
    return found

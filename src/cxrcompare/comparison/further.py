"""Further tables of a comparison: groups of patients, agreement of models, two references."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from cxrcompare.comparison import model_agreement, pooled_findings
from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs.baselines import metadata_baseline
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.readers import reader_panel
from cxrcompare.comparison.references import (
    label_agreement,
    label_correction,
    two_references,
)
from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.sites import site_rows
from cxrcompare.comparison.subgroups import gap_rows
from cxrcompare.predictions import Note

_NOT_COMPARED = (
    "no finding has enough patients of both classes in both references: the references are not "
    "compared"
)


def tables(
    panel: Panel, inputs: Inputs, options: Options
) -> tuple[dict[str, pd.DataFrame], list[Note]]:
    """Returns the further tables by name, and warnings.

    Args:
        panel: The runs that are compared.
        inputs: The files that were read.
        options: See `Options`.
    """
    gaps, gap_differences = gap_rows.gaps(
        panel, metadata_baseline.groups(inputs.test_metadata), options
    )
    joint, divided = model_agreement.joint_errors_and_disagreements(panel, inputs.test.units)
    rows: dict[str, Sequence[NamedTuple]] = {
        "subgroup_gaps": gaps,
        "gap_differences": gap_differences,
        "model_agreement": model_agreement.agreement(panel, options.level),
        "joint_errors": joint,
        "partial_pooling": pooled_findings.rows(panel, options),
        "disagreements": divided,
    }
    notes: list[Note] = []
    if inputs.second_labels is not None:
        found = two_references.compare(panel, inputs.second_labels, options)
        rows |= {
            "reference_agreement": label_agreement.agreement(
                panel, inputs.second_labels, options.level
            ),
            "reference_models": found.models,
            "reference_pairs": found.pairs,
            "reference_order": found.order,
        }
        if not found.models:
            notes.append(Note("references_not_compared", _NOT_COMPARED))
    beside = reader_panel.compare(panel, inputs.ratings, options)
    rows |= {"reader_panel": beside.against, "reader_net_benefit": beside.net_benefit}
    notes += beside.notes
    if inputs.sites is not None:
        over = site_rows.compare(panel, inputs.sites, options)
        rows |= {
            "site_metrics": over.metrics,
            "site_differences": over.differences,
            "site_pooled": over.pooled,
        }
        notes += over.notes
    if inputs.labeller_rates:
        corrected, pairs, notes_of_rates = label_correction.correct(
            panel, inputs.labeller_rates, options
        )
        rows |= {"label_correction": corrected, "label_correction_pairs": pairs}
        notes += notes_of_rates
    return {name: table(name, many) for name, many in rows.items()}, notes

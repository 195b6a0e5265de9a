"""Further tables of a comparison: groups of patients, and agreement of models."""

from __future__ import annotations

import pandas as pd

from cxrcompare.comparison import model_agreement
from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs import metadata_baseline
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.subgroups import gap_rows


def tables(panel: Panel, inputs: Inputs, options: Options) -> dict[str, pd.DataFrame]:
    """Returns the further tables by name.

    Args:
        panel: The runs that are compared.
        inputs: The files that were read.
        options: See `Options`.
    """
    gaps, gap_differences = gap_rows.gaps(
        panel, metadata_baseline.groups(inputs.test_metadata), options
    )
    return {
        "subgroup_gaps": table("subgroup_gaps", gaps),
        "gap_differences": table("gap_differences", gap_differences),
        "model_agreement": table(
            "model_agreement", model_agreement.agreement(panel, options.level)
        ),
        "joint_errors": table("joint_errors", model_agreement.joint_errors(panel)),
        "disagreements": table(
            "disagreements", model_agreement.disagreements(panel, inputs.test.units)
        ),
    }

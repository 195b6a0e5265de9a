"""The tables of a comparison on decisions."""

from __future__ import annotations

import pandas as pd

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.decisions import decision_curves, site
from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.comparison import table
from cxrcompare.comparison.result.rows import MetricRow


def tables(
    panel: Panel, scored: dict[str, Scored], estimates: list[MetricRow], options: Options
) -> dict[str, pd.DataFrame]:
    """Returns the tables by name.

    Args:
        panel: The runs that are compared.
        scored: The metrics of the architectures with their replicates.
        estimates: The rows of metrics of the architectures.
        options: See `Options`.
    """
    decided = decision_curves.compare(panel, options)
    at_site, costs = site.rows(panel, scored, estimates, options)
    return {
        "net_benefit": table("net_benefit", decided.curves),
        "net_benefit_differences": table("net_benefit_differences", decided.pairs),
        "net_benefit_opponents": table("net_benefit_opponents", decided.opponents),
        "site": table("site", at_site),
        "site_differences": table("site_differences", costs),
    }

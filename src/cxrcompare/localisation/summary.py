"""The terminal summary of localisation: a short table, and the warnings."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.localisation_rows import LocalisationRow
from cxrcompare.localisation.measuring.measures import METRICS
from cxrcompare.localisation.tables import Localisation

NAMES = {"hit_rate": "hit rate", "iou": "IoU", "map_auroc": "map AUROC", "map_ap": "map AP"}
"""The measures in words."""


def summary(found: Localisation) -> list[list[str]]:
    """Returns the mean of each measure over the findings, a row per model, with intervals."""
    by_key = {(row.model, row.metric): row for row in found.measures if row.finding == MEAN}
    models = dict.fromkeys(model for model, _ in by_key)
    head = ["maps of", *(f"mean {NAMES[metric]}" for metric in METRICS)]
    return [head, *([model, *(_cell(by_key[model, one]) for one in METRICS)] for model in models)]


def _cell(row: LocalisationRow) -> str:
    known = row.low is not None and not np.isnan(row.low)
    interval = f" ({row.low:.2f} to {row.high:.2f})" if known else ""
    return f"{row.value:.2f}{interval}"


def warning_lines(found: Localisation) -> list[str]:
    """Returns a line per warning."""
    return [
        f"warning: {', '.join(part for part in (row.model, row.finding) if part)}: {row.message}"
        for row in found.warnings
    ]

"""Adds to a comparison how well the maps of its networks agree with the true regions."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.errors import InputError
from cxrcompare.images.store import ImageStore
from cxrcompare.localisation.regions import finding_regions
from cxrcompare.localisation.tables import Choices

if TYPE_CHECKING:
    from cxrcompare.explaining.loaded_networks import LoadedNetworks

logger = logging.getLogger(__name__)

EFFORT = 12_000
"""About the images that a network sees for its maps, each shifted one counted."""
ON_THE_SAMPLE = 3_000
"""The same for the embedded sample, whose networks are trained in a minute."""


def with_localisation(
    comparison: Comparison,
    runs: Sequence[Path],
    store: ImageStore,
    options: Options,
    makers: LoadedNetworks | None = None,
) -> Comparison:
    """Returns the comparison with the tables of localisation, if the data set has regions.

    Networks whose heads have no maps are no error: the comparison is returned as it is.

    Args:
        comparison: The comparison.
        runs: The folders of the finished runs.
        store: The store of the experiment.
        options: Level, correction and number of patients.
        makers: Collects the networks, which are then loaded.
    """
    regions = finding_regions.in_data_set(store.table, "test")
    if regions is None:
        return comparison
    from cxrcompare.explaining.measured_runs import measure_runs

    logger.info("localisation: maps are measured against %s", regions.name)
    choices = Choices(options.level, options.correction, options.min_patients)
    effort = ON_THE_SAMPLE if store.table.notes.get("synthetic") else EFFORT
    try:
        found = measure_runs(runs, store, regions, choices=choices, effort=effort, makers=makers)
    except InputError as error:
        logger.warning("no localisation: %s", error)
        return comparison
    warnings = pd.concat([comparison.warnings, table("warnings", found.warnings)])
    changes: dict[str, Any] = {
        **found.tables(),
        "warnings": warnings.reset_index(drop=True),
    }
    return dataclasses.replace(comparison, **changes)

"""Reads all tables of a comparison, with the progress of its steps; loads nothing to compare them.

Wrong files are found before the packages are loaded that compute a comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs import reading_inputs
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.progress import Advance, track

if TYPE_CHECKING:
    from cxrcompare.comparison.inputs.given_prevalence import PrevalenceSource
    from cxrcompare.comparison.inputs.input_tables import Readers, Runs
    from cxrcompare.comparison.inputs.second_labels import RatesSource
    from cxrcompare.comparison.inputs.several_sites import References
    from cxrcompare.comparison.inputs.thresholds.given_thresholds import ThresholdsSource
    from cxrcompare.predictions import Reference, TableSource

STEPS = ("metrics", "differences", "decisions", "subgroups and calibration", "curves", "tables")
"""The steps of a comparison; the first reads the tables."""


@contextmanager
def reading(
    predictions: Runs,
    reference: References,
    validation: Runs,
    validation_reference: TableSource | Reference | None,
    readers: Readers,
    subgroups: TableSource | None,
    options: Options,
    thresholds: ThresholdsSource | None = None,
    second_reference: TableSource | Reference | None = None,
    labeller_rates: RatesSource | None = None,
    prevalence: PrevalenceSource | None = None,
) -> Iterator[tuple[Inputs, Advance]]:
    """Reads all tables, and yields them with the progress of the comparison; see `compare`."""
    with track("compare", len(STEPS), "steps") as advance:
        yield (
            reading_inputs.read(
                predictions,
                reference,
                validation,
                validation_reference,
                readers,
                subgroups,
                options,
                thresholds,
                second_reference,
                labeller_rates,
                prevalence,
            ),
            advance,
        )

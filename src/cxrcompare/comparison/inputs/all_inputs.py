"""Reads all tables of a comparison, with the progress of its steps; loads nothing to compare them.

Wrong files are found before the packages are loaded that compute a comparison.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs import reading_inputs
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.inputs.sources import Sources
from cxrcompare.progress import Advance, track

STEPS = ("metrics", "differences", "decisions", "subgroups and calibration", "curves", "tables")
"""The steps of a comparison; the first reads the tables."""


@contextmanager
def reading(sources: Sources, options: Options) -> Iterator[tuple[Inputs, Advance]]:
    """Reads all tables, and yields them with the progress of the comparison; see `compare`."""
    with track("compare", len(STEPS), "steps") as advance:
        yield reading_inputs.read(sources, options), advance

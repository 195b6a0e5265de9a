"""The main table: order of rows, formatted cells, and the number of findings behind it."""

from __future__ import annotations

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.results import main_table
from cxrcompare.reporting.results.lookup import Results


def test_baselines_are_the_last_rows(comparison: Comparison) -> None:
    results = Results(comparison)
    for finding in results.scopes:
        indices = [row.index for row in main_table.table(results, finding)]
        assert indices == [*range(len(results.networks)), None, None]

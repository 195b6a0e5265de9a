"""All tables of a comparison by name, with their row types."""

from __future__ import annotations

from typing import NamedTuple

from cxrcompare.comparison.result import rows
from cxrcompare.comparison.result.decision_rows import DECISIONS
from cxrcompare.comparison.result.further_rows import FURTHER
from cxrcompare.comparison.result.localisation_rows import LOCALISATION

OPTIONAL: dict[str, type[NamedTuple]] = rows.OPTIONAL | FURTHER | LOCALISATION | DECISIONS
"""The tables that a comparison writes if they have rows."""

ROWS: dict[str, type[NamedTuple]] = rows.ALWAYS | OPTIONAL
"""The row type of each table; the name is that of the CSV file and of `comparison.json`."""

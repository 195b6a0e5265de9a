"""Reads the prevalence, and optionally the costs, of each finding at a user's site."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from cxrcompare.errors import InputError
from cxrcompare.evaluation.thresholds.site_rates import Costs
from cxrcompare.predictions.columns import finding_key, key
from cxrcompare.predictions.raw import RawTable, read_raw

if TYPE_CHECKING:
    from cxrcompare.predictions import TableSource

    PrevalenceSource = TableSource | Mapping[str, float]
    """A CSV file, a data frame or a dict of columns, or {finding: prevalence}."""

_COSTS = ("cost_false_positive", "cost_miss")


class Site(NamedTuple):
    """Prevalence and costs of a finding at a site."""

    prevalence: float
    costs: Costs | None


def read(given: PrevalenceSource, findings: Sequence[str]) -> dict[str, Site]:
    """Returns the site of each finding that the table names; other findings have none.

    Args:
        given: A table with the columns finding and prevalence, and optionally cost_false_positive
            and cost_miss, which may be blank together; or {finding: prevalence}.
        findings: The findings that are compared; the file may name others.

    Raises:
        InputError: A column is missing, or a value is not valid.
    """
    if isinstance(given, Mapping) and "prevalence" not in map(key, given):
        given = {"finding": list(given), "prevalence": list(given.values())}
    table = read_raw(os.fspath(given) if isinstance(given, os.PathLike) else given, "prevalence")
    columns = {key(name): index for index, name in enumerate(table.header)}
    wanted = [name for name in ("finding", "prevalence") if key(name) not in columns]
    costs = [name for name in _COSTS if key(name) in columns]
    if wanted or len(costs) == 1:
        raise InputError(
            f"{table.path}: row 1: must have the columns finding and prevalence, and optionally "
            f"both {' and '.join(_COSTS)}. Received: {', '.join(table.header)}"
        )
    names = {finding_key(name): name for name in findings}
    shares = table.numbers(columns[key("prevalence")])
    charged = [table.numbers(columns[key(name)]) for name in costs]
    found: dict[str, Site] = {}
    for row, given in enumerate(table.text(columns["finding"])):
        share = float(shares[row])
        if not 0 < share < 1:
            expected = "must be above 0 and below 1"
            raise table.error(row, columns[key("prevalence")], expected, f"{share:g}")
        own = None
        if costs:
            own = _costs(table, row, [columns[key(name)] for name in costs], charged)
        name = names.get(finding_key(given))
        if name is None:
            continue
        if name in found:
            expected = "must be in one row only"
            raise table.error(row, columns["finding"], expected, f"{given}, a second time")
        found[name] = Site(share, own)
    return found


def _costs(
    table: RawTable, row: int, columns: Sequence[int], charged: Sequence[np.ndarray]
) -> Costs | None:
    values = [float(one[row]) for one in charged]
    if all(np.isnan(value) for value in values):
        return None
    for column, value in zip(columns, values, strict=True):
        if not (np.isfinite(value) and 0 <= value <= 1e12):
            raise table.error(row, column, "must be a number from 0 to 1e12", f"{value:g}")
    return Costs(*values)

"""Thresholds that the user gives: one number, or a table of findings and thresholds."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError
from cxrcompare.predictions import Aligned
from cxrcompare.predictions.columns import finding_key, key
from cxrcompare.predictions.raw import RawTable, read_raw

if TYPE_CHECKING:
    from cxrcompare.predictions import TableSource

    ThresholdsSource = TableSource | float
    """One number, or a table."""

logger = logging.getLogger(__name__)

_ALL = ("", "all")
"""Cells of the columns model and seed that mean every model and every seed."""


def read(given: ThresholdsSource, test: Aligned, probabilities: np.ndarray) -> np.ndarray:
    """Returns the threshold of every run and finding, (M, F).

    Args:
        given: One number for all; or a table (a CSV file, a data frame, a dict of columns) with the
            columns finding and threshold, and optionally model and seed, such as `thresholds.csv`
            of an earlier comparison. A row without model or seed holds for all of them.
        test: The test set, with its runs and findings.
        probabilities: (M,) bool, whether a run has probabilities; its thresholds must be in [0, 1].

    Raises:
        InputError: The table is not valid, or a run has no threshold for a finding.
    """
    in_memory = isinstance(given, Mapping | pd.DataFrame)
    number = None if in_memory else _number(given)
    shape = (len(test.runs), len(test.findings))
    if number is not None:
        values = np.full(shape, number)
        where = "`thresholds`"
    else:
        table = read_raw(given if in_memory else str(given), "thresholds")
        values = _from_table(table, test)
        where = str(table.path)
    missing = np.argwhere(np.isnan(values))
    if len(missing):
        m, f = missing[0]
        raise InputError(
            f"{where}: must have a threshold for every model and finding. Received: none for "
            f"{_run(test, m)}, {test.findings[f]} ({len(missing)} are missing)"
        )
    wrong = np.argwhere(probabilities[:, None] & ((values < 0) | (values > 1)))
    if len(wrong):
        m, f = wrong[0]
        raise InputError(
            f"{where}: must be in [0, 1] for probabilities. Received: {values[m, f]:g} for "
            f"{_run(test, m)}, {test.findings[f]}"
        )
    return values


def _number(given: ThresholdsSource) -> float | None:
    try:
        number = float(os.fspath(given) if isinstance(given, os.PathLike) else given)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    if not np.isfinite(number):
        raise InputError(f"`thresholds` must be a finite number or a file. Received: {given}")
    return number


def _from_table(table: RawTable, test: Aligned) -> np.ndarray:
    """Returns the thresholds of a table, (M, F); NaN where it has none."""
    columns = {key(name): index for index, name in enumerate(table.header)}
    lacking = [name for name in ("finding", "threshold") if name not in columns]
    if lacking:
        raise InputError(
            f"{table.path}: row 1: must have the columns finding and threshold. Received: "
            f"{', '.join(table.header)}"
        )
    numbers = table.numbers(columns["threshold"])
    cells = {
        name: table.text(columns[name]) if name in columns else [""] * len(table.lines)
        for name in ("finding", "model", "seed")
    }
    position = {finding_key(name): f for f, name in enumerate(test.findings)}
    models = {name for name, _ in test.runs}
    values = np.full((len(test.runs), len(test.findings)), np.nan)
    unused = [name for name in dict.fromkeys(cells["finding"]) if finding_key(name) not in position]
    if unused:
        logger.warning(
            "%s: thresholds of findings that are not compared are not used: %s",
            table.path,
            ", ".join(unused),
        )
    for row, finding in enumerate(cells["finding"]):
        model, seed, number = cells["model"][row], cells["seed"][row], numbers[row]
        if model not in models and model not in _ALL:
            expected = f"must be one of {', '.join(sorted(models))}"
            raise table.error(row, columns["model"], expected, repr(model[:40]))
        if not np.isfinite(number):
            raise table.error(row, columns["threshold"], "must be a finite number", "none")
        f = position.get(finding_key(finding))
        for m, run in enumerate(test.runs):
            if f is None or model not in (*_ALL, run[0]) or seed not in (*_ALL, run[1]):
                continue
            if not np.isnan(values[m, f]):
                expected = f"must be the only threshold of {_run(test, m)}, {test.findings[f]}"
                raise table.error(row, columns["threshold"], expected, f"{number:g}, a second one")
            values[m, f] = number
    return values


def _run(test: Aligned, index: int) -> str:
    name, seed = test.runs[index]
    return f"{name} seed {seed}" if seed else name

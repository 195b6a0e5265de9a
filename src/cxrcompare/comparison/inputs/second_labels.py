"""A second reference of the test set, and the error rates of the labeller of the first one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cxrcompare.comparison.inputs.input_tables import reference_of
from cxrcompare.errors import InputError
from cxrcompare.evaluation.thresholds.label_noise import LabellerRates
from cxrcompare.predictions import Aligned, Note, Predictions, Reference, Rows, attach_reader
from cxrcompare.predictions.columns import finding_key, key
from cxrcompare.predictions.raw import RawTable, read_raw

if TYPE_CHECKING:
    from cxrcompare.predictions import TableSource

    RatesSource = TableSource | Mapping[str, tuple[float, float]]
    """A CSV file, a data frame or a dict of columns, or {finding: (sensitivity, specificity)}."""


def second_reference(
    given: TableSource | Reference, test: Aligned, tables: Sequence[Reference | Predictions]
) -> tuple[np.ndarray, list[Note]]:
    """Returns the labels of the second reference, (N, F) in {0, 1, NaN}, and warnings.

    Args:
        given: A table like the reference, with all units of the test set; rows of other units are
            ignored, and a blank is unknown.
        test: The test set.
        tables: The reference and the predictions.

    Raises:
        InputError: The table is not valid, or an id is missing.
    """
    reference = _of_test(reference_of(given, "second reference"), test)
    labels, _ = attach_reader(reference, test, tables)
    absent = [name for f, name in enumerate(test.findings) if np.isnan(labels[:, f]).all()]
    text = f"the second reference has no labels of {', '.join(absent)}"
    return labels, [Note("second_reference_without_finding", text)] if absent else []


def _of_test(reference: Reference, test: Aligned) -> Reference:
    """Returns the rows that name a unit or a study of the test set; all of them if none does."""
    rows = reference.rows
    kept = np.isin(rows.ids.astype(str), test.units.astype(str))
    kept |= np.isin(rows.studies.astype(str), test.studies.astype(str))
    if not kept.any():
        return reference
    part = Rows(rows.level, rows.ids[kept], rows.studies[kept], rows.patients[kept])
    return dataclasses.replace(reference, rows=part, values=reference.values[kept])


def labeller_rates(given: RatesSource, test: Aligned) -> dict[str, LabellerRates]:
    """Returns the error rates of the labeller, {finding: rates}.

    Args:
        given: A table with the columns finding, sensitivity and specificity, and optionally
            positives and negatives: the patients on whom the rates were measured. Or
            {finding: (sensitivity, specificity)}. Findings that are not compared are ignored.
        test: The test set, with its findings.

    Raises:
        InputError: A rate is not in (0, 1], a sum is not above 1, or no finding is compared.
    """
    if isinstance(given, Mapping) and "finding" not in map(key, given):
        rows = [(finding, LabellerRates(*rates)) for finding, rates in given.items()]
        where = "`labeller_rates`"
    else:
        table = read_raw(given, "labeller_rates")
        where = str(table.path)
        rows = _rows(table)
    position = {finding_key(name): name for name in test.findings}
    found: dict[str, LabellerRates] = {}
    for finding, rates in rows:
        _check(where, finding, rates)
        name = position.get(finding_key(finding))
        if name in found:
            raise InputError(f"{where}: must have one row per finding. Received: two of {finding}")
        if name is not None:
            found[name] = rates
    if not found:
        raise InputError(
            f"{where}: must have a compared finding ({', '.join(test.findings)}). Received: "
            f"{', '.join(finding for finding, _ in rows)[:200] or 'no rows'}"
        )
    return found


def _rows(table: RawTable) -> list[tuple[str, LabellerRates]]:
    columns = {key(name): index for index, name in enumerate(table.header)}
    needed = ("finding", "sensitivity", "specificity")
    if any(name not in columns for name in needed):
        raise InputError(
            f"{table.path}: row 1: must have the columns {', '.join(needed)}. Received: "
            f"{', '.join(table.header)}"
        )
    numbers = [
        np.asarray(table.numbers(columns[name]), dtype=np.float64)
        if name in columns
        else np.full(len(table.lines), np.inf)
        for name in LabellerRates._fields
    ]
    exact = [np.where(np.isnan(column), np.inf, column) for column in numbers[2:]]
    findings = table.text(columns["finding"])
    return [
        (finding, LabellerRates(*map(float, row)))
        for finding, *row in zip(findings, *numbers[:2], *exact, strict=True)
    ]


def _check(where: str, finding: str, rates: LabellerRates) -> None:
    valid = all(0 < rate <= 1 for rate in rates[:2]) and all(number >= 1 for number in rates[2:])
    if not valid or sum(rates[:2]) <= 1:
        raise InputError(
            f"{where}: {finding}: must have a sensitivity and a specificity above 0 and at most 1, "
            "whose sum is above 1, and counts of at least 1. Received: "
            f"{', '.join(f'{number:g}' for number in rates)}"
        )

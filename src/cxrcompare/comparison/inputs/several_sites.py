"""Several test sets as one: references of several sites, and predictions in several files."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cxrcompare.comparison.inputs.input_tables import reference_of
from cxrcompare.errors import InputError
from cxrcompare.predictions import Aligned, Predictions, Reference, Rows
from cxrcompare.predictions.columns import finding_key
from cxrcompare.predictions.studies import studies_of, study_of_images

if TYPE_CHECKING:
    from cxrcompare.predictions import TableSource

    References = TableSource | Reference | Sequence[TableSource | Reference]
    """The reference of the test set, or a list of references of several sites."""


def references_of(given: References) -> list[Reference]:
    """Returns the references of all sites; one if there are no sites.

    Raises:
        InputError: A table is not valid, two have one name, or their ids are of different kinds.
    """
    if not isinstance(given, list | tuple):
        return [reference_of(given)]  # type: ignore[arg-type]
    if not given:
        raise InputError("`reference` must be at least one table. Received: none")
    several = len(given) > 1
    found = [
        reference_of(one, "" if _named(one) or not several else f"reference {number + 1}")
        for number, one in enumerate(given)
    ]
    names = [one.name for one in found]
    for index, one in enumerate(found):
        if one.name in names[:index]:
            raise InputError(
                f"{one.path}: each reference must have a unique file name, which is the name of "
                f"its site. Received: {one.name} twice"
            )
        if one.rows.level != found[0].rows.level:
            raise InputError(
                f"{one.path}: must have ids of each {found[0].rows.level}, as {found[0].path}. "
                f"Received: ids of each {one.rows.level}"
            )
    return found


def _named(source: Any) -> bool:
    return isinstance(source, str | Path | Reference)


def together(references: Sequence[Reference]) -> Reference:
    """Returns one reference with the rows of all; a finding that one lacks is unknown there.

    Raises:
        InputError: An id is in two references.
    """
    first, *others = references
    if not others:
        return first
    findings = list(first.findings)
    for one in others:
        have = {finding_key(name) for name in findings}
        findings += [name for name in one.findings if finding_key(name) not in have]
    position = {finding_key(name): f for f, name in enumerate(findings)}
    values = []
    for one in references:
        full = np.full((len(one.values), len(findings)), np.nan)
        full[:, [position[finding_key(name)] for name in one.findings]] = one.values
        values.append(full)
    rows = _joined([one.rows for one in references])
    ids, counts = np.unique(rows.ids.astype(str), return_counts=True)
    if (counts > 1).any():
        raise InputError(
            f"{others[-1].path}: must have other ids than the other references. Received: "
            f"{ids[counts > 1][0]} twice"
        )
    return Reference(
        first.path.with_name(" + ".join(one.path.name for one in references)),
        rows,
        tuple(findings),
        np.concatenate(values),
        " + ".join(one.name for one in references),
        all(one.stored for one in references),
    )


def merged(files: Sequence[Predictions]) -> list[Predictions]:
    """Returns the predictions with the rows of all files of a run together.

    Raises:
        InputError: Two files of a run have different findings.
    """
    by_run: dict[tuple[str, str], list[Predictions]] = {}
    for one in files:
        by_run.setdefault((one.name, one.seed), []).append(one)
    return [_merge(many) if len(many) > 1 else many[0] for many in by_run.values()]


def _merge(files: Sequence[Predictions]) -> Predictions:
    first = files[0]
    values = []
    for one in files:
        columns = [finding_key(name) for name in one.findings]
        wanted = [finding_key(name) for name in first.findings]
        if sorted(columns) != sorted(wanted) or one.rows.level != first.rows.level:
            raise InputError(
                f"{one.path}: must have the findings ({', '.join(first.findings)}) and kind of ids "
                f"of {first.path}. Received: {', '.join(one.findings)}, ids of each "
                f"{one.rows.level}"
            )
        values.append(one.values[:, [columns.index(name) for name in wanted]])
    return dataclasses.replace(
        first,
        rows=_joined([one.rows for one in files]),
        values=np.concatenate(values),
        text={name: error for one in files for name, error in one.text.items()},
    )


def _joined(parts: Sequence[Rows]) -> Rows:
    columns = (
        np.concatenate([getattr(one, name) for one in parts])
        for name in ("ids", "studies", "patients")
    )
    return Rows(parts[0].level, *columns)


def sites_of_units(
    references: Sequence[Reference], test: Aligned, tables: Sequence[Reference | Predictions]
) -> np.ndarray:
    """Returns the name of the reference of each unit, (N,) text.

    Args:
        references: Those of all sites.
        test: The test set.
        tables: Files that map images to studies.
    """
    study_of = study_of_images(tables)
    site: dict[str, str] = {}
    for one in references:
        for names in (one.rows.ids, studies_of(one.rows, study_of)):
            site |= dict.fromkeys(names.astype(str).tolist(), one.name)
    found = [
        site.get(str(unit), site.get(str(study), ""))
        for unit, study in zip(test.units, test.studies, strict=True)
    ]
    return np.array(found, dtype=object)

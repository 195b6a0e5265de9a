"""Which groups are compared with which: each with the rest, or with a reference group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.errors import InputError
from cxrcompare.evaluation.auroc.auroc_tests import class_patients

REST = "rest"
"""The other group if there is no reference group: all other units with a value."""


class Contrast(NamedTuple):
    """A group and the one it is compared with.

    Attributes:
        column: The column of the metadata.
        value: The value of the group.
        against: The value of the other group, or `REST`.
        inside: (N,) bool, the units of the group.
        outside: (N,) bool, those of the other group.
    """

    column: str
    value: str
    against: str
    inside: np.ndarray
    outside: np.ndarray


def contrasts(groups: Mapping[str, np.ndarray], references: Sequence[str]) -> list[Contrast]:
    """Returns the groups that are compared; of two groups of a column only the first one.

    Args:
        groups: {column: (N,) text}, empty where the value is missing.
        references: Reference groups, "column=value".

    Raises:
        InputError: A reference group does not exist.
    """
    given = dict(_reference(text) for text in references)
    for column, value in given.items():
        if column not in groups or value not in groups[column]:
            choices = [
                f"{name}={value}"
                for name, values in groups.items()
                for value in np.unique(values[values != ""].astype(str)).tolist()
            ]
            raise InputError(
                f"`reference_groups` must be of {', '.join(choices)[:300] or 'a metadata column'}. "
                f"Received: {column}={value}"
            )
    found = []
    for column, values in groups.items():
        names = np.unique(values[values != ""].astype(str)).tolist()
        reference = given.get(column)
        chosen = [name for name in names if name != reference]
        if reference is None and len(names) == 2:
            chosen = names[:1]
        for value in chosen:
            other = (values != "") & (values != value)
            if reference is not None:
                other = values == reference
            if other.any():
                found.append(Contrast(column, value, reference or REST, values == value, other))
    return found


def _reference(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not (column and equals and value):
        raise InputError(
            f"`reference_groups` must be column=value, separated by commas. Received: {text}"
        )
    return column.strip(), value.strip()


def enough(panel: Panel, one: Contrast, finding: int, options: Options) -> bool:
    """Returns whether both groups have enough units and patients of both classes of a finding."""
    label = panel.labels[:, [finding]]
    for group in (one.inside, one.outside):
        units = min(int((label[group] == side).sum()) for side in (1, 0))
        patients = int(class_patients(label[group], panel.resamples.patient[group]).min())
        if units < options.minimum_cell or patients < options.min_patients:
            return False
    return bool(panel.eligible[finding])

"""Ids of patients and values of groups that differ only in spelling, and ids that name nobody."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cxrcompare.identifiers import names_nobody, patient_key, same_patients, with_one_key
from cxrcompare.predictions import Aligned, Note

_SEX = {"f": "female", "w": "female", "female": "female", "m": "male", "male": "male"}


def group_key(value: str) -> str:
    """Returns the value of a group without case and spaces; sexes by their English word."""
    key = " ".join(value.casefold().split())
    return _SEX.get(key, key)


def patients(test: Aligned, validation: Aligned | None) -> list[Note]:
    """Returns warnings about patient ids.

    Args:
        test: The test set.
        validation: The validation set, or None.
    """
    notes = []
    for name, part in (("test set", test), ("validation set", validation)):
        if part is not None and not _are_studies(part):
            notes += [*_nobody(part, name), *_respelled(part, name)]
    if validation is not None and not (_are_studies(test) or _are_studies(validation)):
        notes += _in_both(test, validation)
    return notes


def groups(metadata: Mapping[str, np.ndarray]) -> list[Note]:
    """Returns a warning for each column of metadata with two spellings of one group.

    Args:
        metadata: {column: (N,) text}.
    """
    notes = []
    for column, values in metadata.items():
        twice = with_one_key(np.unique(values[values != ""].astype(str)).tolist(), group_key)
        if twice:
            shown = "; ".join(" and ".join(map(repr, names)) for names in twice[:3])
            text = (
                f"{column}: groups that differ only in spelling count as different groups: {shown}"
            )
            notes.append(Note("group_spelling", text))
    return notes


def _are_studies(part: Aligned) -> bool:
    """Returns whether the patients are unknown, so that studies stand for them."""
    return bool((part.patients == part.studies).all())


def _nobody(part: Aligned, name: str) -> list[Note]:
    notes = []
    ids, counts = np.unique(part.patients.astype(str), return_counts=True)
    for one, count in zip(ids.tolist(), counts.tolist(), strict=True):
        if count > 1 and names_nobody(one):
            text = (
                f"{count} units of the {name} have the patient id {one!r} and count as one "
                "patient; if it names nobody, leave these cells blank or find their patients"
            )
            notes.append(Note("patient_placeholder", text))
    return notes


def _respelled(part: Aligned, name: str) -> list[Note]:
    ids = np.unique(part.patients.astype(str)).tolist()
    twice = same_patients(ids)
    if not twice:
        return []
    first, second = twice[0][:2]
    text = (
        f"{len(twice)} patients of the {name} have ids that differ only in case, spaces, leading "
        f"zeros or a final .0, such as {first!r} and {second!r}: they count as different patients"
    )
    return [Note("patient_spelling", text)]


def _in_both(test: Aligned, validation: Aligned) -> list[Note]:
    """Warns about patients of both sets; ids that are equal as they are were refused before."""
    keys = {patient_key(one): one for one in np.unique(test.patients.astype(str)).tolist()}
    others = np.unique(validation.patients.astype(str)).tolist()
    shared = [(keys[patient_key(one)], one) for one in others if patient_key(one) in keys]
    if not shared:
        return []
    text = (
        f"{len(shared)} patients of validation may be patients of the test set: their ids differ "
        f"only in case, spaces, leading zeros or a final .0, such as {shared[0][1]!r} and "
        f"{shared[0][0]!r}"
    )
    return [Note("patient_spelling", text)]

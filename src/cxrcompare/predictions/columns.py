"""What the header of a table means: the id, the study, the patient, metadata or a finding."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cxrcompare import findings
from cxrcompare.errors import InputError

IMAGE = ("image id", "image index", "path")
STUDY = ("study id", "study")
PATIENT = ("patient id", "patient")
METADATA = frozenset(
    {
        "",
        "unnamed: 0",
        "sex",
        "age",
        "view",
        "split",
        "frontal lateral",
        "ap pa",
        "view position",
        "patient sex",
        "patient gender",
        "patient age",
        "follow up",
        "path",
        "image id",
        "image index",
    }
)
"""Columns that a table of predictions may carry and that are no findings."""


@dataclass(frozen=True)
class Header:
    """Where the columns of a table are, by position.

    Attributes:
        level: "image" or "study".
        id: The column of the ids.
        study: The column of studies beside an image id, or None.
        patient: The column of patients, or None.
        others: {position: header} of every further column.
    """

    level: str
    id: int
    study: int | None
    patient: int | None
    others: dict[int, str]


def key(name: str) -> str:
    """Case, spaces, underscores, hyphens, slashes and # do not distinguish headers."""
    return re.sub(r"[\s_\-#/]+", " ", name).strip().lower()


def is_text(name: str) -> bool:
    """Returns whether a column of this header holds ids or metadata, so text."""
    return key(name) in {*IMAGE, *STUDY, *PATIENT, *METADATA}


def finding_key(name: str) -> str:
    """Returns what two headers of one finding have in common."""
    return findings.canonical(name) or key(name)


def understand(where: str, header: list[str]) -> Header:
    """Returns what each column of a table is.

    Args:
        where: The file, for messages.
        header: The columns' names.

    Raises:
        InputError: There is no id column.
    """
    keys = [key(name) for name in header]

    def position(names: tuple[str, ...]) -> int | None:
        return next((keys.index(name) for name in names if name in keys), None)

    image, study, patient = position(IMAGE), position(STUDY), position(PATIENT)
    column = image if image is not None else study
    if column is None:
        shown = ", ".join(repr(name[:40]) for name in header[:8])
        raise InputError(
            f"{where}: row 1: must be a comma-separated table with an id column (study_id, Study, "
            f"image_id, Path or Image Index). Received: {shown or 'no columns'}"
        )
    others = {
        place: name.strip()
        for place, name in enumerate(header)
        if place not in (column, study, patient)
    }
    level = "image" if image is not None else "study"
    return Header(level, column, study if image is not None else None, patient, others)


def finding_columns(where: str, header: Header) -> dict[int, str]:
    """Returns {position: finding}, by canonical names where the vocabulary knows them.

    Raises:
        InputError: Two columns name one finding, or no column is one.
    """
    chosen: dict[int, str] = {}
    seen: dict[str, str] = {}
    for place, name in header.others.items():
        if key(name) in METADATA:
            continue
        same = finding_key(name)
        if same in seen:
            raise InputError(
                f"{where}: row 1: a finding must have one column. "
                f"Received: {seen[same]!r} and {name!r}"
            )
        seen[same] = name
        chosen[place] = findings.canonical(name) or name
    if not chosen:
        raise InputError(f"{where}: row 1: must have at least one finding's column. Received: none")
    return chosen

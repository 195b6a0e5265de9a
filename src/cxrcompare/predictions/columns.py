"""Interprets the header of a table: id, study, patient, metadata and finding columns."""

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
"""Columns of a prediction file that are not findings."""


@dataclass(frozen=True)
class Header:
    """The column indices of a table.

    Attributes:
        level: "image" or "study".
        id: The id column.
        study: The study column of a table of images, or None.
        patient: The patient column, or None.
        others: {index: header} of all other columns.
    """

    level: str
    id: int
    study: int | None
    patient: int | None
    others: dict[int, str]


def key(name: str) -> str:
    """Returns a header without case, underscores, hyphens, slashes, # and repeated spaces."""
    return re.sub(r"[\s_\-#/]+", " ", name).strip().lower()


def is_text(name: str) -> bool:
    """Returns whether a column with this header is text (ids or metadata)."""
    return key(name) in {*IMAGE, *STUDY, *PATIENT, *METADATA}


def finding_key(name: str) -> str:
    """Returns a key that is equal for two headers of the same finding."""
    return findings.canonical(name) or key(name)


def parse_header(where: str, header: list[str]) -> Header:
    """Returns the roles of the columns of a table.

    Args:
        where: The file, and the row of the header if it has one, for error messages.
        header: The names of the columns.

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
            f"{where}: must be a table with an id column (study_id, Study, image_id, Path or "
            f"Image Index). Received: {shown or 'no columns'}"
        )
    others = {
        index: name.strip()
        for index, name in enumerate(header)
        if index not in (column, study, patient)
    }
    level = "image" if image is not None else "study"
    return Header(level, column, study if image is not None else None, patient, others)


def finding_columns(where: str, header: Header) -> dict[int, str]:
    """Returns {column index: finding}, with canonical names for findings of the vocabulary.

    Raises:
        InputError: Two columns have the same finding, or no column is a finding.
    """
    chosen: dict[int, str] = {}
    seen: dict[str, str] = {}
    for index, name in header.others.items():
        if key(name) in METADATA:
            continue
        same = finding_key(name)
        if same in seen:
            raise InputError(
                f"{where}: a finding must have one column. Received: {seen[same]!r} and {name!r}"
            )
        seen[same] = name
        chosen[index] = findings.canonical(name) or name
    if not chosen:
        raise InputError(f"{where}: must have at least one finding column. Received: none")
    return chosen

"""Patients and studies of a user's own label file: from a column or the paths, never guessed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cxrcompare import identifiers
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.errors import InputError

NAMES: tuple[str, ...] = ("patient_id", "patient", "PatientID", "Patient ID", "subject_id")
"""Names of patient columns that need not be said."""

_HINTS = re.compile(
    r"(pat|patients?|patid|patnr|pid|ptid|pt|subj|subjects?|persons?|mrn|case|proband|participant"
    r"|individual|member)(id|nr|no|num|number)?"
)
_LISTED = 5
_LEAST_SHARE = 0.05
"""Of different values to images: a column of fewer is a group, such as a site or a scanner."""


@dataclass(frozen=True)
class Identity:
    """Whose images they are.

    Attributes:
        patient: The patient of each image, by row number.
        study: The study of each image, by row number.
        known: Whether patients are known; otherwise each image or study counts as one.
        source: Where patients come from, in a few words.
    """

    patient: pd.Series
    study: pd.Series
    known: bool
    source: str


def identify(
    labels: LabelFile,
    path: pd.Series,
    patient: str | None,
    study: str | None,
    image_is_patient: bool,
    taken: Collection[str],
) -> Identity:
    """Returns patients and studies.

    Args:
        labels: The label file.
        path: The images' paths, by row number.
        patient: The header of the patient column that the user names, or None.
        study: The header of the study column, or None.
        image_is_patient: Whether the user says that each image is a patient.
        taken: Headers that hold something else.

    Raises:
        InputError: No column and no path names patients and the user does not say what to do, or
            a patient or a study is blank.
    """
    header = patient or _known(labels)
    parts = [identifiers.parse(one) for one in path]
    studies = _filled(labels, study, "study") if study else None
    if image_is_patient:
        return _unknown(labels, path, studies, header, taken)
    if header:
        ids = _filled(labels, header, "patient")
        found = ids + "/" + studies if studies is not None else _from_paths(parts, path, "study")
        return Identity(ids, found, True, f"column {header}")
    if all(parts):
        ids = _from_paths(parts, path, "patient")
        found = ids + "/" + studies if studies is not None else _from_paths(parts, path, "study")
        return Identity(ids, found, True, f"the paths, such as {path.iloc[0]}")
    raise InputError(
        f"{labels.path}: patients must be known, so that none is in two splits: name their column "
        "with --patient-column NAME, or give --image-is-patient where each image is of another "
        f"patient. Received: {_may_be(labels, taken)}"
    )


def candidates(labels: LabelFile, taken: Collection[str]) -> list[str]:
    """Returns headers of columns that may hold patients, the likeliest first.

    Such a column has a name of a person or a case, or its values repeat over images as ids do.

    Args:
        labels: The label file.
        taken: Headers that hold something else.
    """
    named, repeating = [], []
    for header in labels.frame.columns:
        if header in taken:
            continue
        values = labels.frame[header].str.strip()
        different = values.nunique()
        if _is_hint(header) and different > 1:
            named.append(header)
        elif (
            max(2, _LEAST_SHARE * len(values)) < different < len(values)
            and not (values == "").any()
        ):
            repeating.append(header)
    return [*named, *repeating]


def _is_hint(header: str) -> bool:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", header)
    return any(_HINTS.fullmatch(word.lower()) for word in words)


def _may_be(labels: LabelFile, taken: Collection[str]) -> str:
    found = candidates(labels, taken)
    if not found:
        return f"no column that may hold patients among {', '.join(labels.frame.columns[:12])}"
    images = len(labels.frame)
    shown = [
        f"{header!r} ({labels.frame[header].str.strip().nunique():,} values)"
        for header in found[:_LISTED]
    ]
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return f"columns that may hold patients: {', '.join(shown)}{more}, of {images:,} images"


def _known(labels: LabelFile) -> str | None:
    """Returns the patient column that a known name finds.

    Raises:
        InputError: Two known names find columns that group the images in different ways.
    """
    found = list(dict.fromkeys(header for name in NAMES if (header := labels.column(name))))
    groups = [pd.factorize(labels.text(header))[0] for header in found]
    if any((group != groups[0]).any() for group in groups[1:]):
        raise InputError(
            f"{labels.path}: must have one patient column; name it with --patient-column NAME. "
            f"Received: {', '.join(found)}, which name different patients"
        )
    return found[0] if found else None


def _filled(labels: LabelFile, header: str, what: str) -> pd.Series:
    ids = labels.text(header)
    blank = (ids == "").to_numpy()
    if blank.any():
        labels.complain(ids.index[int(np.argmax(blank))], f"`{header}` must name a {what}", "")
    return ids


def _from_paths(parts: list[identifiers.PathParts | None], path: pd.Series, what: str) -> pd.Series:
    """Returns the patient or study that the paths name; the path itself where one does not."""
    if not all(parts):
        return path
    return pd.Series([getattr(one, what) for one in parts], index=path.index)


def _unknown(
    labels: LabelFile,
    path: pd.Series,
    studies: pd.Series | None,
    header: str | None,
    taken: Collection[str],
) -> Identity:
    """Each image is a patient; each study where these are known, for its views belong together."""
    if header is not None:
        raise InputError(
            f"{labels.path}: `--image-is-patient` must be left out where a column names patients. "
            f"Received: the column {header!r}"
        )
    what, ids = ("image", path) if studies is None else ("study", studies)
    doubts = [name for name in candidates(labels, taken) if _is_hint(name)]
    but = f", though {' or '.join(doubts)} may name patients" if doubts else ""
    return Identity(ids, ids, False, f"each {what} counts as a patient of its own{but}")

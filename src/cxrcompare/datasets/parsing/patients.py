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
"""Known names of patient columns."""

_HINTS = re.compile(
    r"(pat|patients?|patid|patnr|pid|ptid|pt|subj|subjects?|persons?|mrn|case|proband|participant"
    r"|individual|member)(id|nr|no|num|number)?"
)
_LISTED = 5
_LEAST_SHARE = 0.05
"""Share of distinct values to images; a column with fewer is a group, such as site or scanner."""


@dataclass(frozen=True)
class Identity:
    """The patients and studies of the images.

    Attributes:
        patient: The patient of each image, by row number.
        study: The study of each image, by row number.
        known: Whether patients are known; otherwise each image or study counts as a patient.
        source: The source of the patients, in a few words.
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
    """Returns the patients and studies of the images.

    Args:
        labels: The label file.
        path: The images' paths, by row number.
        patient: The header of the patient column that the user names, or None.
        study: The header of the study column, or None.
        image_is_patient: Whether the user declares that each image is of another patient.
        taken: Headers with another role.

    Raises:
        InputError: Neither a column nor the paths name patients and `image_is_patient` is not set,
            or a patient or a study is blank.
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
        "with --patient-column NAME, or use --image-is-patient if each image is of another "
        f"patient. Received: {_describe_candidates(labels, taken)}"
    )


def candidates(labels: LabelFile, taken: Collection[str]) -> list[str]:
    """Returns headers of possible patient columns, the most likely first.

    The header of such a column contains a word for a person or a case, or its values are repeated
    over images as ids are.

    Args:
        labels: The label file.
        taken: Headers with another role.
    """
    named, repeating = [], []
    for header in labels.frame.columns:
        if header in taken:
            continue
        values = labels.frame[header].str.strip()
        distinct = values.nunique()
        if _is_hint(header) and distinct > 1:
            named.append(header)
        elif (
            max(2, _LEAST_SHARE * len(values)) < distinct < len(values) and not (values == "").any()
        ):
            repeating.append(header)
    return [*named, *repeating]


def _is_hint(header: str) -> bool:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", header)
    return any(_HINTS.fullmatch(word.lower()) for word in words)


def _describe_candidates(labels: LabelFile, taken: Collection[str]) -> str:
    found = candidates(labels, taken)
    if not found:
        return f"no possible patient column among {', '.join(labels.frame.columns[:12])}"
    images = len(labels.frame)
    shown = [
        f"{header!r} ({labels.frame[header].str.strip().nunique():,} values)"
        for header in found[:_LISTED]
    ]
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return f"possible patient columns: {', '.join(shown)}{more}, for {images:,} images"


def _known(labels: LabelFile) -> str | None:
    """Returns the patient column with a known name, or None.

    Raises:
        InputError: Two columns have known names but group the images differently.
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
    """Returns the patients or studies of the paths; the paths themselves if any has none."""
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
    """Returns an identity in which each study, or else each image, counts as a patient.

    Studies are used if they are known, because their views are of the same patient.
    """
    if header is not None:
        raise InputError(
            f"{labels.path}: `--image-is-patient` must not be given if a column names patients. "
            f"Received: the column {header!r}"
        )
    unit, ids = ("image", path) if studies is None else ("study", studies)
    possible = [name for name in candidates(labels, taken) if _is_hint(name)]
    caveat = f", but {' or '.join(possible)} may name patients" if possible else ""
    return Identity(ids, ids, False, f"each {unit} counts as a separate patient{caveat}")

"""Patient, study and view of an image, read from a CheXpert path."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import NamedTuple

_CHEXPERT = re.compile(r"(patient[^/]+)/(study[^/]+)(?:/([^/]+))?/?$", re.IGNORECASE)

_NOBODY = frozenset(
    [
        "unknown",
        "nan",
        "none",
        "null",
        "na",
        "n/a",
        "nil",
        "missing",
        "anonymous",
        "anonymized",
        "anonymised",
        "anon",
        "-1",
        "?",
        "-",
        "#n/a",
        "#ref!",
        "#value!",
        "undefined",
    ]
)
"""Words and error values that stand for a missing id, in lower case."""


class PathParts(NamedTuple):
    """Patient, study and image ids of a path; `image` is empty for the path of a study."""

    patient: str
    study: str
    image: str


@lru_cache(maxsize=1 << 18)  # files of one comparison share their ids
def parse(path: str) -> PathParts | None:
    """Returns the parts of a CheXpert id, or None for any other text.

    Releases of CheXpert differ in the folder above the patient (`CheXpert-v1.0-small/train/`,
    `CheXpert-v1.0/test/`), and patient numbers are unique across splits. The parts do not include
    that folder, so that ids of different releases match: `patient64741`, `patient64741/study1`,
    `patient64741/study1/view1_frontal.jpg`.

    Args:
        path: The path of an image or a study, with slashes or backslashes.
    """
    match = _CHEXPERT.search(path.strip().replace("\\", "/"))
    if match is None:
        return None
    patient, study, image = match.groups()
    return PathParts(patient, f"{patient}/{study}", f"{patient}/{study}/{image}" if image else "")


def patient_key(name: str) -> str:
    """Returns an id without what programs change: case, spaces, leading zeros, a final `.0`."""
    key = re.sub(r"[\s_-]+", "", name.casefold())
    key = re.sub(r"(?<=\d)\.0+$", "", key)
    return re.sub(r"(?<![\d.])0+(?=\d)", "", key)


def same_patients(ids: Iterable[str]) -> list[list[str]]:
    """Returns patient ids that differ only in spelling (see `patient_key`), in lists."""
    return with_one_key(ids, patient_key)


def with_one_key(names: Iterable[str], key: Callable[[str], str]) -> list[list[str]]:
    """Returns the different names with an equal key, as lists of at least two."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(names):
        found[key(name)].append(name)
    return [names for names in found.values() if len(names) > 1]


def names_nobody(patient: str) -> bool:
    """Returns whether a patient id is a word or an error value for a missing one."""
    return patient.strip().casefold() in _NOBODY

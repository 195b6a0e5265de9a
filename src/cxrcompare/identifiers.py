"""Patient, study and view of an image, read from a CheXpert path."""

from __future__ import annotations

import re
from typing import NamedTuple

_CHEXPERT = re.compile(r"(patient[^/]+)/(study[^/]+)(?:/([^/]+))?/?$", re.IGNORECASE)


class PathParts(NamedTuple):
    """Patient, study and image that a path names; `image` is empty for the path of a study."""

    patient: str
    study: str
    image: str


def parse(path: str) -> PathParts | None:
    """Returns the parts of a CheXpert id, or None where it is not one.

    Releases of CheXpert differ in the folder above the patient (`CheXpert-v1.0-small/train/`,
    `CheXpert-v1.0/test/`) and number patients across all splits. The parts leave that folder out,
    so ids of different releases join: `patient64741`, `patient64741/study1`,
    `patient64741/study1/view1_frontal.jpg`.

    Args:
        path: The path of an image or a study, with slashes or backslashes.
    """
    match = _CHEXPERT.search(path.strip().replace("\\", "/"))
    if match is None:
        return None
    patient, study, image = match.groups()
    return PathParts(patient, f"{patient}/{study}", f"{patient}/{study}/{image}" if image else "")

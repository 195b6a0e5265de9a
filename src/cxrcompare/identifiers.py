"""Patient, study and view of an image, read from a CheXpert path."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_CHEXPERT = re.compile(r"(patient[^/]+)/(study[^/]+)(?:/([^/]+))?/?$", re.IGNORECASE)


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

"""CaseFile: the cases of a comparison with thumbnails, maps and scores, as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cxrcompare.cases.selecting import Rule
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files

LARGEST = 64 * 2**20
"""Maximum size of the file in bytes."""

SIDE = 256
"""Side of an image in the unit of the outlines."""

_Text = Annotated[str, Field(max_length=1000)]
_Base64 = Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]*={0,2}$")]
_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Index = Annotated[int, Field(ge=0)]


class _Row(BaseModel, frozen=True):
    model_config = ConfigDict(extra="forbid")


class ShownImage(_Row, frozen=True):
    """A radiograph.

    Attributes:
        id: The image's id.
        sex: F, M or empty.
        age: In years; None if unknown.
        view: The view; empty if unknown.
        jpeg: The thumbnail, base64.
    """

    id: _Text
    sex: _Text
    age: _Finite | None
    view: _Text
    jpeg: _Base64


class ShownNetwork(_Row, frozen=True):
    """A network and its maps of all images.

    Attributes:
        name: The network.
        run: The run whose scores and maps are shown.
        thresholds: The threshold of each finding; None if there is none.
        cells: Rows and columns of a map.
        maps: (images, findings, rows, columns) int8, base64: 127 is the full colour of a finding.
    """

    name: _Text
    run: _Text
    thresholds: list[_Finite | None]
    cells: tuple[Annotated[int, Field(ge=1, le=512)], Annotated[int, Field(ge=1, le=512)]]
    maps: _Base64


class ShownCase(_Row, frozen=True):
    """A case.

    Attributes:
        rule: The rule that selected it.
        finding: Index of the finding.
        image: Index of the image.
        label: The reference label, 1 or 0; None if unknown.
        scores: The probability of each network for the study.
        region: Outlines of the finding's true region in the image, each x, y, x, y, ... in 256ths
            of its side; empty if it is not known.
    """

    rule: Rule
    finding: _Index
    image: _Index
    label: Annotated[int, Field(ge=0, le=1)] | None
    scores: list[_Finite]
    region: list[list[Annotated[int, Field(ge=0, le=SIDE)]]] = []


class CaseFile(_Row, frozen=True):
    """The cases of a comparison.

    Attributes:
        at_most: The number of cases of each rule and finding.
        left_out: The number of cases that were not kept, see `experiment.case_images`.
        method: How the maps were made, in words.
        regions: What the true regions are and where they come from; empty if none is known.
        findings: The findings.
        networks: The networks.
        images: The images, each once.
        cases: The cases, by finding and rule.
    """

    at_most: _Index
    left_out: _Index
    method: _Text
    regions: _Text = ""
    findings: list[_Text]
    networks: list[ShownNetwork]
    images: list[ShownImage]
    cases: list[ShownCase]


def write_cases(cases: CaseFile, path: Path) -> None:
    """Writes a file of cases atomically."""
    files.write_text(path, cases.model_dump_json() + "\n")


def read_cases(path: Path) -> CaseFile:
    """Reads a file of cases.

    Raises:
        InputError: It is not a file of cases, or an index in it does not exist.
    """
    try:
        content = json.loads(files.read_bytes(path, LARGEST))
        cases = CaseFile.model_validate(content)
    except (OSError, ValueError, RecursionError) as error:  # ValidationError is a ValueError
        reason = error.errors()[0] if isinstance(error, ValidationError) else error
        shown = f"{reason['loc']}: {reason['msg']}" if isinstance(reason, dict) else str(reason)
        raise InputError(f"{path}: must be a file of cases. Received: {shown:.200}") from error
    networks, findings = len(cases.networks), len(cases.findings)
    right = all(
        one.finding < findings and one.image < len(cases.images) and len(one.scores) == networks
        for one in cases.cases
    ) and all(len(one.thresholds) == findings for one in cases.networks)
    if not right:
        raise InputError(
            f"{path}: must be a file of cases of {findings} findings, {len(cases.images)} images "
            f"and {networks} networks. Received: an index or a list that does not fit"
        )
    return cases

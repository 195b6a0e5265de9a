"""The description of a bundle, bundle.json: options, versions, and a hash of every input."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from cxrcompare.comparison.compare_options import Options
from cxrcompare.errors import InputError

FILE = "bundle.json"
"""The name of the description in the archive."""
RESULT = "comparison.json"
"""The name of the result in the archive."""
NOTES = "README.txt"
"""The name of the notes for the recipient."""

Role = Literal[
    "predictions",
    "validation",
    "thresholds",
    "labeller_rates",
    "prevalence",
    "reference",
    "second_reference",
    "validation_reference",
    "readers",
    "subgroups",
]
LABELS: tuple[Role, ...] = (
    "reference",
    "second_reference",
    "validation_reference",
    "readers",
    "subgroups",
)
"""The roles of files on patients, which are included only on request: only their hash is."""

_NAME = re.compile(r"[^/\\:\x00-\x1f\x7f]{1,200}")


def is_name(name: str) -> bool:
    """Returns whether a name is a plain file name on every system."""
    return _NAME.fullmatch(name) is not None and name not in (".", "..") and name == name.strip()


class Input(BaseModel):
    """An input file of the comparison.

    Attributes:
        role: What it is.
        name: Its file name, which names the model or the reader.
        sha256: The hash of its content.
        size: Its size in bytes.
        included: Whether the bundle contains it.
        number: 2, 3, ... if its role has files of this name before it, from other sites.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    role: Role
    name: Annotated[str, Field(min_length=1, max_length=200)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=0)]
    included: bool
    number: Annotated[int, Field(ge=1, le=10_000)] = 1

    @property
    def member(self) -> str:
        """Its path in the archive."""
        return f"{self.role}/{f'{self.number}/' if self.number > 1 else ''}{self.name}"


class Description(BaseModel):
    """The content of bundle.json.

    Attributes:
        format: The version of the format.
        command: The command that made the result.
        versions: Of Python and the packages that made the result.
        options: The options of the comparison by name.
        thresholds: The threshold of all decisions, if one number was given.
        files: The input files in the order of the comparison.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    format: Literal[1]
    command: str | None
    versions: dict[str, str]
    options: dict[str, Any]
    thresholds: str | None
    files: Annotated[list[Input], Field(max_length=10_000)]

    def of(self, role: Role) -> list[Input]:
        """Returns the files of a role."""
        return [one for one in self.files if one.role == role]

    @property
    def chosen(self) -> Options:
        """The options of the comparison.

        Raises:
            InputError: One of them is out of range.
            TypeError: There is no such option.
        """
        given: dict[str, Any] = {
            key: tuple(one) if isinstance(one, list) else one for key, one in self.options.items()
        }
        return Options(**given)

    def chosen_in(self, folder: Path) -> Options:
        """The options, with the file of prevalence in a folder that has the input files."""
        site = next((str(folder / one.member) for one in self.of("prevalence")), None)
        return dataclasses.replace(self.chosen, prevalence=site)


def check_no_files(options: Options) -> None:
    """Raises InputError if an option names a file, which a bundle would not have.

    A bundle from elsewhere must not name a file of this machine either.
    """
    for key, value in dataclasses.asdict(options).items():
        if key != "findings" and isinstance(value, str | Path) and Path(value).is_file():
            raise InputError(f"a bundle must have no file of `{key}`. Received: {value}")


class Sources(NamedTuple):
    """The files of a comparison by role, as paths; `thresholds` may be a number as text."""

    predictions: Sequence[str]
    reference: Sequence[str]
    validation: Sequence[str] = ()
    validation_reference: str | None = None
    readers: Sequence[str] = ()
    subgroups: str | None = None
    thresholds: str | None = None
    second_reference: str | None = None
    labeller_rates: str | None = None
    prevalence: str | None = None

"""OwnColumns: the meaning of the columns of a user's own label file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from cxrcompare import findings as vocabulary
from cxrcompare.datasets.parsing.label_file import cell_key
from cxrcompare.options.experiment import Columns

Header = Annotated[str, Field(min_length=1)]
Cells = tuple[str | int | float | bool, ...]

_STATES = {"positive": 1.0, "negative": 0.0, "uncertain": -1.0, "unmentioned": float("nan")}


class _Table(BaseModel, frozen=True):
    model_config = ConfigDict(extra="forbid")


class Values(_Table, frozen=True):
    """Cell values of a finding's column, in addition to 1, 0, -1 and blank; case is ignored."""

    positive: Cells = ()
    negative: Cells = ()
    uncertain: Cells = ()
    unmentioned: Cells = ()

    @model_validator(mode="after")
    def _once(self) -> Values:
        cells = [cell_key(str(cell)) for state in _STATES for cell in getattr(self, state)]
        twice = next((cell for cell in cells if cells.count(cell) > 1), None)
        if twice is not None:
            raise ValueError(f"must give each value one meaning. Received twice: {twice!r}")
        return self

    def states(self) -> dict[str, float]:
        """Returns the label state of each cell value, by `label_file.cell_key`."""
        return {
            cell_key(str(cell)): state
            for name, state in _STATES.items()
            for cell in getattr(self, name)
        }


class OwnColumns(_Table, Columns, frozen=True):
    """The columns of a label file; columns that are not given are found by their known names.

    Attributes:
        findings: The column of each finding, by the finding's name.
        values: Further cell values of findings and their label states.
    """

    findings: dict[Header, Header] = Field(default_factory=dict)
    values: Values = Values()

    @field_validator("*", mode="after")
    @classmethod
    def _not_empty(cls, value: object) -> object:
        if value == "" or (isinstance(value, tuple) and "" in value):
            raise ValueError("must not be empty")
        return value

    @field_validator("findings")
    @classmethod
    def _canonical(cls, findings: dict[str, str]) -> dict[str, str]:
        named: dict[str, str] = {}
        for finding, header in findings.items():
            name = vocabulary.canonical(finding) or finding.strip()
            if any(vocabulary.same(name, other) for other in named):
                raise ValueError(f"must name each finding once. Received twice: {name!r}")
            named[name] = header
        return named

    @model_validator(mode="after")
    def _one_source_of_patients(self) -> OwnColumns:
        if self.patient is not None and self.image_is_patient:
            raise ValueError(
                "must have `patient` or `image_is_patient`, not both. "
                f"Received: patient={self.patient!r}, image_is_patient=true"
            )
        return self

    def with_findings(self, choice: str | Sequence[str]) -> OwnColumns:
        """Returns the columns with the requested findings added to `other_findings`.

        Args:
            choice: "all", "competition", or names in a sequence or separated by commas. Only names
                that are not in the vocabulary are added; each must be a column.
        """
        if choice in ("all", "competition"):
            return self
        names = choice.split(",") if isinstance(choice, str) else choice
        known = (*self.findings, *self.other_findings)
        more = tuple(
            name.strip()
            for name in names
            if name.strip()
            and vocabulary.canonical(name) is None
            and not any(vocabulary.same(name, other) for other in known)
        )
        return self.model_copy(update={"other_findings": (*self.other_findings, *more)})

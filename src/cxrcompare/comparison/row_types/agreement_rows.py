"""The row types of the agreement of models, and of the studies on which they disagree."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from cxrcompare.comparison.row_types.column_types import (
    Count,
    Finding,
    First,
    High,
    Low,
    Model,
    Number,
    Share,
    Text,
)
from cxrcompare.comparison.row_types.field import Field


class ModelAgreementRow(NamedTuple):
    """The agreement of two networks at their thresholds."""

    model_a: First
    model_b: Annotated[Text, Field(description="Second model of the pair.")]
    finding: Finding
    kappa: Annotated[Number, Field(description="Cohen's kappa, at most 1.")]
    low: Low
    high: High
    agreement: Annotated[Share, Field(description="Share of units with the same call.")]
    defined: Annotated[Count, Field(description="Number of findings included.")]


class JointErrorRow(NamedTuple):
    """How often a network alone is right or wrong, and how often all are, in units."""

    model: Model
    finding: Finding
    right_alone: Annotated[Count, Field(description="Units that only this network gets right.")]
    wrong_alone: Annotated[Count, Field(description="Units that only this network gets wrong.")]
    all_right: Annotated[Count, Field(description="Units that all networks get right.")]
    all_wrong: Annotated[Count, Field(description="Units that all networks get wrong.")]
    units: Annotated[Count, Field(description="Units with a label and a call of every network.")]


class DisagreementRow(NamedTuple):
    """A unit on which networks disagree, or that all get wrong."""

    kind: Annotated[
        Literal["one_right", "all_wrong", "split"],
        Field(description="One network is right, all are wrong, or the calls are divided."),
    ]
    finding: Finding
    id: Annotated[Text, Field(description="Id of the unit.")]
    patient: Annotated[Text, Field(description="Id of the patient.")]
    label: Annotated[Share, Field(description="Reference label; empty if unknown.")]
    right_alone: Annotated[Text, Field(description="The one network that is right, else empty.")]
    right: Annotated[Count, Field(description="Networks that are right.")]
    positive: Annotated[Count, Field(description="Networks that call it positive.")]
    models: Annotated[Count, Field(description="Networks with a call.")]
    strength: Annotated[
        Share, Field(description="Order within finding and kind; 1 is the strongest.")
    ]

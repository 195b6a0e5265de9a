"""Further tables of a comparison; the row types of groups and of the agreement of models."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from cxrcompare.comparison.result.label_rows import (
    LabelCorrectionPairRow,
    LabelCorrectionRow,
    ReferenceAgreementRow,
    ReferenceModelRow,
    ReferenceOrderRow,
    ReferencePairRow,
)
from cxrcompare.comparison.result.reader_rows import ReaderNetBenefitRow, ReaderPanelRow
from cxrcompare.comparison.result.rows import (
    Count,
    Finding,
    First,
    High,
    Low,
    Metric,
    Model,
    Number,
    PValue,
    Second,
    Share,
    Text,
)
from cxrcompare.comparison.result.site_row_types import (
    SiteDifferenceRow,
    SiteMetricRow,
    SitePooledRow,
)


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


class GapDifferenceRow(NamedTuple):
    """The gap of one network between two groups minus that of another network."""

    model_a: First
    model_b: Second
    column: Annotated[Text, Field(description="Column of the group.")]
    value: Annotated[Text, Field(description="Value of the group.")]
    against: Annotated[Text, Field(description='The other group; "rest" for all other units.')]
    finding: Finding
    metric: Metric
    threshold: Annotated[
        Share, Field(description="Threshold probability of a net benefit, else empty.")
    ]
    difference: Annotated[Number, Field(description="Gap of the first minus gap of the second.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share,
        Field(
            description="p-value adjusted over groups and pairs, for single findings over these "
            "too; separately for each metric."
        ),
    ]
    margin: Annotated[Share, Field(description="The largest difference that does not matter.")]
    p_equivalence: Annotated[
        Share,
        Field(
            description="p-value of a difference within the margin (two one-sided tests), adjusted "
            "as p_adjusted."
        ),
    ]
    verdict: Annotated[
        Literal["", "different", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests; empty if there is no test."),
    ]


class PartialPoolingRow(NamedTuple):
    """The AUROC difference of two networks in a model that pools findings; no test."""

    model_a: First
    model_b: Second
    finding: Annotated[
        Text, Field(description='Finding, or "mean" of the distribution of findings.')
    ]
    difference: Annotated[
        Number, Field(description="Estimate without pooling, first minus second.")
    ]
    pooled: Annotated[Number, Field(description="Posterior mean of the true difference.")]
    low: Annotated[Number, Field(description="Lower end of the credible interval.")]
    high: Annotated[Number, Field(description="Upper end of the credible interval.")]
    probability_a_better: Annotated[
        Share, Field(description="Posterior probability that the first is better.")
    ]
    probability_a_better_by_margin: Annotated[
        Share, Field(description="That the first is better by more than the margin.")
    ]
    probability_b_better_by_margin: Annotated[
        Share, Field(description="That the second is better by more than the margin.")
    ]
    probability_within_margin: Annotated[
        Share, Field(description="That they differ by no more than the margin.")
    ]
    margin: Annotated[Share, Field(description="The largest difference that does not matter.")]
    tau: Annotated[
        Count, Field(description="Posterior median of the standard deviation between findings.")
    ]
    tau_low: Annotated[Count, Field(description="Lower end of its credible interval.")]
    tau_high: Annotated[Count, Field(description="Upper end of its credible interval.")]


FURTHER: dict[str, type[NamedTuple]] = {
    "model_agreement": ModelAgreementRow,
    "joint_errors": JointErrorRow,
    "disagreements": DisagreementRow,
    "gap_differences": GapDifferenceRow,
    "reference_agreement": ReferenceAgreementRow,
    "reference_models": ReferenceModelRow,
    "reference_pairs": ReferencePairRow,
    "reference_order": ReferenceOrderRow,
    "label_correction": LabelCorrectionRow,
    "label_correction_pairs": LabelCorrectionPairRow,
    "reader_panel": ReaderPanelRow,
    "reader_net_benefit": ReaderNetBenefitRow,
    "partial_pooling": PartialPoolingRow,
    "site_metrics": SiteMetricRow,
    "site_differences": SiteDifferenceRow,
    "site_pooled": SitePooledRow,
}
"""The further tables; a comparison writes those that have rows."""

"""The row types of further tables: groups, references, sites, and agreement of models."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

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


class ReferenceAgreementRow(NamedTuple):
    """The reference as a labeller, against the second reference, on the units that both label."""

    finding: Finding
    units: Annotated[Count, Field(description="Units with a label in both references.")]
    positives: Annotated[Count, Field(description="Positives of the reference.")]
    positives_second: Annotated[Count, Field(description="Positives of the second reference.")]
    kappa: Annotated[Number, Field(description="Cohen's kappa, at most 1.")]
    kappa_low: Low
    kappa_high: High
    sensitivity: Annotated[
        Share, Field(description="Share of the second reference's positives that it has.")
    ]
    sensitivity_low: Low
    sensitivity_high: High
    specificity: Annotated[
        Share, Field(description="Share of the second reference's negatives that it has.")
    ]
    specificity_low: Low
    specificity_high: High


class ReferenceModelRow(NamedTuple):
    """The AUROC and rank of a network under both references, on the units that both label."""

    model: Model
    finding: Finding
    units: Annotated[Count, Field(description="Units with a label in both references.")]
    auroc: Annotated[Share, Field(description="AUROC under the reference.")]
    auroc_second: Annotated[Share, Field(description="AUROC under the second reference.")]
    rank: Annotated[Count, Field(description="Rank under the reference; 1 is best.")]
    rank_second: Annotated[Count, Field(description="Rank under the second reference.")]
    change: Annotated[Number, Field(description="AUROC under the second minus under the first.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share, Field(description="p-value adjusted over networks, for single findings over these.")
    ]


class ReferencePairRow(NamedTuple):
    """The verdict on two networks under both references, and the change of their difference."""

    model_a: First
    model_b: Second
    finding: Finding
    units: Annotated[Count, Field(description="Units with a label in both references.")]
    difference: Annotated[Number, Field(description="AUROC difference under the reference.")]
    verdict: Annotated[
        Literal["", "a_better", "b_better", "equivalent", "undecided"],
        Field(description="Verdict under the reference, on these units."),
    ]
    difference_second: Annotated[Number, Field(description="Under the second reference.")]
    verdict_second: Annotated[
        Literal["", "a_better", "b_better", "equivalent", "undecided"],
        Field(description="Verdict under the second reference, on these units."),
    ]
    change: Annotated[Number, Field(description="Second difference minus first.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share,
        Field(description="p-value of the change, adjusted over pairs, for findings over these."),
    ]
    margin: Annotated[Share, Field(description="The largest change that does not matter.")]
    p_equivalence: Annotated[
        Share, Field(description="p-value of a change within the margin, adjusted alike.")
    ]
    change_verdict: Annotated[
        Literal["", "changed", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests of the change."),
    ]


class ReferenceOrderRow(NamedTuple):
    """The joint test that the second reference changes the AUROCs of all networks alike."""

    finding: Finding
    models: Annotated[Count, Field(description="Number of networks.")]
    kendall: Annotated[Number, Field(description="Kendall's tau-b of both orders of networks.")]
    statistic: Annotated[Number, Field(description="F statistic.")]
    degrees: Annotated[Count, Field(description="Numerator degrees of freedom.")]
    degrees_second: Annotated[Count, Field(description="Denominator degrees of freedom.")]
    p_value: PValue
    p_adjusted: Annotated[Share, Field(description="p-value adjusted over single findings.")]


class LabelCorrectionRow(NamedTuple):
    """A metric of a network, corrected for the error rates of the labeller."""

    model: Model
    finding: Finding
    metric: Metric
    observed: Annotated[Number, Field(description="Against the labels.")]
    corrected: Annotated[
        Number, Field(description="Corrected; outside [0, 1] if the assumptions do not hold.")
    ]
    low: Low
    high: High
    labeller_sensitivity: Annotated[Share, Field(description="Of the labeller; empty for a mean.")]
    labeller_specificity: Annotated[Share, Field(description="Of the labeller; empty for a mean.")]
    prevalence: Annotated[Share, Field(description="True prevalence that the rates imply.")]


class LabelCorrectionPairRow(NamedTuple):
    """The AUROC difference of two networks, corrected for the error rates of the labeller."""

    model_a: First
    model_b: Second
    finding: Finding
    observed: Annotated[Number, Field(description="Difference against the labels.")]
    difference: Annotated[Number, Field(description="Corrected difference.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share, Field(description="p-value adjusted over the pairs of the finding.")
    ]
    margin: Annotated[Share, Field(description="Margin of equivalence.")]
    p_equivalence: Annotated[
        Share, Field(description="p-value of equivalence within the margin, adjusted alike.")
    ]
    verdict: Annotated[
        Literal["", "a_better", "b_better", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests."),
    ]


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
}
"""The tables of this module; a comparison writes those that have rows."""

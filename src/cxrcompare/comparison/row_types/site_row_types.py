"""The row types of results per site and pooled over sites."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from cxrcompare.comparison.row_types.column_types import (
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
from cxrcompare.comparison.row_types.field import Field


class SiteMetricRow(NamedTuple):
    """A metric of a network at one site."""

    site: Annotated[Text, Field(description="Name of the site.")]
    model: Model
    finding: Finding
    metric: Metric
    value: Annotated[Number, Field(description="Estimate, in units of the metric.")]
    low: Low
    high: High
    positives: Annotated[Count, Field(description="Positive units of the site.")]
    negatives: Annotated[Count, Field(description="Negative units of the site.")]
    patients: Annotated[Count, Field(description="Patients of the site.")]


class SiteDifferenceRow(NamedTuple):
    """A paired AUROC difference of two networks at one site."""

    site: Annotated[Text, Field(description="Name of the site.")]
    model_a: First
    model_b: Second
    finding: Finding
    difference: Annotated[Number, Field(description="AUROC of the first minus the second.")]
    low: Low
    high: High
    standard_error: Annotated[
        Count,
        Field(
            description="Of patients and, if several, seeds, as pooling uses it; with few patients "
            "the interval is wider."
        ),
    ]


class SitePooledRow(NamedTuple):
    """An AUROC difference of two networks pooled over sites, with site as a random factor."""

    model_a: First
    model_b: Second
    finding: Finding
    sites: Annotated[Count, Field(description="Number of sites.")]
    difference: Annotated[Number, Field(description="Mean difference of AUROC over sites.")]
    low: Low
    high: High
    p_value: PValue
    p_adjusted: Annotated[
        Share,
        Field(description="p-value adjusted over pairs, for single findings over these too."),
    ]
    margin: Annotated[Share, Field(description="Margin of equivalence.")]
    p_equivalence: Annotated[
        Share, Field(description="p-value of equivalence within the margin, adjusted alike.")
    ]
    verdict: Annotated[
        Literal["", "a_better", "b_better", "equivalent", "undecided"],
        Field(description="Result of the adjusted tests of the mean over sites."),
    ]
    tau: Annotated[Count, Field(description="Standard deviation of the difference between sites.")]
    tau_low: Annotated[Count, Field(description="Lower limit of tau.")]
    tau_high: Annotated[Count, Field(description="Upper limit of tau.")]
    i_squared: Annotated[
        Share, Field(description="Share of the variance of the differences that is between sites.")
    ]
    p_heterogeneity: Annotated[
        Share, Field(description="p-value that all sites have one difference, not adjusted.")
    ]
    prediction_low: Annotated[
        Number, Field(description="Lower limit of the difference at a new site.")
    ]
    prediction_high: Annotated[
        Number, Field(description="Upper limit of the difference at a new site.")
    ]

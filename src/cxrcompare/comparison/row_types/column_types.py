"""The columns that tables of a comparison share: types, ranges, descriptions, and fixed names.

An undefined number is NaN in a row and a data frame, and null in JSON.
"""

from __future__ import annotations

from typing import Annotated, Literal

from cxrcompare.comparison.row_types.field import Field

ALL_SEEDS = "all"
"""The seed of a row that is the mean over seeds."""
ALL_READERS = "all"
"""Both readers of the agreement of all readers."""
MEAN = "mean"
"""The finding of a row that is the mean over findings (macro)."""
MICRO = "micro"
"""The finding of a row for all findings pooled."""
METADATA = "metadata alone"
"""The name of the metadata baseline."""
Text = Annotated[str, Field(max_length=10_000)]
Number = Annotated[float, Field(ge=-1e15, le=1e15)] | None
Share = Annotated[float, Field(ge=0, le=1)] | None
Count = Annotated[float, Field(ge=0, le=1e15)] | None
Seed = Annotated[
    Annotated[int, Field(ge=0)] | Text,
    Field(description='Seed of the run; "all" for the mean over seeds.'),
]
Model = Annotated[Text, Field(description="Name of the model.")]
First = Annotated[Text, Field(description="First model of the pair.")]
Second = Annotated[Text, Field(description="Second model of the pair, which is subtracted.")]
Finding = Annotated[
    Text, Field(description='Finding, "mean" (macro over findings) or "micro" (all pooled).')
]
Metric = Annotated[Text, Field(description="Name of the metric, e.g. auroc.")]
Subgroup = Annotated[Text, Field(description="column=value; empty for the whole test set.")]
Low = Annotated[Number, Field(description="Lower end of the interval, not adjusted.")]
High = Annotated[Number, Field(description="Upper end of the interval, not adjusted.")]
Difference = Annotated[Number, Field(description="First minus second, in units of the metric.")]
PValue = Annotated[Share, Field(description="Two-sided p-value, not adjusted.")]
Adjusted = Annotated[
    Share, Field(description="p-value adjusted over all pairs and findings of the family.")
]
SimultaneousLow = Annotated[
    Number, Field(description="Lower end of the simultaneous interval of the family.")
]
SimultaneousHigh = Annotated[
    Number, Field(description="Upper end of the simultaneous interval of the family.")
]
Method = Annotated[Text, Field(description="Method of the interval or test.")]
Positives = Annotated[Count, Field(description="Number of positive units.")]
Negatives = Annotated[Count, Field(description="Number of negative units.")]
Deviation = Annotated[float, Field(ge=0, le=1e15)] | None
Verdict = Annotated[
    Literal["", "a_better", "b_better", "undecided"],
    Field(description="Result of the adjusted test; empty if there is no test."),
]

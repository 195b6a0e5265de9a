"""Sentences on what paired tests add where patients are few, or their influences skewed."""

from __future__ import annotations

import pandas as pd

from cxrcompare.evaluation.auroc.binormal import ADDED_PATIENTS
from cxrcompare.reporting.paper.sentence import Sentence, metric_name
from cxrcompare.reporting.results import numbers

_BY_INFLUENCE = (
    "DeLong",
    "Obuchowski",
    "infinitesimal jackknife",
    "influence functions",
    "t-test over",
)
"""How the methods of tests by influence functions begin."""


def tests(tested: pd.DataFrame) -> list[Sentence]:
    """Returns the sentences on the tests of a table of differences.

    Args:
        tested: The rows that have a p-value.
    """
    methods = tested["method"].astype(str)
    found = []
    if ((tested["metric"] == "auroc") & ~methods.str.contains("seeds")).any():
        found.append(
            Sentence(
                "In tests of two models of one run each, the variance of each AUROC was averaged "
                "with that of binormal scores at the mean AUROC of both models, if that was "
                "larger, with the weights of the number of patients and of "
                f"{ADDED_PATIENTS} patients"
            )
        )
    names = dict.fromkeys(tested[methods.str.startswith(_BY_INFLUENCE)]["metric"])
    if names:
        words = numbers.listed([metric_name(name) for name in names])
        found.append(
            Sentence(
                f"The test statistics of {words} were also transformed to remove the skewness of "
                "the influences of the patients, and the larger p-value counts",
                ("hall1992",),
            )
        )
    return found

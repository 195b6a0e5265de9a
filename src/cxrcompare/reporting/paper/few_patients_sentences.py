"""Sentences on what paired tests add where patients are few, or their influences skewed."""

from __future__ import annotations

import pandas as pd

from cxrcompare.evaluation.auroc.binormal import ADDED_PATIENTS, SHAPES
from cxrcompare.evaluation.influence.auprc_tests import OF_HIGHER, OF_LOWER
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
        found.append(
            Sentence(
                "The binormal variance of the model with the higher AUROC was multiplied by its "
                "relative variance, observed over binormal, divided by that of the other model, "
                f"if this was above 1, and at most by {SHAPES:g}"
            )
        )
    if ((tested["metric"] == "auprc") & ~methods.str.contains("seeds")).any():
        found.append(
            Sentence(
                "In tests of AUPRC, the variance also contained the squared deviations of "
                f"{OF_HIGHER:g} negative patients, ranked at random by the model with the higher "
                f"AUPRC, and of {OF_LOWER:g} of a positive patient above all scores in the other "
                "model; that of a mean over findings, the squared difference of the biases too"
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

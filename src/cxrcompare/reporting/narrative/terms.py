"""Explanations of the terms of the report, one sentence or two each."""

from __future__ import annotations

from typing import NamedTuple


class Term(NamedTuple):
    """A term and its explanation."""

    name: str
    words: str


TERMS: dict[str, Term] = {
    "auroc": Term(
        "AUROC",
        "Area under the ROC curve: the probability that a study with the finding gets a higher "
        "score than a study without it. 0.5 is chance, 1 is perfect.",
    ),
    "auprc": Term(
        "AUPRC",
        "Area under the precision-recall curve (average precision). Chance is the prevalence, so "
        "it cannot be compared between findings.",
    ),
    "partial_auroc": Term(
        "Partial AUROC",
        "AUROC of the part of the curve with few false positives, rescaled so that 0.5 is chance "
        "and 1 is perfect.",
    ),
    "sensitivity_at_specificity": Term(
        "Sensitivity at fixed specificity",
        "The share of positives that are found if the threshold gives the stated specificity.",
    ),
    "specificity_at_sensitivity": Term(
        "Specificity at fixed sensitivity",
        "The share of negatives that are called negative if the threshold gives the stated "
        "sensitivity.",
    ),
    "sensitivity_at_flags": Term(
        "Sensitivity at the same flags",
        "The share of positives that are found if every model flags the same number of patients.",
    ),
    "accuracy": Term(
        "Accuracy", "The share of correct calls. It is high if a rare finding is never called."
    ),
    "sensitivity": Term(
        "Sensitivity (recall)", "The share of the studies with the finding that are called."
    ),
    "specificity": Term(
        "Specificity", "The share of the studies without the finding that are not called."
    ),
    "precision": Term("Precision (PPV)", "The share of the called studies that have the finding."),
    "npv": Term("NPV", "The share of the studies not called that do not have the finding."),
    "f1": Term("F1", "The harmonic mean of precision and sensitivity."),
    "hamming_loss": Term(
        "Hamming loss", "The share of wrong calls over all studies and findings; lower is better."
    ),
    "subset_accuracy": Term(
        "Subset accuracy", "The share of studies in which the calls of all findings are correct."
    ),
    "brier": Term(
        "Brier score",
        "The mean squared difference between predicted probability and label. It measures ranking "
        "and calibration together; lower is better.",
    ),
    "log_loss": Term(
        "Log loss",
        "The mean negative logarithm of the probability given to the true label. Confident errors "
        "cost most; lower is better.",
    ),
    "ece": Term(
        "ECE",
        "Expected calibration error: the mean distance between predicted probability and observed "
        "share of positives; lower is better. It is above 0 by chance even for a calibrated model.",
    ),
    "calibration_slope": Term(
        "Calibration slope",
        "1 if predicted log odds are as spread as they should be; below 1 if predictions are too "
        "extreme.",
    ),
    "calibration_intercept": Term(
        "Calibration intercept",
        "0 if predictions are right on average; below 0 if they are too high.",
    ),
    "interval": Term(
        "Confidence interval",
        "A range of values that agree with the data. It covers the sampling of patients, and of "
        "training seeds if there are several.",
    ),
    "adjusted_p": Term(
        "Adjusted p-value",
        "The p-value after correction for the number of tests. Below 1 minus the level, a "
        "difference is called significant.",
    ),
    "tie_group": Term(
        "Tie group",
        "Networks that share a letter do not differ significantly, or were not tested. This does "
        "not show that they are equal.",
    ),
    "rank": Term(
        "Rank",
        "The position in the order of AUROC; 1 is best. A wide interval: the rank is uncertain.",
    ),
    "equivalent": Term(
        "Equivalent",
        "Two one-sided tests show that the difference is smaller than the margin, the smallest "
        "difference that counts as relevant.",
    ),
    "probability_best": Term(
        "Probability of being best",
        "The share of bootstrap replicates in which the network has the highest AUROC. It is no "
        "test.",
    ),
    "net_benefit": Term(
        "Net benefit",
        "True positives minus false positives, weighted by the odds of the threshold probability, "
        "per study.",
    ),
    "operating_point": Term(
        "Operating point", "The threshold at which a score becomes a positive call."
    ),
    "baseline": Term("Baseline", "A model that sees no image, e.g. one that knows the prevalence."),
}

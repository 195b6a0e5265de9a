"""Sentences on the intervals of a comparison, by the methods in its table of metrics."""

from __future__ import annotations

import pandas as pd

from cxrcompare.comparison.row_types.column_types import ALL_SEEDS
from cxrcompare.evaluation.influence.auprc_tests import TIMES, TOP
from cxrcompare.reporting.paper.sentence import Sentence, metric_name
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results

_AUROC = {
    "DeLong": ("DeLong's variance", ("delong1988",)),
    "Obuchowski": ("Obuchowski's variance for clustered data", ("delong1988", "obuchowski1997")),
}
_WILSON = ("wilson1927",)
_MOVER = ("zou2008", "wilson1927", "conover1999")
_AREA = ("dodd2003", "agresti1998")
BOOTSTRAP = ("field2007",)
JACKKNIFE = ("efron1982",)
MEANS = ("cochran1977", "satterthwaite1946")


def intervals(results: Results) -> list[Sentence]:
    """Returns the sentences on confidence intervals, by the methods in the table of metrics."""
    protocol = results.comparison.protocol
    table = results.comparison.metrics
    table = table[(table["seed"].astype(str) == ALL_SEEDS) & table["low"].notna()]
    found = []
    if numbers.defined(protocol["level"]) and len(table):
        found.append(Sentence(f"Confidence intervals had a level of {100 * results.level:.6g} %"))
    for words, cites, seeds in variances_of_auroc(table[table["metric"] == "auroc"]["method"]):
        words = (
            f"AUROCs had intervals on the logit scale from {words}{seeds}, with half a patient at "
            "chance added to the smaller class of each finding, and limits that this narrowed "
            "were narrowed by half of it"
        )
        found.append(Sentence(words, cites))
    if names := metrics_of(table, "infinitesimal jackknife"):
        found.append(
            Sentence(
                f"{begin(names)} had intervals on the logit scale by the infinitesimal jackknife "
                "over patients; the lower limit with one more patient of each class, ranked at "
                f"random, and the upper limit with {TOP:g} of a positive patient above all scores; "
                f"the lower limit of a mean over findings less {TIMES:g} times the jackknife's "
                "estimate of its bias",
                JACKKNIFE,
            )
        )
    if names := metrics_of(table, "t-test over"):
        found.append(
            Sentence(
                f"{begin(names)} had intervals from means over units, clustered by patient, with "
                "Student's distribution",
                MEANS,
            )
        )
    if names := metrics_of(table, "MOVER"):
        found.append(
            Sentence(
                f"{begin(names)} had intervals that combine Wilson's interval of the rate with "
                "the curve at the exact limits of the threshold (MOVER)",
                _MOVER,
            )
        )
    if names := metrics_of(table, "influence functions, logit with"):
        found.append(
            Sentence(
                f"{begin(names)} had intervals from influence functions, on the logit scale of "
                "the (mean) sensitivity, with half a positive patient more at each end of the "
                "scores",
                _AREA,
            )
        )
    if names := metrics_of(table, "percentile"):
        found.append(
            Sentence(f"{begin(names)} had percentile intervals of {_bootstrap(results)}", BOOTSTRAP)
        )
    if names := metrics_of(table, "basic"):
        found.append(
            Sentence(f"{begin(names)} had basic intervals of {_bootstrap(results)}", BOOTSTRAP)
        )
    if names := metrics_of(table, "wilson"):
        found.append(
            Sentence(f"{begin(names)} of independent units had Wilson's interval", _WILSON)
        )
    if metrics_of(table, "wald"):
        found.append(
            Sentence("Calibration slope and intercept had Wald intervals with clustered variance")
        )
    return found


def _bootstrap(results: Results) -> str:
    protocol = results.comparison.protocol
    over = f" of {protocol['resampled']}" if protocol["resampled"] else ""
    count = (
        f" with {numbers.count(protocol['replicates'])} replicates"
        if numbers.defined(protocol["replicates"])
        else ""
    )
    return f"a bootstrap{over}{count}"


def metrics_of(table: pd.DataFrame, method: str) -> list[str]:
    """Returns the names of the metrics whose method begins with some words."""
    chosen = table["method"].astype(str).str.startswith(method)
    return [metric_name(name) for name in dict.fromkeys(table[chosen]["metric"])]


def begin(names: list[str]) -> str:
    """Returns names as the beginning of a sentence."""
    words = numbers.listed(names)
    return words[0].upper() + words[1:]


def variances_of_auroc(
    methods: pd.Series[str],
) -> list[tuple[str, tuple[str, ...], str]]:
    """Returns the words, references and words on seeds of each variance among some methods."""
    found = []
    for name, (words, cites) in _AUROC.items():
        given = [one for one in methods.dropna().astype(str) if one.startswith(name)]
        if given:
            seeds = any("seeds" in one for one in given)
            more = " and, with several seeds, the variance between seeds" if seeds else ""
            found.append(
                (words, (*cites, "satterthwaite1946", *(["welch1947"] if seeds else [])), more)
            )
    return found

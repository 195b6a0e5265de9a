"""What the methods section says of metrics, intervals, tests and their correction."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cxrcompare.comparison.inference.scoring import OVER
from cxrcompare.comparison.inference.tested_estimates import FEW_PATIENTS
from cxrcompare.comparison.row_types.column_types import MEAN, MICRO
from cxrcompare.comparison.row_types.main_rows import WITHOUT_VERDICT
from cxrcompare.reporting.paper import few_patients_sentences
from cxrcompare.reporting.paper.interval_sentences import (
    BOOTSTRAP,
    JACKKNIFE,
    MEANS,
    metrics_of,
    variances_of_auroc,
)
from cxrcompare.reporting.paper.sentence import Sentence, metric_name
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results

_METRICS: dict[str, tuple[str, ...]] = {
    "auroc": ("hanley1982",),
    "auprc": ("davis2006",),
    "partial_auroc": ("mcclish1989",),
    "brier": ("brier1950",),
    "ece": ("naeini2015",),
    "calibration_slope": ("cox1958", "vancalster2019"),
    "calibration_intercept": ("cox1958", "vancalster2019"),
}
_CORRECTIONS = {
    "bonferroni": ("by Bonferroni's method", ("dunn1961",)),
    "holm": ("by Holm's method", ("holm1979",)),
    "fdr": ("by Benjamini and Hochberg's method", ("benjamini1995",)),
}


def metrics(results: Results) -> list[Sentence]:
    """Returns the sentences on metrics, where the ROC curve was read, and bins."""
    protocol, shown = results.comparison.protocol, results.metrics
    cites = _unique(key for name in shown for key in _METRICS.get(name, ()))
    found = [
        Sentence(f"The metrics were {numbers.listed([metric_name(name) for name in shown])}", cites)
    ]
    points = protocol.get("roc_points")
    reads = {
        "sensitivity_at_specificity": "sensitivity at specificity {specificity:g}",
        "specificity_at_sensitivity": "specificity at sensitivity {sensitivity:g}",
        "partial_auroc": "partial AUROC up to false positive rate {false_positive_rate:g}",
    }
    read = [words.format(**points) for name, words in reads.items() if points and name in shown]
    if read:
        found.append(Sentence(f"The ROC curve was read at fixed points: {numbers.listed(read)}"))
    if "ece" in shown and protocol["ece_bins"]:
        found.append(Sentence(f"Bins of the ECE: {numbers.stated(protocol['ece_bins'])}"))
    if "mean" in set(results.comparison.metrics["finding"]):
        found.append(Sentence("Means over findings weight every finding equally"))
    if protocol.get("min_patients"):
        found.append(
            Sentence(
                "Intervals, tests and means were restricted to findings with at least "
                f"{numbers.count(protocol.get('min_patients'))} patients with a positive and as "
                "many with a negative"
            )
        )
    return found


def tests(results: Results) -> list[Sentence]:
    """Returns the sentences on paired tests, their correction, equivalence and ranks."""
    protocol, table = results.comparison.protocol, results.comparison.differences
    tested = table[table["p_value"].notna()]
    found = [*_paired(results, table, tested), *_correction(results, tested)]
    if (table["subgroup"].notna() & (table["subgroup"] != "") & table["p_value"].notna()).any():
        found.append(Sentence("Differences within subgroups were tested in families of their own"))
    if table["p_equivalence"].notna().any() and numbers.defined(protocol.get("margin")):
        given = "" if protocol.get("margin_given") else ", the default of the program"
        found.append(
            Sentence(
                "Equivalence was tested by two one-sided tests with a margin of "
                f"{protocol.get('margin'):g} AUROC{given}",
                ("schuirmann1987",),
            )
        )
    if len(results.comparison.ranks):
        found.append(
            Sentence(
                "Ranks had simultaneous intervals from the adjusted tests, and models that did "
                "not differ significantly share a letter",
                ("almohamad2022", "piepho2004"),
            )
        )
    return found


def _paired(results: Results, table: pd.DataFrame, tested: pd.DataFrame) -> list[Sentence]:
    """Returns the sentences on the paired tests of each metric, by their methods."""
    if not len(tested):
        return []
    pairs = len(tested[["model_a", "model_b"]].drop_duplicates())
    of = f"{numbers.plural(pairs, 'pair')} of models"
    aurocs = tested[tested["metric"] == "auroc"]["method"]
    found = [
        Sentence(
            f"AUROCs of {of} were compared on the same {results.unit_words[1]} by paired tests "
            f"with {words}{seeds}",
            cites,
        )
        for words, cites, seeds in variances_of_auroc(aurocs)
    ]
    found += few_patients_sentences.tests(tested)
    if aurocs.astype(str).str.contains("permutation").any():
        found.append(
            Sentence(
                f"For findings with fewer than {FEW_PATIENTS} patients with, or without, the "
                "finding, a paired permutation test was made too, and the larger p-value counts",
                ("bandos2005",),
            )
        )
    for method, words, cites in _TESTS:
        if names := metrics_of(tested, method):
            found.append(Sentence(f"Differences of {numbers.listed(names)} {words}", cites))
    rates = tested[tested["metric"] != "auroc"]
    if rates["method"].astype(str).str.contains("permutation").any():
        found.append(
            Sentence(
                "Decisions of two models were also exchanged by patient, which is McNemar's test "
                "of independent units, and the larger p-value counts",
                ("mcnemar1947",),
            )
        )
    untested = [
        metric_name(name)
        for name in WITHOUT_VERDICT
        if name in set(table["metric"]) and name not in set(tested["metric"])
    ]
    if untested:
        found.append(
            Sentence(
                "Intervals of differences, but no tests, were computed of "
                f"{numbers.listed(untested)}"
            )
        )
    if (table["metric"] == "auroc").any() and not len(aurocs):
        found.append(Sentence("AUROCs of pairs of models had no tests"))
    return found


def _correction(results: Results, tested: pd.DataFrame) -> list[Sentence]:
    """Returns the sentences on the families of tests."""
    correction = results.comparison.protocol["correction"]
    if correction is None or not tested["p_adjusted"].notna().any():
        return []
    words, cites = _CORRECTIONS.get(correction, (f"by {correction}", ()))
    adjusted = tested[tested["p_adjusted"].notna()]
    single = len(set(adjusted["finding"]) - set(OVER)) > 1
    over = "all pairs of models and findings" if single else "all pairs of models"
    rate = "the false discovery rate" if correction == "fdr" else "the level"
    found = [
        Sentence(
            f"For each metric, p-values were adjusted {words} in one family of {over}; {rate} "
            f"of each family was {results.alpha:g}",
            cites,
        )
    ]
    if correction == "fdr":
        return found
    if single and MEAN in set(adjusted["finding"]):
        pooled = " and all findings pooled" if MICRO in set(adjusted["finding"]) else ""
        found.append(
            Sentence(
                "Half of that level was for the mean over findings, and half for single findings"
                f"{pooled}"
            )
        )
    if adjusted["p_equivalence"].notna().any():
        found.append(
            Sentence(
                "Tests of a difference and of equivalence share the level of a pair, of which at "
                "most one null hypothesis is true",
                ("shaffer1986",),
            )
        )
    if adjusted["simultaneous_low"].notna().any():
        agree = ", and exclude 0 exactly if the difference is significant"
        found.append(
            Sentence(
                "Simultaneous intervals of differences have the Bonferroni level of their family"
                + (agree if correction == "bonferroni" else "")
            )
        )
    return found


def _unique(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


_TESTS = (
    ("infinitesimal jackknife", "had t-tests by the infinitesimal jackknife", JACKKNIFE),
    ("t-test over", "had paired t-tests of means over units, clustered by patient", MEANS),
    ("influence functions", "had paired t-tests by influence functions", ("pepe2003", "dodd2003")),
    ("t-test with bootstrap", "had paired t-tests with the variance of the bootstrap", BOOTSTRAP),
)
"""How the methods of tests begin, with their words and references."""

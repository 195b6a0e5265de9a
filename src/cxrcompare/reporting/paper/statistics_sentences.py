"""What the methods section says of metrics, intervals, tests and their correction."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cxrcompare.comparison.inference.scoring import OVER
from cxrcompare.comparison.inference.tested_estimates import FEW_PATIENTS
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MEAN, MICRO
from cxrcompare.comparison.row_types.main_rows import WITHOUT_VERDICT
from cxrcompare.evaluation.influence.auprc_tests import TIMES, TOP
from cxrcompare.reporting.paper import few_patients_sentences
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
_AUROC = {
    "DeLong": ("DeLong's variance", ("delong1988",)),
    "Obuchowski": ("Obuchowski's variance for clustered data", ("delong1988", "obuchowski1997")),
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


def intervals(results: Results) -> list[Sentence]:
    """Returns the sentences on confidence intervals, by the methods in the table of metrics."""
    protocol = results.comparison.protocol
    table = results.comparison.metrics
    table = table[(table["seed"].astype(str) == ALL_SEEDS) & table["low"].notna()]
    found = []
    if numbers.defined(protocol["level"]) and len(table):
        found.append(Sentence(f"Confidence intervals had a level of {100 * results.level:.6g} %"))
    for words, cites, seeds in _aurocs(table[table["metric"] == "auroc"]["method"]):
        words = (
            f"AUROCs had intervals on the logit scale from {words}{seeds}, with half a patient at "
            "chance added to the smaller class of each finding, and limits that this narrowed "
            "were narrowed by half of it"
        )
        found.append(Sentence(words, cites))
    if names := _of(table, "infinitesimal jackknife"):
        found.append(
            Sentence(
                f"{_begin(names)} had intervals on the logit scale by the infinitesimal jackknife "
                "over patients; the lower limit with one more patient of each class, ranked at "
                f"random, and the upper limit with {TOP:g} of a positive patient above all scores; "
                f"the lower limit of a mean over findings less {TIMES:g} times the jackknife's "
                "estimate of its bias",
                _JACKKNIFE,
            )
        )
    if names := _of(table, "t-test over"):
        found.append(
            Sentence(
                f"{_begin(names)} had intervals from means over units, clustered by patient, with "
                "Student's distribution",
                _MEANS,
            )
        )
    if names := _of(table, "MOVER"):
        found.append(
            Sentence(
                f"{_begin(names)} had intervals that combine Wilson's interval of the rate with "
                "the curve at the exact limits of the threshold (MOVER)",
                _MOVER,
            )
        )
    if names := _of(table, "influence functions, logit with"):
        found.append(
            Sentence(
                f"{_begin(names)} had intervals from influence functions, on the logit scale of "
                "the (mean) sensitivity, with half a positive patient more at each end of the "
                "scores",
                _AREA,
            )
        )
    if names := _of(table, "percentile"):
        found.append(
            Sentence(
                f"{_begin(names)} had percentile intervals of {_bootstrap(results)}", _BOOTSTRAP
            )
        )
    if names := _of(table, "basic"):
        found.append(
            Sentence(f"{_begin(names)} had basic intervals of {_bootstrap(results)}", _BOOTSTRAP)
        )
    if names := _of(table, "wilson"):
        found.append(
            Sentence(f"{_begin(names)} of independent units had Wilson's interval", _WILSON)
        )
    if _of(table, "wald"):
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


def _of(table: pd.DataFrame, method: str) -> list[str]:
    """Returns the names of the metrics whose method begins with some words."""
    chosen = table["method"].astype(str).str.startswith(method)
    return [metric_name(name) for name in dict.fromkeys(table[chosen]["metric"])]


def _begin(names: list[str]) -> str:
    """Returns names as the beginning of a sentence."""
    words = numbers.listed(names)
    return words[0].upper() + words[1:]


def _aurocs(methods: pd.Series[str]) -> list[tuple[str, tuple[str, ...], str]]:
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
        for words, cites, seeds in _aurocs(aurocs)
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
        if names := _of(tested, method):
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


_BOOTSTRAP = ("field2007",)
_WILSON = ("wilson1927",)
_MOVER = ("zou2008", "wilson1927", "conover1999")
_AREA = ("dodd2003", "agresti1998")
_JACKKNIFE = ("efron1982",)
_MEANS = ("cochran1977", "satterthwaite1946")
_TESTS = (
    ("infinitesimal jackknife", "had t-tests by the infinitesimal jackknife", _JACKKNIFE),
    ("t-test over", "had paired t-tests of means over units, clustered by patient", _MEANS),
    ("influence functions", "had paired t-tests by influence functions", ("pepe2003", "dodd2003")),
    ("t-test with bootstrap", "had paired t-tests with the variance of the bootstrap", _BOOTSTRAP),
)
"""How the methods of tests begin, with their words and references."""

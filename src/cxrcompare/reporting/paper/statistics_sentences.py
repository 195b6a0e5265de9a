"""What the methods section says of metrics, intervals, tests and their correction."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from cxrcompare.comparison.result.rows import ALL_READERS, ALL_SEEDS, MEAN, WITHOUT_VERDICT
from cxrcompare.reporting.paper.sentence import Sentence
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, title

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
    found = [Sentence(f"The metrics were {numbers.listed([_name(name) for name in shown])}", cites)]
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
    table = table[table["seed"].astype(str) == ALL_SEEDS]
    methods = set(table["method"].astype(str))
    found = []
    if numbers.defined(protocol["level"]) and table["low"].notna().any():
        found.append(Sentence(f"Confidence intervals had a level of {100 * results.level:.6g} %"))
    for words, cites, seeds in _aurocs(table[table["metric"] == "auroc"]["method"]):
        words = f"AUROCs had intervals on the logit scale from {words}{seeds}"
        found.append(Sentence(words, cites))
    if any("percentile" in one or "basic" in one for one in methods):
        over = f" of {protocol['resampled']}" if protocol["resampled"] else ""
        count = (
            f" with {numbers.count(protocol['replicates'])} replicates"
            if numbers.defined(protocol["replicates"])
            else ""
        )
        kind = "percentile" if any("percentile" in one for one in methods) else "basic"
        found.append(
            Sentence(f"Other metrics had {kind} intervals of a bootstrap{over}{count}", _BOOTSTRAP)
        )
    if any(one.startswith("basic") for one in methods):
        found.append(Sentence("The ECE had a basic bootstrap interval"))
    if any("wilson" in one for one in methods):
        found.append(Sentence("Proportions of independent units had Wilson's interval", _WILSON))
    if any(one.startswith("wald") for one in methods):
        found.append(
            Sentence("Calibration slope and intercept had Wald intervals with clustered variance")
        )
    return found


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
    found = []
    if len(tested):
        pairs = len(tested[["model_a", "model_b"]].drop_duplicates())
        of = f"{numbers.plural(pairs, 'pair')} of models"
        aurocs = tested[tested["metric"] == "auroc"]["method"]
        for words, cites, seeds in _aurocs(aurocs):
            found.append(
                Sentence(
                    f"AUROCs of {of} were compared on the same {results.unit_words[1]} by paired "
                    f"tests with {words}{seeds}",
                    cites,
                )
            )
        others = sorted(
            {
                _name(name)
                for name, method in tested[["metric", "method"]].drop_duplicates().values
                if str(method).startswith("paired bootstrap")
            }
            - {_name("auroc")}
        )
        if others:
            found.append(
                Sentence(f"The paired bootstrap compared {numbers.listed(others)}", _BOOTSTRAP)
            )
        untested = [
            _name(name)
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
    found += _correction(results, tested)
    equal = table["p_equivalence"].notna().any()
    if equal and numbers.defined(protocol.get("margin")):
        given = "" if protocol.get("margin_given") else ", the default of the program"
        found.append(
            Sentence(
                "Equivalence was tested by two one-sided tests with a margin of "
                f"{protocol.get('margin'):g} AUROC{given}",
                ("schuirmann1987",),
            )
        )
    if len(results.comparison.non_inferiority):
        margin = numbers.stated(protocol["non_inferiority_margin"])
        found.append(
            Sentence(
                f"Non-inferiority was tested with a margin of {margin} AUROC", ("piaggio2012",)
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


def _correction(results: Results, tested: pd.DataFrame) -> list[Sentence]:
    correction = results.comparison.protocol["correction"]
    if correction is None or not tested["p_adjusted"].notna().any():
        return []
    words, cites = _CORRECTIONS.get(correction, (f"by {correction}", ()))
    return [
        Sentence(
            f"P-values were adjusted {words} over all pairs of models, for each metric and "
            f"finding; the level of the tests was {results.alpha:g}",
            cites,
        )
    ]


def further(results: Results) -> list[Sentence]:
    """Returns the sentences on further analyses, each only if its table has rows."""
    one = results.comparison
    found = []
    if len(one.sample_size):
        row = one.sample_size[one.sample_size["finding"] == MEAN]
        power = (row if len(row) else one.sample_size)["power"].iloc[0]
        found.append(
            Sentence(
                f"Sample sizes were computed for a power of {power:g} without the observed "
                "differences",
                ("julious2004",),
            )
        )
    if len(one.net_benefit):
        words = "Decision curves show the net benefit of models whose scores are probabilities"
        if len(one.net_benefit_differences):
            chosen = sorted(set(one.net_benefit_differences["threshold"]))
            listed = numbers.listed([f"{threshold:g}" for threshold in chosen])
            words += f"; net benefits were tested at the threshold probabilities {listed}"
        found.append(Sentence(words, ("vickers2006",)))
    if one.subgroups:
        found.append(Sentence(f"Subgroups were formed by {numbers.listed(list(one.subgroups))}"))
    found += _gaps(one.subgroup_gaps)
    if len(one.added_to_metadata):
        found.append(
            Sentence(
                "Models combined with metadata were compared with metadata alone",
                ("demler2012",),
            )
        )
    if len(one.readers):
        count = int(one.readers["reader"].nunique())
        readers = f"{numbers.spelled(count).capitalize()} reader{'s' if count > 1 else ''}"
        found.append(
            Sentence(
                f"{readers} labelled the test set; each model was compared with each reader at "
                "the reader's specificity and sensitivity"
            )
        )
    if len(one.agreement):
        everyone = (one.agreement["reader_a"] == ALL_READERS).any()
        cites = ("cohen1960", "fleiss1971") if everyone else ("cohen1960",)
        found.append(Sentence("Agreement of readers was measured by kappa", cites))
    if len(one.model_agreement):
        found.append(Sentence("Agreement of models was measured by Cohen's kappa", ("cohen1960",)))
    if one.multilabel_confusion:
        found.append(
            Sentence(
                "Errors between findings were counted by a multi-label confusion matrix",
                ("heydarian2022",),
            )
        )
    return found


def _gaps(table: pd.DataFrame) -> list[Sentence]:
    """Returns the sentence on tests of gaps between groups; none without tests."""
    if not table["p_adjusted"].notna().any():
        return []
    margins = sorted(set(table[table["threshold"].isna()]["margin"].dropna()))
    rates = {"sensitivity", "specificity"} & set(table["metric"])
    words = "Gaps between groups had adjusted tests of a difference"
    cites: tuple[str, ...] = ("agresti2000", "agresti2005") if rates else ()
    if margins:
        words += f", and of a gap within a margin of {numbers.listed([f'{m:g}' for m in margins])}"
        cites = (*cites, "schuirmann1987")
    return [Sentence(words, cites)]


def _name(metric: str) -> str:
    """Returns the display name of a metric as it stands in a sentence."""
    shown = title(metric)
    ordinary = shown[1:2].islower() and metric != "brier"
    words = shown[0].lower() + shown[1:] if ordinary else shown
    return "Brier score" if metric == "brier" else words


def _unique(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


_BOOTSTRAP = ("field2007",)
_WILSON = ("wilson1927",)

"""Sentences on groups of patients, metadata and sites."""

from __future__ import annotations

import pandas as pd

from cxrcompare.reporting.paper.sentence import Sentence
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results

_RATES = {"sensitivity", "specificity"}
_GAPS = {
    "auroc": "AUROC",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "observed_minus_expected": "the observed minus the expected share of positives",
    "net_benefit": "net benefit",
}


def subgroup_gaps(results: Results) -> list[Sentence]:
    """Returns the sentence on gaps between groups."""
    table = results.comparison.subgroup_gaps
    if not table["p_adjusted"].notna().any():
        return [Sentence(f"Gaps between groups were computed in {_metrics(table)}, without tests")]
    words = f"Gaps between groups in {_metrics(table)} had adjusted tests of a difference"
    cites: tuple[str, ...] = ("agresti2000", "agresti2005") if _RATES & set(table["metric"]) else ()
    if margins := _margins(table[table["threshold"].isna()]):
        words += f", and of a gap within a margin of {margins}"
        cites = (*cites, "schuirmann1987")
    return [Sentence(words, cites)]


def gap_differences(results: Results) -> list[Sentence]:
    """Returns the sentence on gaps of two models."""
    table = results.comparison.gap_differences
    words = "Gaps of pairs of models were compared by paired tests"
    cites: tuple[str, ...] = ("agresti2005",) if _RATES & set(table["metric"]) else ()
    if margins := _margins(table[table["p_equivalence"].notna() & table["threshold"].isna()]):
        words += f", with tests of equivalence within a margin of {margins}"
        cites = (*cites, "schuirmann1987")
    return [Sentence(words, cites)]


def added_to_metadata(results: Results) -> list[Sentence]:
    """Returns the sentence on what models add to metadata."""
    return [
        Sentence(
            "A logistic regression on model and metadata, fitted on validation data, was compared "
            "with metadata alone",
            ("demler2012",),
        )
    ]


def site_metrics(results: Results) -> list[Sentence]:
    """Returns the sentence on the sites."""
    names = list(dict.fromkeys(results.comparison.site_metrics["site"].astype(str)))
    return [
        Sentence(
            f"Models were evaluated at each of {numbers.plural(len(names), 'site')}: "
            f"{numbers.listed(names)}"
        )
    ]


def site_differences(results: Results) -> list[Sentence]:
    """Returns the sentence on differences at each site."""
    return [
        Sentence(
            "Differences of AUROC between models had an interval at each site, "
            "from the tests of the whole test set"
        )
    ]


def site_pooled(results: Results) -> list[Sentence]:
    """Returns the sentences on differences pooled over sites."""
    table = results.comparison.site_pooled
    words = (
        "Differences were pooled over sites with site as a random factor, by restricted maximum "
        "likelihood and the variance of Hartung, Knapp, Sidik and Jonkman"
    )
    cites: tuple[str, ...] = ("hartung2001", "sidik2002", "rover2015")
    if table["p_equivalence"].notna().any() and (margins := _margins(table)):
        words += f", with tests of equivalence within a margin of {margins} AUROC"
        cites = (*cites, "schuirmann1987")
    found = [
        Sentence(words, cites),
        Sentence(
            "Heterogeneity between sites was tested by Cochran's Q; its standard deviation had a "
            "Q profile interval",
            ("viechtbauer2007",),
        ),
    ]
    if table["prediction_low"].notna().any():
        found.append(
            Sentence(
                "A prediction interval describes the difference at a new site", ("nagashima2019",)
            )
        )
    return found


def _metrics(table: pd.DataFrame) -> str:
    present = set(table["metric"])
    return numbers.listed([words for name, words in _GAPS.items() if name in present])


def _margins(table: pd.DataFrame) -> str:
    return numbers.listed([f"{one:g}" for one in sorted(set(table["margin"].dropna()))])

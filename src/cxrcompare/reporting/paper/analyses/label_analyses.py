"""Sentences on readers, on a second reference, and on the error rates of a labeller."""

from __future__ import annotations

import pandas as pd

from cxrcompare.comparison.row_types.column_types import ALL_READERS
from cxrcompare.reporting.paper.sentence import Sentence, metric_name
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results


def readers(results: Results) -> list[Sentence]:
    """Returns the sentence on readers against models."""
    count = int(results.comparison.readers["reader"].nunique())
    shown = f"{numbers.spelled(count).capitalize()} reader{'s' if count > 1 else ''}"
    return [
        Sentence(
            f"{shown} labelled the test set; each model was compared with each reader at the "
            "reader's specificity and sensitivity"
        )
    ]


def agreement(results: Results) -> list[Sentence]:
    """Returns the sentence on the agreement of readers."""
    everyone = (results.comparison.agreement["reader_a"] == ALL_READERS).any()
    kappas = "Cohen's kappa of pairs and Fleiss' kappa of all" if everyone else "Cohen's kappa"
    cites = ("cohen1960", "fleiss1971") if everyone else ("cohen1960",)
    return [Sentence(f"Agreement of readers was measured by {kappas}", cites)]


def reader_panel(results: Results) -> list[Sentence]:
    """Returns the sentences on the mean reader and the panel."""
    table = results.comparison.reader_panel
    against, found = set(table["against"]), []
    if "mean reader" in against:
        found.append(
            Sentence(
                "Models were compared with the mean reader, with readers as a random factor",
                ("obuchowski1995", "hillis2007", "hillis2014"),
            )
        )
    if "panel" in against:
        found.append(
            Sentence("Models were compared with the majority of the readers by paired tests")
        )
    rates = table[table["threshold"].isna() & table["p_equivalence"].notna()]
    if margins := _margins(rates):
        found.append(
            Sentence(
                f"Equivalence with readers was tested with a margin of {margins}",
                ("schuirmann1987",),
            )
        )
    return found


def reference_agreement(results: Results) -> list[Sentence]:
    """Returns the sentence on the agreement of two references."""
    return [
        Sentence(
            "The reference standard was compared with a second reference on the "
            f"{results.unit_words[1]} that both label, by kappa, sensitivity and specificity",
            ("cohen1960", "agresti1998"),
        )
    ]


def reference_models(results: Results) -> list[Sentence]:
    """Returns the sentence on the models under both references."""
    return [
        Sentence(
            "The change of each model's AUROC under the second reference was tested, paired by "
            "patient"
        )
    ]


def reference_pairs(results: Results) -> list[Sentence]:
    """Returns the sentence on pairs of models under both references."""
    table = results.comparison.reference_pairs
    words = (
        "Verdicts on pairs of models were made under both references, and the change of each "
        "difference was tested"
    )
    if table["p_equivalence"].notna().any() and (margins := _margins(table)):
        return [
            Sentence(
                f"{words}, also for a change within a margin of {margins} AUROC",
                ("schuirmann1987",),
            )
        ]
    return [Sentence(words)]


def reference_order(results: Results) -> list[Sentence]:
    """Returns the sentence on the joint test of two references."""
    return [
        Sentence(
            "It was tested jointly whether the second reference changes all AUROCs alike",
            ("hotelling1931",),
        )
    ]


def label_correction(results: Results) -> list[Sentence]:
    """Returns the sentence on the correction for a labeller's error rates."""
    used = list(dict.fromkeys(results.comparison.label_correction["metric"]))
    names = [metric_name(name) for name in used]
    return [
        Sentence(
            f"Estimates of {numbers.listed(names)} were corrected for the stated sensitivity and "
            "specificity of the labeller of the reference standard, under the assumption that its "
            "errors do not depend on the scores, given the true label",
            ("rogan1978", "menon2015"),
        )
    ]


def label_correction_pairs(results: Results) -> list[Sentence]:
    """Returns the sentence on corrected differences."""
    return [
        Sentence("Differences of AUROC were corrected and tested in the same way", ("menon2015",))
    ]


def _margins(table: pd.DataFrame) -> str:
    return numbers.listed([f"{one:g}" for one in sorted(set(table["margin"].dropna()))])

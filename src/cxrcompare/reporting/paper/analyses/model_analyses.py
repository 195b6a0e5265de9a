"""Sentences on errors that models share, pooling over findings, baselines and localisation."""

from __future__ import annotations

from cxrcompare.reporting.paper.sentence import Sentence, metric_name
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results

_MEASURES = {
    "hit_rate": "the hit rate",
    "iou": "the intersection over union",
    "map_auroc": "the AUROC of cells",
    "map_ap": "the average precision of cells",
}
_MAPS = {
    "seeds": "maps of two seeds",
    "networks": "maps of two networks",
    "random weights": "maps of trained and random weights",
}


def non_inferiority(results: Results) -> list[Sentence]:
    """Returns the sentence on non-inferiority."""
    margin = numbers.stated(results.comparison.protocol["non_inferiority_margin"])
    return [
        Sentence(f"Non-inferiority was tested with a margin of {margin} AUROC", ("piaggio2012",))
    ]


def against_trivial(results: Results) -> list[Sentence]:
    """Returns the sentence on models against baselines."""
    table = results.comparison.against_trivial
    names = [metric_name(name) for name in dict.fromkeys(table["metric"])]
    baselines = list(dict.fromkeys(table["model_b"]))
    return [
        Sentence(
            f"Models were compared with the baselines {numbers.listed(baselines)} by paired tests "
            f"of {numbers.listed(names)}"
        )
    ]


def analytic(results: Results) -> list[Sentence]:
    """Returns the sentence on the analytic check of the bootstrap."""
    clustered = results.comparison.analytic["method"].astype(str).str.contains("Obuchowski").any()
    name = "Obuchowski's" if clustered else "DeLong's"
    cites = ("delong1988", "obuchowski1997") if clustered else ("delong1988",)
    return [Sentence(f"{name} paired test checked the bootstrap of AUROCs", cites)]


def model_agreement(results: Results) -> list[Sentence]:
    """Returns the sentence on the agreement of models."""
    return [Sentence("Agreement of models was measured by Cohen's kappa", ("cohen1960",))]


def joint_errors(results: Results) -> list[Sentence]:
    """Returns the sentence on joint errors."""
    return [
        Sentence(
            f"The {results.unit_words[1]} were counted that one model alone, or every model, gets "
            "right or wrong"
        )
    ]


def disagreements(results: Results) -> list[Sentence]:
    """Returns the sentence on the units that divide models."""
    return [Sentence(f"The {results.unit_words[1]} that divide the models most were listed")]


def partial_pooling(results: Results) -> list[Sentence]:
    """Returns the sentence on the model that pools findings."""
    return [
        Sentence(
            "A normal hierarchical model pooled the AUROC differences of findings; its posterior "
            "probabilities are no tests",
            ("rubin1981", "gelman2006"),
        )
    ]


def multilabel_confusion(results: Results) -> list[Sentence]:
    """Returns the sentence on the multi-label confusion matrix."""
    return [
        Sentence(
            "Errors between findings were counted by a multi-label confusion matrix",
            ("heydarian2022",),
        )
    ]


def localisation(results: Results) -> list[Sentence]:
    """Returns the sentence on maps against regions."""
    used = set(results.comparison.localisation["metric"])
    measures = [words for name, words in _MEASURES.items() if name in used]
    return [
        Sentence(
            "Maps of what each network sees were measured against the regions of findings by "
            f"{numbers.listed(measures)}",
            ("saporta2022",),
        )
    ]


def localisation_differences(results: Results) -> list[Sentence]:
    """Returns the sentence on tests of localisation."""
    table = results.comparison.localisation_differences
    words = "Localisation of networks and of baselines was compared by paired tests over patients"
    if table["p_equivalence"].notna().any():
        margins = numbers.listed([f"{one:g}" for one in sorted(set(table["margin"].dropna()))])
        return [
            Sentence(
                f"{words}, with tests of equivalence within a margin of {margins}",
                ("schuirmann1987",),
            )
        ]
    return [Sentence(words)]


def map_agreement(results: Results) -> list[Sentence]:
    """Returns the sentence on the agreement of maps."""
    kinds = set(results.comparison.map_agreement["kind"])
    shown = [words for kind, words in _MAPS.items() if kind in kinds]
    cites = ("arun2021", "adebayo2018") if "random weights" in kinds else ("arun2021",)
    return [
        Sentence(
            f"Rank correlations over the cells compared {numbers.listed(shown)}",
            cites,
        )
    ]


def localisation_correctness(results: Results) -> list[Sentence]:
    """Returns the sentence on localisation and detection."""
    return [
        Sentence(
            "Whether a network localises better in images that it detects was tested by the chance "
            "that a detected image has the higher measure"
        )
    ]


def map_mass(results: Results) -> list[Sentence]:
    """Returns the sentence on the areas of evidence."""
    return [
        Sentence(
            "The share of the evidence of each map that lies in the lungs, the heart or the region "
            "of the finding was computed"
        )
    ]

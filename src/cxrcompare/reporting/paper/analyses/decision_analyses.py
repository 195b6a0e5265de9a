"""Sentences on decisions: sample size, net benefit, use at a site, calibration."""

from __future__ import annotations

from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.reporting.paper.sentence import Sentence
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results

_RECALIBRATED = {"logistic": "logistic regression", "isotonic": "isotonic regression"}


def sample_size(results: Results) -> list[Sentence]:
    """Returns the sentence on sample sizes."""
    table = results.comparison.sample_size
    row = table[table["finding"] == MEAN]
    power = (row if len(row) else table)["power"].iloc[0]
    return [
        Sentence(
            f"Sample sizes were computed for a power of {power:g} without the observed differences",
            ("julious2004",),
        )
    ]


def resolution(results: Results) -> list[Sentence]:
    """Returns the sentence on the smallest differences that the test set can show."""
    powers = sorted(set(results.comparison.resolution["power"].dropna()))
    power = f" for a power of {numbers.listed([f'{one:g}' for one in powers])}" if powers else ""
    return [
        Sentence(
            f"Minimum detectable differences were computed{power} without the observed differences",
            ("hoenig2001",),
        )
    ]


def net_benefit(results: Results) -> list[Sentence]:
    """Returns the sentence on decision curves."""
    return [
        Sentence(
            "Decision curves show the net benefit of models whose scores are probabilities",
            ("vickers2006",),
        )
    ]


def net_benefit_differences(results: Results) -> list[Sentence]:
    """Returns the sentence on tests of the net benefit of two models."""
    listed = _thresholds(results.comparison.net_benefit_differences["threshold"])
    return [
        Sentence(
            "Net benefits of pairs of models were compared by paired t-tests over patients at the "
            f"threshold probabilities {listed}",
            ("vickers2006",),
        )
    ]


def net_benefit_opponents(results: Results) -> list[Sentence]:
    """Returns the sentence on tests against decisions without a model."""
    table = results.comparison.net_benefit_opponents
    words = {"treat all": "all", "treat none": "no"}
    against = " and ".join(words[one] for one in words if one in set(table["opponent"]))
    return [
        Sentence(
            f"The net benefit of each model was tested against calling {against} "
            f"{results.unit_words[1]} positive at the threshold probabilities "
            f"{_thresholds(table['threshold'])}",
            ("vickers2006",),
        )
    ]


def reader_net_benefit(results: Results) -> list[Sentence]:
    """Returns the sentence on the net benefit of readers."""
    listed = _thresholds(results.comparison.reader_net_benefit["threshold"])
    return [
        Sentence(
            "The net benefit of readers was computed at the threshold probabilities " + listed,
            ("vickers2006",),
        )
    ]


def at_prevalence(results: Results) -> list[Sentence]:
    """Returns the sentence on predictive values and counts at a site."""
    table = results.comparison.at_prevalence
    given = table[table["source"] == "given"][["finding", "prevalence"]].drop_duplicates()
    sites = [
        f"a stated prevalence of {row.prevalence:g} of {row.finding}" for row in given.itertuples()
    ]
    if (table["source"] == "test set").any():
        sites.append("the prevalence in the test set" + (" of other findings" if sites else ""))
    cost = ", and costs" if "cost" in set(table["quantity"]) else ""
    return [
        Sentence(
            f"Predictive values, flags, missed cases and false alarms per 1,000 patients{cost} "
            f"were computed from sensitivity and specificity for {numbers.listed(sites)}; their "
            "intervals combine those of the two rates",
            ("zou2008",),
        )
    ]


def cost_differences(results: Results) -> list[Sentence]:
    """Returns the sentence on the costs of two models."""
    return [
        Sentence(
            "Costs of pairs of models were compared by the paired bootstrap of patients",
            ("field2007",),
        )
    ]


def calibration_errors(results: Results) -> list[Sentence]:
    """Returns the sentence on the smoothed calibration error."""
    return [
        Sentence(
            "Calibration was tested by a kernel estimate of the squared calibration error, which "
            "has no bins and no bias",
            ("widmann2019", "blasiok2023"),
        )
    ]


def calibration_differences(results: Results) -> list[Sentence]:
    """Returns the sentence on the calibration of two models."""
    return [
        Sentence(
            "Squared calibration errors of pairs of models were compared by paired tests",
            ("widmann2019",),
        )
    ]


def recalibrated(results: Results) -> list[Sentence]:
    """Returns the sentence on models that were recalibrated."""
    used = set(results.comparison.recalibrated["version"])
    methods = [words for version, words in _RECALIBRATED.items() if version in used]
    if not methods:
        return []
    cites = ("platt1999", "zadrozny2002")
    return [
        Sentence(
            "Models were also evaluated after recalibration on validation data by "
            f"{numbers.listed(methods)}",
            tuple(key for key, name in zip(cites, _RECALIBRATED, strict=True) if name in used),
        )
    ]


def recalibrated_differences(results: Results) -> list[Sentence]:
    """Returns the sentence on paired tests of recalibrated models."""
    return [
        Sentence(
            "Recalibrated models were compared with the raw ones and with each other by paired "
            "tests; those of the logistic recalibration include the sampling of validation patients"
        )
    ]


def recalibrated_curves(results: Results) -> list[Sentence]:
    """Returns the sentence on decision curves of recalibrated models."""
    return [Sentence("Decision curves were also drawn from recalibrated probabilities")]


def operating_points(results: Results) -> list[Sentence]:
    """Returns the sentence on operating points side by side."""
    table = results.comparison.operating_points
    same = {
        "same sensitivity": "sensitivity",
        "same specificity": "specificity",
        "same flags": "number of flags per 1,000 patients",
    }
    used = set(table["point"])
    points = [words for point, words in same.items() if point in used]
    found = [f"at the same {numbers.listed(points)}"] if points else []
    found += ["at its own threshold"] if "own threshold" in used else []
    return [
        Sentence(
            "Sensitivity, specificity, flags, missed cases and the positive predictive value of "
            f"each model were set side by side {' and '.join(found)}"
        )
    ]


def _thresholds(column: object) -> str:
    return numbers.listed([f"{one:g}" for one in sorted(set(column))])  # type: ignore[call-overload]


def views_calibration(results: Results) -> list[Sentence]:
    """Returns the sentence on the calibration of both rules for the views of a study."""
    return [
        Sentence(
            "The calibration of both the maximum and the mean over the views of a study was "
            "computed"
        )
    ]

"""Reporting checklists: paraphrased items, filled in from the comparison where possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cxrcompare.reporting.narrative import checklist_analyses, protocol_card
from cxrcompare.reporting.narrative.checklist_items import CLAIM, TRIPOD
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, title

NOT_STATED = "not stated"


@dataclass(frozen=True)
class Line:
    """An item of a checklist: its number, its requirement, and what this comparison reports."""

    item: str
    requirement: str
    reported: str


@dataclass(frozen=True)
class Checklist:
    """A checklist, its source, and its lines."""

    name: str
    source: str
    lines: list[Line]

    @property
    def filled(self) -> int:
        """The number of lines that are filled in."""
        return sum(line.reported != NOT_STATED for line in self.lines)


def checklists(results: Results) -> list[Checklist]:
    """Returns TRIPOD+AI and CLAIM 2024, each line filled in or "not stated"."""
    reported = {key: fill(results) or NOT_STATED for key, fill in _REPORTED.items()}

    def lines(items: tuple[tuple[str, str, str], ...]) -> list[Line]:
        return [
            Line(item, requirement, reported[key] if key else NOT_STATED)
            for item, requirement, key in items
        ]

    return [
        Checklist(
            "TRIPOD+AI",
            "Collins GS, et al. BMJ 2024;385:e078378, doi 10.1136/bmj-2023-078378; checklist of "
            "11 January 2024.",
            lines(TRIPOD),
        ),
        Checklist(
            "CLAIM 2024 Update",
            "Tejani AS, et al. Radiology: Artificial Intelligence 2024;6(4):e240300, "
            "doi 10.1148/ryai.240300.",
            lines(CLAIM),
        ),
    ]


def _value(*keys: str) -> Callable[[Results], str]:
    """Makes a function that returns the given protocol values, without those not stated."""

    def fill(results: Results) -> str:
        protocol = results.comparison.protocol
        values = [numbers.stated(protocol.get(key)) for key in keys]
        return "; ".join(value for value in values if value != NOT_STATED)

    return fill


def _terms(*terms: str) -> Callable[[Results], str]:
    """Makes a function that returns the given lines of the protocol, without those not stated."""

    def fill(results: Results) -> str:
        card = dict(protocol_card.card(results))
        return "; ".join(
            f"{term.lower()}: {card[term]}" for term in terms if card[term] != NOT_STATED
        )

    return fill


def _aim(results: Results) -> str:
    networks = len(results.networks)
    what = "evaluation of one network" if networks == 1 else f"comparison of {networks} networks"
    return f"{what} on {numbers.plural(len(results.comparison.findings), 'finding')}"


def _events(results: Results) -> str:
    return "; ".join(
        f"{row['finding']}: {numbers.plural(int(row['positives']), 'positive')} of "
        f"{numbers.count(row['positives'] + row['negatives'])}"
        for row in results.comparison.counts.to_dict("records")
    )


def _measures(results: Results) -> str:
    return ", ".join(title(metric) for metric in results.metrics)


def _resolution(results: Results) -> str:
    row = results.resolution(results.scope)
    if row is None:
        return ""
    words = f"no sample size calculation; {_terms('Size')(results)}; minimum detectable difference "
    return words + f"{numbers.decimal(row.minimum_detectable_difference)} (one unadjusted test)"


def _models(results: Results) -> str:
    descriptions = []
    for model in results.comparison.models:
        cost = model.get("cost") or {}
        if model["kind"] != "network":
            continue
        size = (
            f", {numbers.compact(cost['parameters'])} parameters" if cost.get("parameters") else ""
        )
        descriptions.append(f"{model['name']}{size}")
    return "; ".join(descriptions)


def _cost(key: str) -> Callable[[Results], str]:
    """Makes a function that returns one setting of the networks' training runs."""

    def fill(results: Results) -> str:
        values = {
            model["name"]: numbers.stated((model.get("cost") or {}).get(key))
            for model in results.comparison.models
            if model["kind"] == "network"
        }
        distinct = set(values.values()) - {NOT_STATED}
        if len(distinct) == 1 and NOT_STATED not in values.values():
            return f"{key}: {distinct.pop()}, every network"
        return "; ".join(
            f"{name}: {value}" for name, value in values.items() if value != NOT_STATED
        )

    return fill


def _training(results: Results) -> str:
    runs = [_cost("recipe")(results), _cost("epochs")(results)]
    settings = "; ".join(run for run in runs if run)
    seeds = _terms("Seeds")(results)
    return f"{settings}; {seeds}" if settings and seeds else settings


def _performance(results: Results) -> str:
    scope = results.scope
    estimates = [
        f"{name} {found.value:.3f} ({found.interval})"
        for name in results.networks
        if (found := results.estimate(name, scope))
    ]
    return f"AUROC, {scope}: {'; '.join(estimates)}" if estimates else ""


def _agreement(results: Results) -> str:
    table = results.comparison.agreement
    found = table["kappa"][table["reader_a"] != table["reader_b"]].dropna()
    if not len(found):
        return ""
    return f"pairwise kappa {numbers.decimal(found.min())} to {numbers.decimal(found.max())}"


def _limits(results: Results) -> str:
    found = len(results.comparison.warnings)
    return (
        f"{numbers.plural(found, 'warning')}; see Warnings and Strengths and limitations"
        if found
        else ""
    )


def _disjoint(results: Results) -> str:
    """Returns the split if it states the level at which partitions are disjoint."""
    split = _terms("Split")(results)
    return split if "disjoint" in split else ""


def _diagnostic(results: Results) -> str:
    scope = results.scope
    estimates = []
    for name in results.networks:
        rates = [results.estimate(name, scope, rate) for rate in ("sensitivity", "specificity")]
        shown = [f"{rate.value:.3f} ({rate.interval})" for rate in rates if rate]
        if len(shown) == 2:
            estimates.append(f"{name} {' and '.join(shown)}")
    return f"sensitivity and specificity, {scope}: {'; '.join(estimates)}" if estimates else ""


def _failures(results: Results) -> str:
    counted = len(results.comparison.confusion) > 0
    return (
        "error counts by finding and between findings; no review of individual images"
        if counted
        else ""
    )


_REPORTED: dict[str, Callable[[Results], str]] = {
    "title": _value("title"),
    "aim": _aim,
    "data": lambda results: _terms("Data")(results),
    "split": _terms("Split"),
    "disjoint": _disjoint,
    "diagnostic": _diagnostic,
    "failures": _failures,
    "size": _terms("Size"),
    "reference": _terms("Reference standard"),
    "missing": _terms("Uncertain labels in training", "Blank labels"),
    "views": _terms("Unit", "Views"),
    "resolution": _resolution,
    "models": _models,
    "weights": _cost("weights"),
    "training": _training,
    "preparation": _cost("image_size"),
    "software": _terms("Versions", "Hardware"),
    "measures": _measures,
    "statistics": _terms("Intervals", "Resampled", "Replicates", "Correction for multiple tests"),
    "thresholds": _terms("Thresholds", "Thresholds chosen on"),
    "output": _terms("Scores", "Thresholds"),
    "events": _events,
    "performance": _performance,
    "subgroups": checklist_analyses.subgroups,
    "sites": checklist_analyses.sites,
    "site_results": checklist_analyses.site_results,
    "fairness": checklist_analyses.fairness,
    "recalibration": checklist_analyses.recalibration,
    "ensembles": checklist_analyses.ensembles,
    "robustness": checklist_analyses.robustness,
    "explanation": checklist_analyses.explanation,
    "agreement": _agreement,
    "limits": _limits,
    "code": _terms("Commit", "Command"),
}

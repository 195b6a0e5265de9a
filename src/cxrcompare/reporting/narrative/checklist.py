"""Reporting checklists: items in our own words, filled from what the comparison knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cxrcompare.reporting.narrative import protocol_card
from cxrcompare.reporting.narrative.checklist_items import CLAIM, TRIPOD
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, title

NOT_STATED = "not stated"


@dataclass(frozen=True)
class Line:
    """An item of a checklist: its number, what it asks for, what is known here."""

    item: str
    asks: str
    here: str


@dataclass(frozen=True)
class Checklist:
    """A checklist, its source, and its lines."""

    name: str
    source: str
    lines: list[Line]

    @property
    def filled(self) -> int:
        """How many lines are filled."""
        return sum(line.here != NOT_STATED for line in self.lines)


def checklists(results: Results) -> list[Checklist]:
    """Returns TRIPOD+AI and CLAIM 2024, each line filled or "not stated"."""
    known = {key: fill(results) or NOT_STATED for key, fill in _KNOWN.items()}

    def lines(items: tuple[tuple[str, str, str], ...]) -> list[Line]:
        return [Line(item, asks, known[key] if key else NOT_STATED) for item, asks, key in items]

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
    """The named values of the protocol, as far as they are stated."""

    def fill(results: Results) -> str:
        found = results.comparison.protocol
        told = [numbers.stated(found.get(key)) for key in keys]
        return "; ".join(value for value in told if value != NOT_STATED)

    return fill


def _terms(*terms: str) -> Callable[[Results], str]:
    """The named lines of the protocol card, as far as they are stated."""

    def fill(results: Results) -> str:
        card = dict(protocol_card.card(results))
        return "; ".join(
            f"{term.lower()}: {card[term]}" for term in terms if card[term] != NOT_STATED
        )

    return fill


def _aim(results: Results) -> str:
    networks = len(results.networks)
    what = "scoring of one network" if networks == 1 else f"comparison of {networks} networks"
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
    words = f"none was planned; {_terms('Size')(results)}; minimum detectable difference "
    return words + f"{numbers.decimal(row['minimum_detectable_difference'])} (one unadjusted test)"


def _models(results: Results) -> str:
    told = []
    for model in results.comparison.models:
        cost = model.get("cost") or {}
        if model["kind"] != "network":
            continue
        size = (
            f", {numbers.compact(cost['parameters'])} parameters" if cost.get("parameters") else ""
        )
        told.append(f"{model['name']}{size}")
    return "; ".join(told)


def _cost(key: str) -> Callable[[Results], str]:
    """What the networks' runs state of one choice."""

    def fill(results: Results) -> str:
        told = {
            model["name"]: numbers.stated((model.get("cost") or {}).get(key))
            for model in results.comparison.models
            if model["kind"] == "network"
        }
        kinds = set(told.values()) - {NOT_STATED}
        if len(kinds) == 1 and NOT_STATED not in told.values():
            return f"{key}: {kinds.pop()}, every network"
        return "; ".join(f"{name}: {value}" for name, value in told.items() if value != NOT_STATED)

    return fill


def _training(results: Results) -> str:
    runs = [_cost("recipe")(results), _cost("epochs")(results)]
    told = "; ".join(run for run in runs if run)
    seeds = _terms("Seeds")(results)
    return f"{told}; {seeds}" if told and seeds else told


def _performance(results: Results) -> str:
    scope = results.scope
    told = [
        f"{name} {found.value:.3f} ({found.interval})"
        for name in results.networks
        if (found := results.estimate(name, scope))
    ]
    return f"AUROC, {scope}: {'; '.join(told)}" if told else ""


def _subgroups(results: Results) -> str:
    return "; ".join(
        f"{column}: {numbers.listed(list(values))}"
        for column, values in results.comparison.subgroups.items()
    )


def _agreement(results: Results) -> str:
    table = results.comparison.agreement
    found = table["kappa"][table["reader_a"] != table["reader_b"]].dropna()
    if not len(found):
        return ""
    return f"pairwise kappa {numbers.decimal(found.min())} to {numbers.decimal(found.max())}"


def _limits(results: Results) -> str:
    found = len(results.comparison.warnings)
    return f"{numbers.plural(found, 'warning')} raised; see Warnings and Limits" if found else ""


def _disjoint(results: Results) -> str:
    """What the split says of the level at which partitions are disjoint."""
    split = _terms("Split")(results)
    return split if "disjoint" in split else ""


def _diagnostic(results: Results) -> str:
    scope = results.scope
    told = []
    for name in results.networks:
        rates = [results.estimate(name, scope, rate) for rate in ("sensitivity", "specificity")]
        shown = [f"{rate.value:.3f} ({rate.interval})" for rate in rates if rate]
        if len(shown) == 2:
            told.append(f"{name} {' and '.join(shown)}")
    return f"sensitivity and specificity, {scope}: {'; '.join(told)}" if told else ""


def _failures(results: Results) -> str:
    counted = len(results.comparison.confusion) > 0
    return "counts of errors by finding and between findings; no single image" if counted else ""


_KNOWN: dict[str, Callable[[Results], str]] = {
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
    "statistics": _terms("Intervals", "Resampled", "Replicates", "Correction for many tests"),
    "thresholds": _terms("Thresholds", "Thresholds chosen on"),
    "output": _terms("Scores", "Thresholds"),
    "events": _events,
    "performance": _performance,
    "subgroups": _subgroups,
    "agreement": _agreement,
    "limits": _limits,
    "code": _terms("Commit", "Command"),
}

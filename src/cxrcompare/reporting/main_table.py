"""The main table, for the mean and for each finding: rows of cells that are ready to show."""

from __future__ import annotations

from dataclasses import dataclass

from cxrcompare.reporting import numbers
from cxrcompare.reporting.estimates import Results, text


@dataclass(frozen=True)
class Cell:
    """A number with its interval, as shown, and as it sorts."""

    value: str
    interval: str
    sort: float | None


@dataclass(frozen=True)
class Row:
    """A model's row.

    Attributes:
        name: The model.
        index: The network's number, which gives its colour; None for a trivial model.
        rank: Its place among the networks, as shown.
        rank_interval: Its interval, as shown.
        group: The tie group, as shown.
        description: What a trivial model says.
        cells: One per metric.
    """

    name: str
    index: int | None
    rank: str
    rank_interval: str
    group: str
    description: str
    cells: list[Cell]


def table(results: Results, finding: str) -> list[Row]:
    """Returns the rows of one finding's table: networks in order of rank, trivial models last."""
    found = []
    for model in results.comparison.models:
        name = model["name"]
        rank = results.rank(name)
        found.append(
            Row(
                name=name,
                index=results.networks.index(name) if name in results.networks else None,
                rank=_place(rank["rank"]) if rank else "",
                rank_interval=_ends(rank) if rank else "",
                group=text(rank["tie_group"]) if rank else "",
                description=text(model.get("description")),
                cells=[_cell(results, name, finding, metric) for metric in results.metrics],
            )
        )
    return sorted(found, key=lambda row: row.index is None)


def entered(results: Results, finding: str) -> str:
    """Returns how many findings or positives a table rests on."""
    shown = [
        results.estimate(name, finding)
        for name in results.networks
        if results.estimate(name, finding)
    ]
    if finding not in results.comparison.findings:
        every = len(results.comparison.findings)
        over = sorted(
            {int(item.defined) for item in shown if item and numbers.defined(item.defined)}
        )
        if not over:
            return f"AUROC is defined for none of the {every} findings"
        return f"over the {over[-1]} of {every} findings whose AUROC is defined"
    counts = {
        row["finding"]: row for row in results.comparison.counts.to_dict("records")
    }.get(finding)  # fmt: skip
    if counts is None:
        return ""
    words = f"{numbers.plural(int(counts['positives']), 'positive')}, "
    words += numbers.plural(int(counts["negatives"]), "negative")
    if numbers.defined(counts["unknown"]) and counts["unknown"]:
        words += f", {numbers.count(counts['unknown'])} unknown and left out"
    return words


def _cell(results: Results, name: str, finding: str, metric: str) -> Cell:
    estimate = results.estimate(name, finding, metric)
    if estimate is None:
        return Cell(numbers.UNDEFINED, "", None)
    narrow = abs(estimate.high - estimate.low) < 1e-12
    return Cell(
        numbers.decimal(estimate.value),
        "" if narrow else estimate.interval.replace(" to ", "–"),
        float(f"{estimate.value:.6g}"),
    )


def _ends(rank: dict[str, object]) -> str:
    return numbers.interval(rank["low"], rank["high"], 0).replace(" to ", "–")


def _place(rank: float) -> str:
    return f"{rank:g}" if numbers.defined(rank) else ""

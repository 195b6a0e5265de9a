"""The test of maps with random weights: its table, and which networks pass AUROC and fail it."""

from __future__ import annotations

import re

from cxrcompare.comparison.row_types.localisation_rows import STAYS, MapAgreementRow
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import PRIMARY, Results
from cxrcompare.reporting.sections.section import ShownTable, shown

_CHANCE = 0.5
_STEP = re.compile(r", (\d+) of (\d+) layers random$")


def sentences(results: Results, agreement: list[MapAgreementRow]) -> list[str]:
    """Returns a sentence on each network whose maps stay, and one on those whose maps fall apart.

    A network passes AUROC if the interval of its headline AUROC is above 0.5.

    Args:
        results: The comparison.
        agreement: The rows of the agreement of maps.
    """
    last = [row for row in agreement if row.kind == "random weights"]
    found = []
    for row in (row for row in last if row.flagged):
        name = _network(row)
        auroc = results.estimate(name, results.scope, PRIMARY)
        said = f"{name} fails"
        if auroc is not None:
            ranked = f"AUROC ({numbers.decimal(auroc.value)}, {auroc.interval})"
            passes = numbers.number(auroc.low) > _CHANCE
            said = f"{name} {'passes' if passes else 'does not pass'} {ranked}"
            said += " but fails" if passes else " and fails"
        found.append(
            f"{said} the test of random weights: its maps have a rank correlation of "
            f"{numbers.decimal(row.correlation, 2)}{_interval(row)} with those of "
            "random weights, so that they do not show what it has learnt."
        )
    kept = [_network(row) for row in last if numbers.number(row.high) < STAYS]
    undecided = [
        f"{_network(row)}{_interval(row)}"
        for row in last
        if not row.flagged and not numbers.number(row.high) < STAYS
    ]
    if undecided:
        found.append(
            f"Whether maps fall apart with random weights is undecided for "
            f"{numbers.listed(undecided)}: the interval of the rank correlation includes "
            f"{STAYS:g}, or there is none."
        )
    if kept:
        verb = "falls" if len(kept) == 1 else "fall"
        noun = "map" if len(kept) == 1 else "maps"
        found.append(
            f"With random weights, the {noun} of {numbers.listed(kept)} {verb} apart, as maps of "
            f"what a network has learnt must (measured in {_images(last)})."
        )
    return found


def steps(agreement: list[MapAgreementRow]) -> tuple[ShownTable, ...]:
    """Returns the table of the correlations while more and more layers get random weights."""
    body = []
    for row in agreement:
        step = _STEP.search(row.model_b)
        if row.kind == "random layers" and step is not None:
            body.append((row, f"{step[1]} of {step[2]}"))
        elif row.kind == "random weights":
            body.append((row, "all"))
    order = dict.fromkeys(row.model_a for row, _ in body)
    return shown(
        "Rank correlation of maps with those of the trained network, layers randomised step by "
        "step from the logits to the first layer",
        ("Network", "Random layers", "Images", "Correlation", "Interval"),
        [
            (
                row.model_a,
                layers + (" (the map stays)" if row.flagged else ""),
                numbers.count(row.images),
                numbers.decimal(row.correlation, 2),
                numbers.interval(row.low, row.high, 2),
            )
            for name in order
            for row, layers in body
            if row.model_a == name
        ],
        2,
    )


def _interval(row: MapAgreementRow) -> str:
    """Returns the interval in brackets; empty if there is none."""
    known = numbers.interval(row.low, row.high, 2)
    return f" ({known})" if known else ""


def _images(found: list[MapAgreementRow]) -> str:
    """Returns the number of images of the rows, in words."""
    counts = sorted({round(numbers.number(row.images)) for row in found})
    least, most = numbers.plural(counts[0], "image"), numbers.plural(counts[-1], "image")
    return least if counts[0] == counts[-1] else f"{counts[0]} to {most}"


def _network(row: MapAgreementRow) -> str:
    """Returns the network without its seed."""
    return row.model_a.rpartition(", seed ")[0] or row.model_a

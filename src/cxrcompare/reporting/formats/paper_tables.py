"""The tables of a report for a paper: LaTeX, CSV, HTML and Excel files follow from them."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.comparison.row_types.main_rows import CountRow
from cxrcompare.reporting.narrative import protocol_card
from cxrcompare.reporting.results import main_table, numbers
from cxrcompare.reporting.results.lookup import OVER_FINDINGS, Results, rows, text, title
from cxrcompare.reporting.results.pairs import pairs
from cxrcompare.reporting.sections.all_sections import sections
from cxrcompare.reporting.sections.section import ShownTable

_FILES = {
    "Ranking and calibration": "metrics_ranking",
    "Parts of the ROC curve": "metrics_roc",
    "Decisions at the threshold": "metrics_decisions",
}

PROTOCOL = "protocol"
"""The name of the table of terms and values, which has no head."""


def paper_tables(results: Results) -> dict[str, ShownTable]:
    """Returns {file name without suffix: table}; tables without rows are left out."""
    notes = main_table.notes(results)
    found = {
        _FILES[words]: _metrics(results, shown, notes[words])
        for words, chosen in main_table.parts(results)
        if (shown := main_table.defined(results, results.scope, chosen))
    }
    found["auroc_by_finding"] = _by_finding(results)
    found["differences"] = _differences(results)
    found["ranks"] = _ranks(results)
    found["cost"] = _cost(results)
    for section in sections(results):
        for number, one in enumerate(section.tables, 1):
            found[f"{section.key}_{number}"] = one
    found[PROTOCOL] = table("Protocol", ("", ""), protocol_card.card(results), 2)
    return {name: one for name, one in found.items() if one.body}


def table(
    caption: str, head: Sequence[object], body: Sequence[Sequence[object]], words: int = 1
) -> ShownTable:
    """Returns a table of text."""
    cells = tuple(tuple(map(str, row)) for row in body)
    return ShownTable(caption, tuple(map(str, head)), cells, words)


def _metrics(results: Results, chosen: Sequence[str], note: str) -> ShownTable:
    level = numbers.percent(results.level)
    body = []
    for row in main_table.table(results, results.scope):
        cells = [row.cells[metric] for metric in chosen]
        body.append([row.name, *(cell.value for cell in cells)])
        if any(cell.interval for cell in cells):
            body.append(["", *(f"({cell.interval})" if cell.interval else "" for cell in cells)])
    scope = OVER_FINDINGS.get(results.scope, results.scope)
    caption = f"{scope}, with {level} intervals; baselines last{_data(results)}"
    caption += f". {note.rstrip('.')}" if note else ""
    return table(caption, ("Model", *(title(metric) for metric in chosen)), body)


def _by_finding(results: Results) -> ShownTable:
    head = ("Finding", "Positives", *results.networks)
    body = []
    for row in rows(results.comparison.counts, CountRow):
        found = [results.estimate(name, row.finding) for name in results.networks]
        values = [f"{item.value:.3f}" if item else numbers.UNDEFINED for item in found]
        body.append([row.finding, numbers.count(row.positives), *values])
        ends = [f"({item.interval.replace(' to ', '–')})" if item else "" for item in found]
        if any(ends):
            body.append(["", "", *ends])
    return table(f"AUROC by finding, with intervals{_data(results)}", head, body)


def _differences(results: Results) -> ShownTable:
    body = []
    for item in pairs(results, results.scope):
        body.append(
            [
                f"{item.first} − {item.second}",
                numbers.signed(item.value),
                item.interval,
                item.simultaneous,
                numbers.p_value(item.p_adjusted).removeprefix("p = ").removeprefix("p "),
                numbers.verdict(item.verdict, item.first, item.second),
            ]
        )
    level = numbers.percent(results.level)
    head = ("Pair", "Difference", f"{level} interval", "Simultaneous", "Adjusted p", "Verdict")
    caption = (
        f"Paired differences of AUROC, {results.scope}. The {level} interval is not adjusted; the "
        f"simultaneous one agrees with the adjusted p-value{_data(results)}"
    )
    return table(caption, head, body)


def _ranks(results: Results) -> ShownTable:
    body = []
    for name in results.networks:
        row = results.rank(name)
        if row:
            body.append(
                [
                    name,
                    f"{row.rank:g}",
                    numbers.interval(row.low, row.high, 0),
                    numbers.decimal(row.probability_best, 2),
                    text(row.tie_group),
                ]
            )
    head = ("Network", "Rank", "Interval", "P(best)", "Tie group")
    return table(f"Ranks by AUROC, {results.scope}{_data(results)}", head, body)


def _cost(results: Results) -> ShownTable:
    body = [
        [
            model["name"],
            numbers.compact(cost.get("parameters")),
            numbers.duration(cost.get("train_seconds")),
            numbers.compact(cost.get("images_per_second")),
            numbers.compact(cost.get("prediction_images_per_second")),
        ]
        for model in results.comparison.models
        if (cost := model["cost"])
    ]
    head = ("Network", "Parameters", "Training time", "Training, images/s", "Prediction, images/s")
    return table("Cost of each network", head, body)


def _data(results: Results) -> str:
    return "; synthetic data" if results.comparison.protocol.get("synthetic") else ""

r"""The tables as LaTeX (booktabs), to be included in a paper with `\input`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cxrcompare.comparison.result.rows import CountRow
from cxrcompare.reporting.narrative import protocol_card
from cxrcompare.reporting.results import main_table, numbers
from cxrcompare.reporting.results.lookup import OVER_FINDINGS, Results, rows, text, title
from cxrcompare.reporting.results.pairs import pairs

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "%": r"\%",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "–": "--",
    "—": "---",
    "−": "$-$",
    "…": r"\ldots{}",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "[": "{[}",
    "]": "{]}",
}
_ESCAPED_NOTE = "% Needs \\usepackage{booktabs,graphicx,textcomp} and \\usepackage[T1]{fontenc}.\n"
_LIGATURES = re.compile(r"([-,])(?=\1)")
_FITTED = "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%"
_FILES = {
    "Ranking and calibration": "metrics_ranking",
    "Parts of the ROC curve": "metrics_roc",
    "Decisions at the threshold": "metrics_decisions",
}


def tables(results: Results) -> dict[str, str]:
    """Returns {file name without `.tex`: table}."""
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
    found["protocol"] = _table(
        "Protocol",
        ("", ""),
        [list(row) for row in protocol_card.card(results)],
        "lp{0.62\\linewidth}",
    )
    note = "% Synthetic data.\n" if results.comparison.protocol.get("synthetic") else ""
    return {name: note + _ESCAPED_NOTE + content for name, content in found.items()}


def escaped(words: object) -> str:
    """Returns text escaped for LaTeX, on one line.

    Characters beyond Latin are written as code points, because the usual fonts lack them.
    """
    printed = "".join(
        _ESCAPED.get(character, character if ord(character) < 0x180 else _code(character))
        for character in _LIGATURES.sub(r"\1\0", " ".join(str(words).split()))
        if character.isprintable() or character == "\0"
    )
    return printed.replace("\0", "{}")


def _code(character: str) -> str:
    return f"\\texttt{{U+{ord(character):04X}}}"


def _table(
    caption: str, head: Sequence[object], body: Sequence[Sequence[object]], columns: str = ""
) -> str:
    layout = columns or "l" + "r" * (len(head) - 1)
    lines = [
        "\\begin{table}",
        "\\centering",
        f"\\caption{{{escaped(caption)}}}",
        "\\smallskip",
        "\\small",
        _FITTED,
        f"\\begin{{tabular}}{{{layout}}}",
        "\\toprule",
    ]
    if any(head):
        lines += [" & ".join(escaped(cell) for cell in head) + r" \\", "\\midrule"]
    lines += [" & ".join(escaped(cell) for cell in row) + r" \\" for row in body]
    lines += ["\\bottomrule", "\\end{tabular}}", "\\end{table}"]
    return "\n".join(lines) + "\n"


def _metrics(results: Results, chosen: Sequence[str], note: str) -> str:
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
    return _table(caption, ("Model", *(title(metric) for metric in chosen)), body)


def _by_finding(results: Results) -> str:
    head = ("Finding", "Positives", *results.networks)
    body = []
    for row in rows(results.comparison.counts, CountRow):
        found = [results.estimate(name, row.finding) for name in results.networks]
        values = [f"{item.value:.3f}" if item else numbers.UNDEFINED for item in found]
        body.append([row.finding, numbers.count(row.positives), *values])
        ends = [f"({item.interval.replace(' to ', '–')})" if item else "" for item in found]
        if any(ends):
            body.append(["", "", *ends])
    return _table(f"AUROC by finding, with intervals{_data(results)}", head, body)


def _differences(results: Results) -> str:
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
    return _table(caption, head, body)


def _ranks(results: Results) -> str:
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
    return _table(f"Ranks by AUROC, {results.scope}{_data(results)}", head, body)


def _cost(results: Results) -> str:
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
    return _table("Cost of each network", head, body)


def _data(results: Results) -> str:
    return "; synthetic data" if results.comparison.protocol.get("synthetic") else ""

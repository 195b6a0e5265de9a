"""The report as Markdown: the same answer and numbers, for repositories and mail."""

from __future__ import annotations

import re
from collections.abc import Sequence

from cxrcompare.reporting.figures import cost_figures, overview
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.formats import page, page_data
from cxrcompare.reporting.narrative import answer, checklist, next_steps, protocol_card, strengths
from cxrcompare.reporting.results import main_table, numbers
from cxrcompare.reporting.results.lookup import OVER_FINDINGS, Results, text, title

_NO_MATRIX = "Not computed: it needs a threshold of every finding."
_RANKED = ("auroc", "auprc")
_DECIDED = ("sensitivity", "specificity", "precision", "npv")


def render(results: Results, drawn: dict[str, Figure]) -> str:
    """Returns the report as Markdown; figures are links to the files beside it.

    Args:
        results: The comparison.
        drawn: What `page.figures` returned.
    """
    comparison = results.comparison
    parts = [
        f"# {plain(text(comparison.protocol.get('title')) or 'Comparison of networks')}",
        plain(page.question(results)),
    ]
    if comparison.protocol.get("synthetic"):
        parts.append(
            "> **Synthetic data.** These radiographs were drawn by a program. The numbers show how "
            "networks and report work; they say nothing of patients."
        )
    parts += ["## The answer", *(plain(sentence) for sentence in answer.answer(results))]
    parts += ["## Protocol", table(("", ""), protocol_card.card(results))]
    parts += _main(results)
    parts += [_link(drawn, "findings")]
    if len(results.networks) > 1:
        parts += [*_differences(results), _link(drawn, "forest"), *_ranks(results)]
        parts += [_link(drawn, "ranks")]
    parts += _findings(results, drawn)
    parts += ["## Multi-label confusion", _link(drawn, "multilabel") or _NO_MATRIX]
    parts += ["## Training", _link(drawn, "training") or "Not stated."]
    parts += [*_cost(results), _link(drawn, "cost"), *_strengths(results), *_warnings(results)]
    parts += [*_next_steps(results), *_checklists(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(words: object) -> str:
    """Returns text in which no character is Markdown or HTML markup, on one line."""
    one_line = " ".join(str(words).split())
    escaped = re.sub(r"([\\`*_\[\]|#~])", r"\\\1", one_line)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def table(head: Sequence[str], body: Sequence[Sequence[object]], right: int = 99) -> str:
    """Returns a table; columns from the one numbered `right` on are aligned right."""
    lines = [head, ["---:" if number >= right else "---" for number in range(len(head))]]
    written = [f"| {' | '.join(plain(cell) for cell in head)} |", f"| {' | '.join(lines[1])} |"]
    return "\n".join(written + [f"| {' | '.join(plain(cell) for cell in row)} |" for row in body])


def _main(results: Results) -> list[str]:
    found = main_table.table(results, results.scope)
    shown = main_table.defined(results, results.scope, results.metrics)
    head = ["Model", "Rank", "Tie group", *(title(metric) for metric in shown)]
    body = [
        [row.name, row.rank, row.group]
        + [
            f"{cell.value} ({cell.interval})" if cell.interval else cell.value
            for cell in (row.cells[metric] for metric in shown)
        ]
        for row in found
    ]
    told = f"{OVER_FINDINGS.get(results.scope, results.scope)}"
    detail = main_table.entered(results, results.scope)
    level = numbers.percent(results.level)
    note = f"{told}, {detail}. In brackets {level} intervals. Trivial models are the last rows."
    return ["## Main table", plain(note), table(head, body, 1)]


def _differences(results: Results) -> list[str]:
    body = [
        [
            f"{item.first} − {item.second}",
            numbers.signed(item.value),
            numbers.interval(item.low, item.high),
            numbers.p_value(item.p_adjusted),
            "yes" if results.rejects(item) else "no",
        ]
        for item in overview.pairs(results, results.scope)
    ]
    head = ("Pair", "Difference of AUROC", "Interval", "Adjusted p", "Told apart")
    return ["## Differences", table(head, body, 1) if body else "No pair was tested."]


def _ranks(results: Results) -> list[str]:
    body = []
    for name in results.networks:
        row = results.rank(name)
        if row:
            place = f"{row['rank']:g}" if numbers.defined(row["rank"]) else numbers.UNDEFINED
            interval = numbers.interval(row["low"], row["high"], 0)
            best = numbers.decimal(row["probability_best"], 2)
            body.append([name, place, interval, best, text(row["tie_group"])])
    head = ("Network", "Rank", "Interval", "Probability of being best", "Tie group")
    return ["## Ranks", table(head, body, 1) if body else "No rank is defined."]


def _findings(results: Results, drawn: dict[str, Figure]) -> list[str]:
    parts = ["## Finding by finding"]
    for finding in results.comparison.findings:
        parts.append(f"### {plain(finding)}")
        parts.append(plain(main_table.entered(results, finding)))
        parts.append(_counts(results, finding) or _areas(results, finding))
        parts.append(_link(drawn, "roc", finding) + " " + _link(drawn, "pr", finding))
    return parts


def _counts(results: Results, finding: str) -> str:
    """The table of 2x2 counts at the thresholds, empty where there are none."""
    body = [
        [
            row["model"],
            numbers.decimal(row["threshold"]),
            *(numbers.count(row[key]) for key in ("tp", "fp", "fn", "tn")),
        ]
        + [_estimate(results, row["model"], finding, metric) for metric in _RANKED + _DECIDED]
        for row in page_data.operating(results, finding)
    ]
    head = (
        "Network",
        "Threshold",
        "TP",
        "FP",
        "FN",
        "TN",
        "AUROC",
        "AUPRC",
        "Sensitivity",
        "Specificity",
        "PPV",
        "NPV",
    )
    return table(head, body, 1) if body else ""


def _areas(results: Results, finding: str) -> str:
    body = [
        [name, *(_estimate(results, name, finding, metric) for metric in _RANKED)]
        for name in results.networks
    ]
    return table(("Network", *(title(metric) for metric in _RANKED)), body, 1)


def _estimate(results: Results, name: str, finding: str, metric: str) -> str:
    found = results.estimate(name, finding, metric)
    if found is None:
        return numbers.UNDEFINED
    return f"{found.value:.3f}" + (f" ({found.interval})" if found.interval else "")


def _cost(results: Results) -> list[str]:
    body = []
    for model in results.comparison.models:
        cost = model.get("cost")
        if cost:
            fronts = [
                words
                for key, (words, _) in cost_figures.COSTS.items()
                if model["name"] in cost_figures.pareto(results, key)
            ]
            body.append(
                [
                    model["name"],
                    numbers.compact(cost.get("parameters")),
                    numbers.duration(cost.get("train_seconds")),
                    numbers.compact(cost.get("images_per_second")),
                    numbers.compact(cost.get("prediction_images_per_second")),
                    numbers.stated(cost.get("weights")),
                    "; ".join(fronts),
                ]
            )
    head = (
        "Network",
        "Parameters",
        "Training time",
        "Training, images/s",
        "Prediction, images/s",
        "Weights",
        "Pareto front",
    )
    return ["## Cost against quality", table(head, body, 1) if body else "Not stated."]


def _strengths(results: Results) -> list[str]:
    parts = ["## Strengths and limits"]
    for profile in strengths.profiles(results):
        lines = [f"- Strength. {plain(line)}" for line in profile.strengths]
        lines += [f"- Limit. {plain(line)}" for line in profile.limits]
        parts += [f"### {plain(profile.name)}", "\n".join(lines) or "No test tells it apart."]
    return parts


def _warnings(results: Results) -> list[str]:
    found = [
        f"- {plain(code)}: {plain(line)}"
        for code, lines in page.warnings(results).items()
        for line in lines
    ]
    return ["## Warnings", "\n".join(found) or "No warning was raised."]


def _next_steps(results: Results) -> list[str]:
    steps = [f"- {plain(step)}" for step in next_steps.next_steps(results)]
    return ["## Next steps", "\n".join(steps)] if steps else []


def _checklists(results: Results) -> list[str]:
    parts = ["## Checklists"]
    for found in checklist.checklists(results):
        body = [(line.item, line.asks, line.here) for line in found.lines]
        parts += [
            f"### {found.name}",
            plain(found.source),
            table(("Item", "Asks for", "Here"), body),
        ]
    return parts


def _link(drawn: dict[str, Figure], kind: str, about: str | None = None) -> str:
    links = [
        f"![{plain(figure.title)}](figures/{name}.svg)"
        for name, figure in drawn.items()
        if figure.kind == kind and about in (None, figure.about)
    ]
    return "\n".join(links[:1] if kind == "forest" else links)

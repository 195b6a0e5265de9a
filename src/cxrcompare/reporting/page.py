"""The page: everything the template shows, gathered from a comparison."""

from __future__ import annotations

import json
import math
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from cxrcompare.reporting import (
    answer,
    checklist,
    curves,
    main_table,
    numbers,
    overview,
    palette,
    protocol,
    runs,
    settle,
    strengths,
    svg,
)  # fmt: skip
from cxrcompare.reporting.estimates import (
    LOWER_IS_BETTER,
    OVER_FINDINGS,
    Results,
    rows,
    text,
    title,
)  # fmt: skip
from cxrcompare.reporting.figure import Figure, named

_METRIC_COLUMNS = (
    "model", "seed", "finding", "metric", "value", "low", "high", "positives", "negatives",
    "subgroup",
)  # fmt: skip


def figures(results: Results) -> dict[str, Figure]:
    """Returns every figure of the report by its name, in the order of the page."""
    drawn: list[Figure | None] = [overview.by_finding(results)]
    drawn += [overview.forest(results, scope) for scope in results.scopes]
    drawn.append(overview.ranks(results))
    for finding in results.comparison.findings:
        drawn += [curves.roc(results, finding), curves.precision_recall(results, finding)]
        drawn += [curves.calibration(results, finding, name) for name in results.networks]
    drawn += [runs.multilabel(results, name) for name in results.networks]
    drawn += [runs.training(results, name) for name in results.networks]
    drawn += [runs.cost_against_quality(results, cost) for cost in runs.COSTS]
    return named([figure for figure in drawn if figure is not None])


def render(results: Results, drawn: dict[str, Figure]) -> str:
    """Returns the page as one HTML document that needs nothing else.

    Args:
        results: The comparison.
        drawn: What `figures` returned.
    """
    environment = Environment(
        loader=FunctionLoader(_packaged),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "decimal": numbers.decimal, "signed": numbers.signed, "count": numbers.count,
        "compact": numbers.compact, "duration": numbers.duration, "p": numbers.p_value,
        "stated": numbers.stated, "text": text,
    }  # fmt: skip
    return environment.get_template("report.html").render(_context(results, drawn))


def _context(results: Results, drawn: dict[str, Figure]) -> dict[str, Any]:
    comparison = results.comparison
    by_key = {(figure.kind, figure.about): name for name, figure in drawn.items()}
    return {
        "r": results,
        "c": comparison,
        "style": Markup(style(len(results.networks))),
        "script": Markup(_packaged("report.js")),
        "data": Markup(embedded(data(results, drawn))),
        "title": text(comparison.protocol.get("title")) or "Comparison of networks",
        "data_name": protocol.data_name(results),
        "synthetic": bool(comparison.protocol.get("synthetic")),
        "question": question(results),
        "answer": answer.answer(results),
        "protocol": protocol.card(results),
        "scope_names": {name: OVER_FINDINGS.get(name, name) for name in results.scopes},
        "tables": {name: main_table.table(results, name) for name in results.scopes},
        "entered": {name: main_table.entered(results, name) for name in results.scopes},
        "metric_names": {name: title(name) for name in results.metrics},
        "lower": LOWER_IS_BETTER,
        "figures": drawn,
        "named": by_key,
        "drawing": lambda name: Markup(
            drawn[name].axes.svg(f"f-{name}", drawn[name].title, drawn[name].told)
        ),
        "calibrated": {
            finding: [n for n in results.networks if ("calibration", f"{finding} {n}") in by_key]
            for finding in comparison.findings
        },
        "reader_rows": readers(results),
        "operating": {finding: operating(results, finding) for finding in comparison.findings},
        "costs": runs.COSTS,
        "fronts": {cost: runs.pareto(results, cost) for cost in runs.COSTS},
        "profiles": strengths.profiles(results),
        "warnings": rows(comparison.warnings),
        "open": settle.unresolved(results),
        "steps": settle.next_steps(results),
        "quality": answer.quality(results),
        "checklists": checklist.checklists(results),
        "finite": math.isfinite,
        "most_pairs": overview.MOST_PAIRS,
    }


def question(results: Results) -> str:
    """Returns the question that the comparison answers."""
    networks, findings = len(results.networks), len(results.comparison.findings)
    where = numbers.plural(findings, "finding")
    if networks == 1:
        return f"How well does {results.networks[0]} recognise {where}?"
    return (
        f"Which of {numbers.plural(networks, 'network')} recognises {where} best, and which "
        "differences are more than chance?"
    )


def operating(results: Results, finding: str) -> list[dict[str, Any]]:
    """Returns each network's 2x2 counts at its operating point."""
    found = []
    for index, name in enumerate(results.networks):
        chosen = [
            row for row in rows(results.comparison.confusion)
            if row["model"] == name and row["finding"] == finding
        ]  # fmt: skip
        for row in [r for r in chosen if str(r["seed"]) == "all"] or chosen:
            found.append(row | {"index": index})
    return found


def data(results: Results, drawn: dict[str, Figure]) -> dict[str, Any]:
    """Returns the numbers behind the page: of every figure, and of the threshold slider."""
    comparison = results.comparison
    slider = {}
    for finding in comparison.findings:
        held = comparison.curves.get(finding, {})
        networks = {
            name: held[name]["operating"] | {"chosen": chosen(results, finding, name)}
            for name in results.networks
            if held.get(name, {}).get("operating", {}).get("threshold")
        }
        if networks:
            slider[finding] = {"counts": held.get("", {}), "networks": networks}
    return {
        "findings": list(comparison.findings),
        "figures": {
            name: {"columns": figure.columns, "rows": figure.data} for name, figure in drawn.items()
        },
        "slider": slider,
        "tables": {
            "metrics": _columns(comparison.metrics[list(_METRIC_COLUMNS)]),
            "differences": _columns(comparison.differences),
        },
    }


def chosen(results: Results, finding: str, name: str) -> int:
    """Returns which of a network's listed thresholds lies nearest to its operating point."""
    listed = results.comparison.curves[finding][name]["operating"]["threshold"]
    rule = [row["threshold"] for row in operating(results, finding) if row["model"] == name]
    known = [value for value in rule if numbers.defined(value)]
    wanted = sum(known) / len(known) if known else 0.5
    return min(range(len(listed)), key=lambda place: abs(listed[place] - wanted))


def readers(results: Results) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
    """Returns, per network and finding, the readers below the curve and those not."""
    found: dict[tuple[str, str], tuple[list[str], list[str]]] = {}
    for row in rows(results.comparison.readers):
        if row["below_curve"] is None or row["below_curve"] != row["below_curve"]:
            continue
        below, above = found.setdefault((row["model"], row["finding"]), ([], []))
        (below if row["below_curve"] else above).append(str(row["reader"]))
    return found


def _columns(frame: Any) -> dict[str, Any]:
    return {"columns": list(frame.columns), "rows": frame.to_numpy(dtype=object).tolist()}


def embedded(value: Any) -> str:
    """Returns JSON that is safe inside a script element; numbers keep six digits."""
    written = json.dumps(_short(value), ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written


def _short(value: Any) -> Any:
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        value = float(f"{value:.6g}")
        return int(value) if value == int(value) and abs(value) < 1e15 else value
    if isinstance(value, dict):
        return {str(key): _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    return _short(value.item()) if hasattr(value, "item") else value


def style(networks: int) -> str:
    """Returns the page's style sheet, with the colours of so many networks."""
    light, dark = palette.variables(networks), palette.variables(networks, dark=True)
    return (
        f":root{{color-scheme:light;{light}}}"
        f"@media screen and (prefers-color-scheme:dark){{:root:not([data-theme=light])"
        f"{{color-scheme:dark;{dark}}}}}"
        f"@media screen{{:root[data-theme=dark]{{color-scheme:dark;{dark}}}}}"
        + palette.series_rules(networks)
        + svg.RULES
        + _packaged("report.css")
    )


@cache
def _packaged(name: str) -> str:
    folder = resources.files("cxrcompare.reporting") / "template"
    return (folder / name).read_text(encoding="utf-8")

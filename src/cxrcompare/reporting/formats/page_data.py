"""The embedded data of the page: figures, tables and the threshold slider."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd

from cxrcompare.comparison.row_types.main_rows import ConfusionRow
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.results import drawn_networks
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.results.numbers import number

_METRIC_COLUMNS = (
    "model",
    "seed",
    "finding",
    "metric",
    "value",
    "low",
    "high",
    "positives",
    "negatives",
    "subgroup",
)


_MOST_ROWS = 10_000


def downloadable(frame: pd.DataFrame) -> bool:
    """Returns whether a table is small enough to be part of the page; if not, its CSV file is."""
    return len(frame) <= _MOST_ROWS


def operating(results: Results, finding: str) -> list[ConfusionRow]:
    """Returns the networks' 2x2 counts at their operating points."""
    return [row for name in results.networks for row in results.decisions(name, finding)]


def data(results: Results, drawn: dict[str, Figure]) -> dict[str, Any]:
    """Returns the embedded data of the page: figures, tables and the threshold slider."""
    comparison = results.comparison
    slider = {}
    for finding in comparison.findings:
        curves = comparison.curves.get(finding, {})
        networks = {
            name: slider_points(results, finding, name)
            for name in drawn_networks.drawn(results)
            if name in curves
            and curves[name].get("operating", {}).get("threshold")
            and results.decisions(name, finding)
        }
        if networks:
            positives, negatives = results.class_counts(finding)
            counts = {"positives": positives, "negatives": negatives}
            slider[finding] = {"counts": counts, "networks": networks}
    return {
        "findings": list(comparison.findings),
        "figures": {
            name: {"names": figure.columns, "columns": [_column(c) for c in figure.by_column]}
            for name, figure in drawn.items()
        },
        "slider": slider,
        "tables": {
            name: _columns(frame)
            for name, frame in (
                ("metrics", comparison.metrics[list(_METRIC_COLUMNS)]),
                ("differences", comparison.differences),
            )
            if downloadable(frame)
        },
    }


def slider_points(results: Results, finding: str, name: str) -> dict[str, Any]:
    """Returns the thresholds of the slider and the index of the operating point.

    For one run, the operating point is inserted into the listed thresholds with its own counts.
    For several seeds, whose thresholds differ, it is the listed threshold closest to their mean.
    """
    listed = results.comparison.curves[finding][name]["operating"]
    points = list(zip(listed["threshold"], listed["tp"], listed["fp"], strict=True))
    own = results.decisions(name, finding)
    if len(own) == 1:
        one = own[0]
        point = number(one.threshold), number(one.tp), number(one.fp)
        points = sorted([other for other in points if other[0] != point[0]] + [point])
        chosen = points.index(point)
    else:
        wanted = sum(number(row.threshold) for row in own) / len(own)
        chosen = min(range(len(points)), key=lambda index: abs(points[index][0] - wanted))
    threshold, tp, fp = (list(column) for column in zip(*points, strict=True))
    return {"threshold": threshold, "tp": tp, "fp": fp, "chosen": chosen, "runs": len(own)}


def _columns(frame: Any) -> dict[str, Any]:
    columns = [_column(frame[name].tolist()) for name in frame.columns]
    return {"names": list(frame.columns), "columns": columns}


def _column(values: Sequence[Any]) -> Any:
    """Returns a column; text is dictionary-encoded, because most strings repeat."""
    if not any(issubclass(kind, str) for kind in set(map(type, values))):
        return list(values)
    words = list(dict.fromkeys(values))
    index = {word: number for number, word in enumerate(words)}
    return {"words": words, "at": [index[value] for value in values]}


def embedded(value: Any) -> str:
    """Returns JSON that is safe in a script element, with numbers rounded to five digits."""
    return escaped(_json(value))


def escaped(written: str) -> str:
    """Returns JSON without the characters that could end a script element."""
    for character in "<>&\u2028\u2029":
        written = written.replace(character, f"\\u{ord(character):04x}")
    return written


def _json(value: Any) -> str:
    """Returns compact JSON; written directly, as most values are numbers in long columns."""
    if isinstance(value, float):
        return _number(value)
    if type(value) is int:
        return str(value)
    if value is None:
        return "null"
    if isinstance(value, list | tuple):
        return f"[{_items(value)}]"
    if isinstance(value, dict):
        items = (f"{_json(str(key))}:{_json(item)}" for key, item in value.items())
        return f"{{{','.join(items)}}}"
    if hasattr(value, "item"):
        return _json(value.item())
    return json.dumps(value, ensure_ascii=False)


def _items(values: Sequence[Any]) -> str:
    """Returns the items of a list; columns of numbers are written at once."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return ",".join(map(str, values))
    if kinds and kinds <= {float, int, type(None)}:
        if type(None) in kinds:
            values = [math.nan if value is None else value for value in values]
        return _numbers(values)
    return ",".join(map(_json, values))


def _numbers(values: Sequence[float]) -> str:
    """Returns what `_json` returns for each number, separated by commas."""
    written = ("%.5g," * len(values) % tuple(values)).split(",")[:-1]
    if "-0" in written:
        written = ["0" if number == "-0" else number for number in written]
    if not all(-1e4 < value < 1e4 for value in (min(values), max(values), sum(values) * 0)):
        written = [
            number if -1e4 < value < 1e4 else _json(value)
            for number, value in zip(written, values, strict=True)
        ]
    return ",".join(written)


def _number(value: float) -> str:
    if not math.isfinite(value):
        return "null"
    if abs(value) < 1e4:
        written = f"{value:.5g}"
        return "0" if written == "-0" else written
    value = round(value, 1)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)

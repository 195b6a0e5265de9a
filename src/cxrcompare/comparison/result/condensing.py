"""The comparison of many models, condensed: what `comparison.json` and the report contain.

Tables of pairs grow with the square of the number of models. The CSV files have every row.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.comparison.result.comparison import TABLES, Comparison
from cxrcompare.comparison.result.content_types import Curves
from cxrcompare.comparison.row_types.column_types import MEAN

MOST_PAIR_ROWS = 20_000
"""A table of pairs with more rows keeps the pairs with the first model, and all pairs by AUROC."""

MOST_CURVES = 200
"""With more curves, points are left out that a straight line replaces within `TOLERANCE`, and the
numbers of all tables have five digits."""

MOST_RECALIBRATED = 10
"""With more curves, tables of recalibrated models keep so many models, the first by AUROC."""

TOLERANCE = 0.002
"""The largest error of a thinned curve and its interval, as a share of the axis."""

_DIGITS = 5
_DECIMALS = 4
_GAPS = "subgroup_gaps"
"""Of many models, the gaps of the mean over findings are kept."""

_RECALIBRATED = ("recalibrated", "recalibrated_curves")
_THRESHOLDS = 41
_PRIMARY = "auroc"


def condensed(comparison: Comparison) -> Comparison:
    """Returns the comparison without rows and points that a report of many models does not show.

    A comparison of few models is returned as it is; one that was condensed does not change.
    """
    changed: dict[str, Any] = {}
    many = sum(map(len, comparison.curves.values())) > MOST_CURVES
    for name, columns in TABLES.items():
        frame = getattr(comparison, name)
        if "model_b" in columns and len(frame) > MOST_PAIR_ROWS:
            changed[name] = _pairs(name, frame, comparison.models[0]["name"])
        elif many and name == _GAPS:
            changed[name] = _rounded(frame[frame["finding"] == MEAN].reset_index(drop=True))
        elif many and name in _RECALIBRATED:
            first = [model["name"] for model in comparison.models[:MOST_RECALIBRATED]]
            changed[name] = _rounded(frame[frame["model"].isin(first)].reset_index(drop=True))
        elif many:
            changed[name] = _rounded(frame)
    if many:
        changed["curves"] = {
            finding: {model: _thinned(curves) for model, curves in models.items()}
            for finding, models in comparison.curves.items()
        }
    return dataclasses.replace(comparison, **changed) if changed else comparison


def _pairs(name: str, frame: pd.DataFrame, first: str) -> pd.DataFrame:
    """Returns the rows of the first model, and of `differences` all by AUROC."""
    kept = (frame["model_a"] == first) | (frame["model_b"] == first)
    if name == "differences":
        kept |= (frame["metric"] == _PRIMARY) & (frame["subgroup"] == "")
    return _rounded(frame[kept].reset_index(drop=True))


def _rounded(frame: pd.DataFrame) -> pd.DataFrame:
    """Returns a table with numbers of `_DIGITS` significant digits."""
    numbers = {
        column: [float(f"{value:.{_DIGITS}g}") for value in frame[column]]
        for column in frame.columns
        if pd.api.types.is_float_dtype(frame[column])
    }
    return frame.assign(**numbers)


def _thinned(curves: Curves) -> dict[str, Any]:
    found: dict[str, Any] = {**curves}
    for part, x in (("roc", "fpr"), ("pr", "recall")):
        found[part] = _fewer_points(found[part], x)
    operating = curves.get("operating")
    if operating and len(operating["threshold"]) > _THRESHOLDS:
        last = len(operating["threshold"]) - 1
        kept = [round(last * n / (_THRESHOLDS - 1)) for n in range(_THRESHOLDS)]
        columns: dict[str, Any] = {**operating}
        found["operating"] = {k: [values[n] for n in kept] for k, values in columns.items()}
    found["reliability"] = [
        {name: round(value, _DIGITS) for name, value in one.items()}  # type: ignore[call-overload]
        for one in curves.get("reliability", [])
    ]
    return found


def _fewer_points(curve: dict[str, list[Any]], x: str) -> dict[str, list[Any]]:
    """Returns a curve without the points that lines between the others replace."""
    curve = {
        name: [None if value is None else round(value, _DECIMALS) for value in values]
        for name, values in curve.items()
    }
    series = [curve[name] for name in curve if name != x]
    if len(curve[x]) < 3 or any(None in values for values in curve.values()):
        return curve
    kept = _kept(np.array(curve[x]), np.array(series))
    return {name: [values[n] for n in kept] for name, values in curve.items()}


def _kept(x: np.ndarray, series: np.ndarray) -> Sequence[int]:
    """Returns the indices that remain, (K,): x (N,) ascending, series (S, N); NaN is kept.

    Source: Douglas and Peucker 1973, doi 10.3138/FM57-6770-U75U-7727, with vertical distances.
    """
    size = len(x)
    keep = np.isnan(series).any(axis=0)
    keep[[0, size - 1]] = True
    edges = np.flatnonzero(keep)
    spans = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    while spans:
        first, last = spans.pop()
        if last - first < 2:
            continue
        inside = slice(first + 1, last)
        width = x[last] - x[first]
        share = (x[inside] - x[first]) / width if width > 0 else np.zeros(last - first - 1)
        ends = series[:, [first, last]]
        line = ends[:, :1] + share * (ends[:, 1:] - ends[:, :1])
        error = np.nan_to_num(np.abs(series[:, inside] - line), nan=np.inf).max(axis=0)
        worst = int(error.argmax())
        if error[worst] > TOLERANCE:
            middle = first + 1 + worst
            keep[middle] = True
            spans += [(first, middle), (middle, last)]
    return np.flatnonzero(keep).tolist()

"""Figures of one finding: ROC, precision-recall, and calibration and scores per network."""

from __future__ import annotations

import itertools
import math
from typing import Any, Literal

from cxrcompare.comparison.result.content_types import Histogram, ReliabilityBin
from cxrcompare.comparison.row_types.reader_rows import ReaderRow
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.path import COARSE, TOLERANCE, bar
from cxrcompare.reporting.figures.svg import Axes
from cxrcompare.reporting.results import lookup, numbers
from cxrcompare.reporting.results.drawn_networks import drawn, others
from cxrcompare.reporting.results.lookup import Results

_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def roc(results: Results, finding: str) -> Figure | None:
    """Draws the ROC curves with bootstrap bands, and the readers as points."""
    curves = _curves(results, finding, "roc")
    if not curves:
        return None
    axes = Axes(360, 340, margin=(46, 12, 10, 36))
    axes.frame(_FIFTHS, _FIFTHS, "1 − specificity", "sensitivity (recall)")
    axes.line((0, 1), (0, 1), "guide")
    data: list[tuple[Any, ...]] = []
    for index, name, curve in curves:
        _series(axes, results, index, curve["fpr"], curve["tpr"], curve["low"], curve["high"])
        if name in others(results):
            continue
        points = zip(curve["fpr"], curve["tpr"], curve["low"], curve["high"], strict=True)
        data += [(name, *point) for point in points]
    readers = {
        row.reader: (row.reader_specificity, row.reader_sensitivity)
        for row in lookup.rows(results.comparison.readers, ReaderRow)
        if row.finding == finding
    }
    for reader, (specificity, y) in readers.items():
        if numbers.defined(specificity) and numbers.defined(y):
            x = 1 - specificity
            side, words = 4.5, f"{reader}: sensitivity {y:.3f}, specificity {1 - x:.3f}"
            axes.diamond(axes.across(x), axes.up(y), side, "reader", words)
            data.append((f"reader: {reader}", x, y, None, None))
    alt_text = _areas(results, finding)
    if readers:
        alt_text += f". {numbers.plural(len(readers), 'reader')} shown as diamonds"
    return Figure(
        "roc",
        finding,
        f"ROC curve, {finding}",
        alt_text,
        axes,
        ("model", "false_positive_rate", "sensitivity", "low", "high"),
        data,
    )


def precision_recall(results: Results, finding: str) -> Figure | None:
    """Draws the precision-recall curves, with the prevalence as the chance level."""
    curves = _curves(results, finding, "pr")
    if not curves:
        return None
    axes = Axes(360, 340, margin=(46, 12, 10, 36))
    axes.frame(_FIFTHS, _FIFTHS, "sensitivity (recall)", "precision (PPV)")
    positives, negatives = results.class_counts(finding)
    total = positives + negatives
    alt_text, prevalence = "", 0.0
    if total:
        prevalence = positives / total
        axes.line((0, 1), (prevalence, prevalence), "guide")
        alt_text = f"Prevalence {prevalence:.3f}. "
    data: list[tuple[Any, ...]] = []
    for index, name, curve in curves:
        low, high = curve["low"], curve["high"]
        _series(axes, results, index, curve["recall"], curve["precision"], low, high)
        if name in others(results):
            continue
        points = zip(curve["recall"], curve["precision"], curve["low"], curve["high"], strict=True)
        data += [(name, *point) for point in points]
    if total:
        above = axes.up(prevalence) + (-5 if prevalence < 0.07 else 13)
        axes.text(axes.across(0.99), above, f"prevalence {prevalence:.3f}", "halo", "end")
    alt_text += _areas(results, finding, "auprc")
    return Figure(
        "pr",
        finding,
        f"Precision-recall curve, {finding}",
        alt_text,
        axes,
        ("model", "recall", "precision", "low", "high"),
        data,
    )


def calibration(results: Results, finding: str, name: str) -> Figure | None:
    """Draws a network's reliability curve with intervals above the histogram of its scores."""
    curves = results.comparison.curves.get(finding, {}).get(name)
    if curves is None or not curves["histogram"]["edges"][1:]:
        return None
    histogram, bins = curves["histogram"], curves["reliability"]
    axes = Axes(164, 214, margin=(38, 6, 8, 100))
    index = results.networks.index(name)
    data: list[tuple[Any, ...]] = []
    alt_text = f"{name}: scores of {finding}"
    if bins:
        axes.frame((), (0.0, 0.5, 1.0), "", "observed")
        axes.line((0, 1), (0, 1), "guide")
        axes.open(f"n{index} series")
        for item in bins:
            _bin(axes, item)
            data.append(
                (
                    "reliability",
                    item["left"],
                    item["right"],
                    item["predicted"],
                    item["observed"],
                    item["low"],
                    item["high"],
                    item["count"],
                )
            )
        full = [item for item in bins if item["count"]]
        xs, ys = ([item[end] for item in full] for end in ("predicted", "observed"))
        axes.line(xs, ys, "line thin")
        axes.close()
        ece = results.estimate(name, finding, "ece")
        if ece:
            alt_text += f"; ECE {ece.value:.3f} ({ece.interval})"
    low = Axes(164, 214, x=axes.x, margin=(38, 6, 126, 34), parts=axes.parts)
    data += _histogram(low, histogram, index)
    return Figure(
        "calibration",
        f"{finding}\n{name}",
        f"Reliability and scores, {finding}, {name}",
        alt_text,
        low,
        ("part", "left", "right", "predicted", "observed", "low", "high", "count"),
        data,
    )


def _bin(axes: Axes, item: ReliabilityBin) -> None:
    predicted, observed = item["predicted"], item["observed"]
    low, high = item["low"], item["high"]
    if not item["count"] or predicted is None or observed is None or math.isnan(observed):
        return
    x = axes.across(predicted)
    if low is not None and high is not None and not math.isnan(high - low):
        axes.segment(x, axes.up(low), x, axes.up(high), "whisker")
    words = f"predicted {predicted:.3f}, observed {observed:.3f}, n {item['count']}"
    axes.circle(x, axes.up(observed), 2.8, "dot", words)


def _histogram(axes: Axes, histogram: Histogram, index: int) -> list[tuple[Any, ...]]:
    """Draws the histogram of positives upwards and that of negatives downwards."""
    edges = histogram["edges"]
    axes.x = (min(0.0, edges[0]), max(1.0, edges[-1]))
    axes.y = (-1.0, 1.0)
    data: list[tuple[Any, ...]] = []
    positive, negative = histogram["positive"], histogram["negative"]
    for kind, counts, sign, mark in (
        ("positive", positive, 1, "bar"),
        ("negative", negative, -1, "pale"),
    ):
        top = max(counts, default=0)
        bars = []
        for (left, right), count in zip(itertools.pairwise(edges), counts, strict=True):
            data.append((kind, left, right, None, None, None, None, count))
            if count:
                x0, x1 = axes.across(left) + 0.4, axes.across(right) - 0.4
                y0, y1 = axes.up(0), axes.up(sign * count / top)
                bars.append(bar(x0, x1, y0, y1))
        axes.open(f"n{index}")
        axes.add(f'<path d="{"".join(bars)}" class="{mark}"/>')
        axes.close()
    axes.segment(axes.across(axes.x[0]), axes.up(0), axes.across(axes.x[1]), axes.up(0), "axis")
    bottom = axes.height - axes.margin[3]
    for value in (axes.x[0], sum(axes.x) / 2, axes.x[1]):
        axes.text(
            axes.across(value), bottom + 14, f"{value:.3g}".replace("-", "−"), anchor="middle"
        )
    axes.text(axes.across(sum(axes.x) / 2), bottom + 29, "predicted score", anchor="middle")
    axes.text(axes.margin[0] - 4, axes.up(0.35), "pos.", anchor="end")
    axes.text(axes.margin[0] - 4, axes.up(-0.65), "neg.", anchor="end")
    return data


def _curves(
    results: Results, finding: str, kind: Literal["roc", "pr"]
) -> list[tuple[int, str, dict[str, Any]]]:
    """Returns the networks that have this curve, in reverse order, so that the first is on top."""
    curves = results.comparison.curves.get(finding, {})
    found = []
    for index, name in enumerate(results.networks):
        curve: dict[str, Any] = {**curves[name][kind]} if name in curves else {}
        if any(numbers.defined(y) for y in curve.get("tpr" if kind == "roc" else "precision", ())):
            found.append((index, name, curve))
    return found[::-1]


def _series(
    axes: Axes, results: Results, index: int, xs: Any, ys: Any, low: Any, high: Any
) -> None:
    """Draws a curve: with its band if the network is shown in detail, else as a grey line."""
    rest = results.networks[index] in others(results)
    axes.open(f"n{index} series{' rest' if rest else ''}")
    if not rest:
        axes.band(xs, low, high)
    axes.line(xs, ys, tolerance=COARSE if rest else TOLERANCE)
    axes.close()


def _areas(results: Results, finding: str, metric: str = lookup.PRIMARY) -> str:
    listed = "; ".join(_area(results, name, finding, metric) for name in drawn(results))
    rest = len(others(results))
    return f"{listed}; grey: {rest} other networks" if rest else listed


def _area(results: Results, name: str, finding: str, metric: str = lookup.PRIMARY) -> str:
    found = results.estimate(name, finding, metric)
    if found is None:
        return f"{name}: {lookup.title(metric)} not defined"
    return f"{name}: {lookup.title(metric)} {found.value:.3f} ({found.interval})"

"""Networks against the mean reader, with readers as a random factor, and against their panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.families import adjust_both, verdict
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.readers import reader_merit
from cxrcompare.comparison.readers.reader_merit import Merit
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.reader_rows import ReaderNetBenefitRow, ReaderPanelRow
from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.intervals import TWO_SEEDS
from cxrcompare.evaluation.readers import random_readers
from cxrcompare.predictions import Note

MEAN_READER: Literal["mean reader"] = "mean reader"
PANEL: Literal["panel"] = "panel"


class ReaderTables(NamedTuple):
    """The tables of networks against readers, and warnings."""

    against: list[ReaderPanelRow]
    net_benefit: list[ReaderNetBenefitRow]
    notes: list[Note]


class _Scope(NamedTuple):
    finding: str
    parts: list[Merit]


def compare(panel: Panel, ratings: Mapping[str, np.ndarray], options: Options) -> ReaderTables:
    """Returns each network against the mean reader and the panel, and readers' net benefit.

    With three or more readers, the mean reader is tested with readers as a random factor. The panel
    is the majority of these readers, who are fixed. P-values are adjusted over networks and both
    comparisons, for single findings over these too, separately for each metric.

    Args:
        panel: The runs that are compared.
        ratings: {reader: (N, F) in {0, 1, NaN}}.
        options: Margin, level, correction, decision thresholds.
    """
    if len(ratings) < random_readers.FEWEST_READERS:
        text = (
            f"{len(ratings)} readers: networks are not tested against the mean reader, which needs "
            f"at least {random_readers.FEWEST_READERS}"
        )
        return ReaderTables([], [], [Note("readers_too_few", text)] if ratings else [])
    stacked = np.stack([*ratings.values()])
    thresholds = options.thresholds_of_decisions
    rates = (reader_merit.SENSITIVITY, reader_merit.SPECIFICITY, reader_merit.BALANCED)
    metrics = [(name, float("nan")) for name in rates]
    metrics += [(reader_merit.NET_BENEFIT, threshold) for threshold in thresholds]
    rows: list[ReaderPanelRow] = []
    points: list[ReaderNetBenefitRow] = []
    for metric, threshold in metrics:
        scopes = _scopes(panel, stacked, metric, threshold)
        for scope in scopes:
            rows += _against(panel, scope, metric, threshold, len(ratings), options)
        if metric == reader_merit.NET_BENEFIT:
            points += [
                row
                for scope in scopes
                if scope.finding != MEAN
                for row in _points(scope, [*ratings], threshold, options.level)
            ]
    return ReaderTables(_adjusted(rows, options), points, [])


def _scopes(panel: Panel, ratings: np.ndarray, metric: str, threshold: float) -> list[_Scope]:
    """Returns the mean over eligible findings and then each of them."""
    found = []
    for f in np.flatnonzero(panel.eligible):
        one = reader_merit.merit(panel, ratings, int(f), metric, threshold)
        if one is not None and one.patients >= panel.minimum_patients:
            found.append(_Scope(panel.findings[f], [one]))
    tested = [scope for scope in found if scope.parts[0].tested.all()] or found
    if not tested:
        return []
    return [_Scope(MEAN, [scope.parts[0] for scope in tested]), *found]


def _against(
    panel: Panel,
    scope: _Scope,
    metric: str,
    threshold: float,
    readers: int,
    options: Options,
) -> list[ReaderPanelRow]:
    parts, weight = scope.parts, 1 / len(scope.parts)
    margin = options.gap_margin
    if metric == reader_merit.NET_BENEFIT:
        margin *= float(np.mean([one.prevalence for one in parts]))
    runs = np.mean([one.runs for one in parts], axis=0)
    rows = []
    for a, name in enumerate(panel.networks):
        own = runs[_runs(panel, a)]
        seeds = float(own.var(ddof=1)) / len(own) if len(own) > 1 else 0.0
        tested = all(one.tested[a] for one in parts) and len(own) != TWO_SEEDS
        value = float(np.mean([one.networks[a] for one in parts]))
        by_reader = np.mean([one.networks[a] - one.readers for one in parts], axis=0)
        influence = weight * np.sum(
            [_padded(one.network_influence[a] - one.reader_influence, parts) for one in parts],
            axis=0,
        )
        result = random_readers.random_readers(
            by_reader,
            random_readers.reader_covariance(influence),
            margin,
            options.level,
            (seeds, max(len(own) - 1, 1)),
        )
        nan = float("nan")
        row = ReaderPanelRow(
            model=name,
            finding=scope.finding,
            metric=metric,
            threshold=threshold,
            against=MEAN_READER,
            readers=readers,
            model_value=value,
            reader_value=value - result.mean,
            difference=result.mean,
            low=result.low,
            high=result.high,
            p_value=result.p_value if tested else nan,
            p_adjusted=nan,
            margin=margin,
            p_equivalence=result.p_equivalence if tested else nan,
            degrees=result.degrees,
            units=max(one.units for one in parts),
            verdict="",
        )
        rows += [row, _panel_row(row, parts, a, seeds, len(own), options, tested)]
    return rows


def _padded(influence: np.ndarray, parts: list[Merit]) -> np.ndarray:
    """Returns influences of one width: a finding without threshold noise has no columns for it."""
    widest = max(one.network_influence.shape[1] for one in parts)
    return np.pad(influence, [(0, 0)] * (influence.ndim - 1) + [(0, widest - influence.shape[-1])])


def _panel_row(
    row: ReaderPanelRow,
    parts: list[Merit],
    a: int,
    seeds: float,
    number: int,
    options: Options,
    tested: bool,
) -> ReaderPanelRow:
    """Returns the row against the panel, from that against the mean reader."""
    panels = [one.panel for one in parts]
    value = float(np.mean([one.value for one in panels]))
    network = float(np.mean([one.networks[a] for one in panels]))
    centre = float(np.mean([one.centre[a] for one in panels]))
    influence = np.sum([_padded(one.influence[a], parts) for one in panels], axis=0)
    sampled = float(influence @ influence + np.sum([one.added[a] for one in panels]))
    sampled /= len(parts) ** 2
    total = sampled + seeds
    patients = min(one.patients for one in parts) - 1
    bottom = sampled**2 / patients + seeds**2 / max(number - 1, 1)
    if total > 0:
        degrees, error = total**2 / bottom, float(np.sqrt(total))
        half = float(student_t.quantile((1 + options.level) / 2, degrees)) * error
        p_value = float(2 * student_t.upper_tail(abs(centre) / error, degrees))
        equal = float(student_t.upper_tail(((row.margin or 0.0) - abs(centre)) / error, degrees))
    else:
        degrees, half, p_value, equal = float("nan"), 0.0, 1.0, 0.0
    nan = float("nan")
    return row._replace(
        against=PANEL,
        model_value=network,
        reader_value=value,
        difference=network - value,
        low=min(centre - half, network - value),
        high=max(centre + half, network - value),
        p_value=p_value if tested else nan,
        p_equivalence=equal if tested else nan,
        degrees=degrees,
    )


def _runs(panel: Panel, a: int) -> slice:
    sizes = [len(panel.architectures[name]) for name in panel.networks]
    return slice(sum(sizes[:a]), sum(sizes[: a + 1]))


def _points(
    scope: _Scope, names: list[str], threshold: float, level: float
) -> list[ReaderNetBenefitRow]:
    """Returns the net benefit of each reader, of the mean reader and of the panel."""
    (one,) = scope.parts
    error = np.sqrt((one.reader_influence**2).sum(axis=1))
    half = student_t.quantile((1 + level) / 2, max(one.patients - 1, 1)) * error
    rows = [
        ReaderNetBenefitRow(
            finding=scope.finding,
            reader=name,
            threshold=threshold,
            net_benefit=float(one.readers[j]),
            low=float(one.readers[j] - half[j]),
            high=float(one.readers[j] + half[j]),
        )
        for j, name in enumerate(names)
    ]
    mean = random_readers.random_readers(
        one.readers, random_readers.reader_covariance(one.reader_influence), level=level
    )
    of_panel = (
        float(student_t.quantile((1 + level) / 2, max(one.patients - 1, 1))) * one.panel.error
    )
    for name, value, low, high in (
        (MEAN_READER, mean.mean, mean.low, mean.high),
        (PANEL, one.panel.value, one.panel.value - of_panel, one.panel.value + of_panel),
    ):
        rows.append(ReaderNetBenefitRow(scope.finding, name, threshold, value, low, high))
    return rows


def _adjusted(rows: list[ReaderPanelRow], options: Options) -> list[ReaderPanelRow]:
    different, equal = adjust_both(rows, [row.metric for row in rows], options.correction)
    return [
        row._replace(
            p_adjusted=p,
            p_equivalence=e,
            verdict=verdict(
                row.difference,
                p,
                e,
                options.level,
                ("model_better", "readers_better", "equivalent"),
            ),
        )
        for row, p, e in zip(rows, different, equal, strict=True)
    ]

"""Readers against models: position relative to the ROC curve, matched points, agreement."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import ALL_READERS, MEAN, AgreementRow, ReaderRow
from cxrcompare.evaluation import confusion, curves, intervals, metrics, reader_study
from cxrcompare.evaluation.bootstrap import metric_replicates
from cxrcompare.evaluation.bootstrap.resampling import Resamples

_WEIGHTS_AT_MOST = 1e7


def compare_with_models(
    panel: Panel, ratings: Mapping[str, np.ndarray], level: float
) -> list[ReaderRow]:
    """Returns a row per network, finding and reader.

    A reader's sensitivity and specificity have Wilson intervals if every patient has one unit, else
    bootstrap intervals over patients. `below_curve` is 1 if the reader's operating point is below
    the model's linearly interpolated ROC curve (mean over seeds). The model is evaluated at matched
    operating points: its sensitivity at the reader's specificity, and its specificity at the
    reader's sensitivity.

    Args:
        panel: The runs that are compared.
        ratings: {reader: (N, F) in {0, 1, NaN}}.
        level: The level of the intervals.
    """
    rows = []
    for name, rating in ratings.items():
        points = _points(panel, rating, level)
        for f, finding in enumerate(panel.findings):
            own = {key: float(value[f]) for key, value in points.items()}
            for model in panel.networks:
                rows.append(
                    ReaderRow(
                        model=model,
                        finding=finding,
                        reader=name,
                        **own,
                        **_matched(panel, model, f, rating[:, f], own),
                    )
                )
    return rows


def _points(panel: Panel, rating: np.ndarray, level: float) -> dict[str, np.ndarray]:
    """Returns the reader's sensitivity and specificity with their limits, (F,) each."""
    labels = np.where(np.isnan(rating), np.nan, panel.labels)
    positive = rating == 1
    counts = confusion.two_by_two(labels, positive)
    rates, terms = metrics.rates(counts), metrics.rate_terms(counts)
    found: dict[str, np.ndarray] = {}
    resampled: dict[str, np.ndarray] = {}
    if not panel.independent:
        many = metric_replicates.decision_counts(labels, positive[None], panel.resamples)[:, 0]
        resampled = metrics.rates(many)
    for rate in ("sensitivity", "specificity"):
        low, high = intervals.wilson(*terms[rate], level)
        if resampled:
            inner = (rates[rate] > 0) & (rates[rate] < 1)
            ends = intervals.percentile(resampled[rate], level)
            low, high = np.where(inner, ends[0], low), np.where(inner, ends[1], high)
        found |= {f"reader_{rate}": rates[rate], f"{rate}_low": low, f"{rate}_high": high}
    return found


def _matched(
    panel: Panel, model: str, f: int, rating: np.ndarray, own: dict[str, float]
) -> dict[str, float]:
    label = np.where(np.isnan(rating), np.nan, panel.labels[:, f])
    sensitivity, specificity = (
        np.asarray(own[f"reader_{rate}"]) for rate in ("sensitivity", "specificity")
    )
    rocs = [curves.roc(label, panel.scores[run, :, f]) for run in panel.architectures[model]]
    return {
        "below_curve": float(reader_study.below_curve(rocs, sensitivity, specificity)),
        "model_sensitivity_at_reader": float(
            np.mean([curves.sensitivity_at(roc, 1 - specificity) for roc in rocs])
        ),
        "model_specificity_at_reader": float(
            np.mean([curves.specificity_at(roc, sensitivity) for roc in rocs])
        ),
    }


def below_counts(
    rows: list[ReaderRow], findings: tuple[str, ...]
) -> dict[str, dict[str, float | None]]:
    """Returns {model: {finding: number of readers below its curve, "mean": mean over findings}}."""
    found: dict[str, dict[str, list[float]]] = {}
    for row in rows:
        below = found.setdefault(row.model, {finding: [] for finding in findings})
        if row.below_curve is not None and row.below_curve == row.below_curve:
            below[row.finding].append(row.below_curve)
    counts: dict[str, dict[str, float | None]] = {}
    for model, by_finding in found.items():
        sums = {name: sum(values) for name, values in by_finding.items() if values}
        counts[model] = {name: sums.get(name, float("nan")) for name in findings}
        counts[model][MEAN] = sum(sums.values()) / len(sums) if sums else float("nan")
    return counts


def agreement(panel: Panel, ratings: Mapping[str, np.ndarray], level: float) -> list[AgreementRow]:
    """Returns Cohen's kappa of each pair of readers and Fleiss' kappa of all ("all"), per finding.

    The intervals are bootstrap intervals over patients.
    """
    if len(ratings) < 2:
        return []
    limit = max(int(_WEIGHTS_AT_MOST / len(panel.labels)), 100)
    counts = panel.resamples.counts[:limit]
    resamples = Resamples(panel.resamples.patient, counts)
    weights = counts[:, resamples.patient].astype(np.float64)
    rows = []
    for f, finding in enumerate(panel.findings):
        column = {name: rating[:, f] for name, rating in ratings.items()}
        for a, b in itertools.combinations(column, 2):
            point = reader_study.cohen(column[a], column[b])
            low, high = intervals.percentile(
                reader_study.cohen(column[a], column[b], weights), level
            )
            rows.append(_kappa(finding, a, b, point, low, high))
        together = np.stack(list(column.values()))
        point = reader_study.fleiss(together)
        low, high = intervals.percentile(reader_study.fleiss(together, weights), level)
        rows.append(_kappa(finding, ALL_READERS, ALL_READERS, point, low, high))
    return rows


def _kappa(
    finding: str, a: str, b: str, point: np.ndarray, low: np.ndarray, high: np.ndarray
) -> AgreementRow:
    undefined = bool(np.isnan(point))
    return AgreementRow(
        finding=finding,
        reader_a=a,
        reader_b=b,
        kappa=float(point),
        low=float("nan") if undefined else float(low),
        high=float("nan") if undefined else float(high),
    )

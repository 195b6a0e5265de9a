"""Readers against models: position relative to the ROC curve, matched points, agreement."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import ALL_READERS, MEAN
from cxrcompare.comparison.row_types.reader_rows import AgreementRow, ReaderRow
from cxrcompare.evaluation import confusion, curves, intervals, metrics
from cxrcompare.evaluation.bootstrap import metric_replicates
from cxrcompare.evaluation.bootstrap.resampling import Resamples
from cxrcompare.evaluation.readers import reader_study
from cxrcompare.evaluation.thresholds import matched_points
from cxrcompare.predictions import Note

_WEIGHTS_AT_MOST = 1e7


def compare_with_models(
    panel: Panel, ratings: Mapping[str, np.ndarray], level: float, correction: str = "holm"
) -> list[ReaderRow]:
    """Returns a row per network, finding and reader.

    A reader's sensitivity and specificity have Wilson intervals if every patient has one unit, else
    bootstrap intervals over patients. `below_curve` is 1 if the reader's operating point is below
    the model's linearly interpolated ROC curve (mean over seeds). The model is evaluated at matched
    operating points: its sensitivity at the reader's specificity, and its specificity at the
    reader's sensitivity. The test of these differences includes the noise of the threshold that
    gives the reader's rate, see `matched_points`. It is adjusted over networks, findings and
    readers. A finding with too few patients is not tested.

    Args:
        panel: The runs that are compared.
        ratings: {reader: (N, F) in {0, 1, NaN}}.
        level: The level of the intervals.
        correction: The correction for multiple tests.
    """
    rows: list[ReaderRow] = []
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
                        **_tested(panel, model, f, rating[:, f], level),
                        p_adjusted=float("nan"),
                    )
                )
    adjusted = adjust(np.array([row.p_value for row in rows], dtype=float), correction)
    return [row._replace(p_adjusted=p) for row, p in zip(rows, adjusted.tolist(), strict=True)]


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


def _tested(panel: Panel, model: str, f: int, rating: np.ndarray, level: float) -> dict[str, float]:
    """Returns the model minus the reader at matched rates, with intervals and the p-value."""
    given = (
        panel.labels[:, f],
        panel.scores[panel.architectures[model], :, f],
        rating,
        panel.resamples.patient,
        level,
    )
    found = {
        "sensitivity": matched_points.sensitivity_difference(*given),
        "specificity": matched_points.specificity_difference(*given),
    }
    p_value = matched_points.combined_p_value(*found.values())
    cells: dict[str, float] = {}
    for rate, one in found.items():
        tested = panel.eligible[f]
        cells |= {
            f"{rate}_difference": one.difference,
            f"{rate}_difference_low": one.low if tested else float("nan"),
            f"{rate}_difference_high": one.high if tested else float("nan"),
        }
    return cells | {"p_value": p_value if panel.eligible[f] else float("nan")}


def reference_notes(panel: Panel, ratings: Mapping[str, np.ndarray]) -> list[Note]:
    """Warns if the reference is the majority of the readers, which favours each of them."""
    if len(ratings) < 3:
        return []
    voted = reader_study.majority(np.stack(list(ratings.values())))
    both = ~(np.isnan(voted) | np.isnan(panel.labels))
    if not both.any() or (voted[both] != panel.labels[both]).any():
        return []
    text = (
        f"the reference is the majority of the {len(ratings)} readers: each reader agrees with it "
        "too often, so tests against networks favour the readers"
    )
    return [Note("readers_are_reference", text)]


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

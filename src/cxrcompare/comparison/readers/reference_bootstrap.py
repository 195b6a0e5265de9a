"""The reference resampled over readers, where the reference is the majority of those readers."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation import intervals, metrics, reader_study
from cxrcompare.evaluation.resampling import Resamples

_REPLICATES_AT_MOST = 2000
_READER_DRAWS = 200


def is_majority(panel: Panel, ratings: Mapping[str, np.ndarray]) -> bool:
    """Returns whether the reference says what most readers say, wherever both say something."""
    if len(ratings) < 3:
        return False
    voted = reader_study.majority(np.stack(list(ratings.values())))
    both = ~(np.isnan(voted) | np.isnan(panel.labels))
    return bool(both.any() and (voted[both] == panel.labels[both]).all())


def resample(
    panel: Panel,
    ratings: Mapping[str, np.ndarray],
    auroc: np.ndarray,
    level: float,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Returns AUROCs and their differences with the reference as noisy as its readers.

    Each replicate draws readers with replacement, takes their majority as the reference (a tied
    vote leaves the label out), and draws patients as everywhere else. Each network is the mean over
    its seeds; seed noise is not in these intervals.

    Args:
        panel: What is compared.
        ratings: {reader: (N, F)}, at least three, whose majority the reference is.
        auroc: (M, K), of the runs on the reference as it is.
        level: Of the intervals.
        rng: The generator of random numbers.

    Returns:
        {"readers": K, "replicates": how many, at most 2000, "rows": [{model, finding, value, low,
        high, reader_sd}], "differences": [{model_a, model_b, finding, difference, low, high,
        p_value}]}.
    """
    known = ~np.isnan(panel.labels)
    together = np.where(known, np.stack(list(ratings.values())), np.nan)
    places = [panel.architectures[name] for name in panel.networks]
    runs = [place for some in places for place in some]
    defined = ~np.isnan(auroc[runs, : len(panel.findings)]).any(axis=0)

    def drawn(counts: np.ndarray) -> np.ndarray:
        resamples = Resamples(panel.resamples.patient, counts)
        found = reader_study.resample_reference(together, panel.scores[runs], resamples, rng)
        return _average(found["auroc"], places, runs, defined)

    replicates = drawn(panel.resamples.counts[:_REPLICATES_AT_MOST])
    same_patients = np.ones((_READER_DRAWS, panel.resamples.counts.shape[1]), dtype=np.uint8)
    spread = intervals.standard_error(drawn(same_patients))
    points = _average(auroc[None, runs, : len(panel.findings)], places, runs, defined)[0]
    return {
        "readers": len(together),
        "replicates": len(replicates),
        "rows": _rows(panel, points, replicates, spread, level),
        "differences": _differences(panel, points, replicates, level),
    }


def _average(
    found: np.ndarray, places: list[list[int]], runs: list[int], defined: np.ndarray
) -> np.ndarray:
    """Returns means over seeds, and over the findings that the reference as it is defines."""
    by_model = np.stack(
        [found[:, [runs.index(place) for place in some]].mean(axis=1) for some in places], axis=1
    )
    mean, _ = metrics.macro(by_model, defined)
    return np.concatenate([by_model, mean[..., None]], axis=-1)


def _rows(
    panel: Panel, points: np.ndarray, replicates: np.ndarray, spread: np.ndarray, level: float
) -> list[dict[str, Any]]:
    low, high = intervals.percentile(replicates, level)
    return [
        {
            "model": name,
            "finding": finding,
            "value": float(points[a, k]),
            "low": float(low[a, k]),
            "high": float(high[a, k]),
            "reader_sd": float(spread[a, k]),
        }
        for a, name in enumerate(panel.networks)
        for k, finding in enumerate((*panel.findings, "mean"))
    ]


def _differences(
    panel: Panel, points: np.ndarray, replicates: np.ndarray, level: float
) -> list[dict[str, Any]]:
    rows = []
    for a, b in itertools.combinations(range(len(panel.networks)), 2):
        difference = replicates[:, a] - replicates[:, b]
        low, high = intervals.percentile(difference, level)
        p_value = intervals.p_value(difference)
        rows += [
            {
                "model_a": panel.networks[a],
                "model_b": panel.networks[b],
                "finding": finding,
                "difference": float(points[a, k] - points[b, k]),
                "low": float(low[k]),
                "high": float(high[k]),
                "p_value": float(p_value[k]),
            }
            for k, finding in enumerate((*panel.findings, "mean"))
        ]
    return rows

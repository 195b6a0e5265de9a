"""Reader bootstrap of the reference standard, for a reference that is the readers' majority."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.content import ReferenceBootstrap
from cxrcompare.comparison.result.rows import (
    MEAN,
    ReferenceResampledDifferenceRow,
    ReferenceResampledRow,
)
from cxrcompare.evaluation import intervals, metrics, reader_study
from cxrcompare.evaluation.bootstrap.resampling import Resamples

_REPLICATES_AT_MOST = 2000
_READER_DRAWS = 200


@dataclass(frozen=True)
class Resampled:
    """The results of the reader bootstrap; empty without one.

    Attributes:
        size: The numbers of readers and of replicates, at most 2000.
        rows: The rows of the table `reference_resampled`.
        differences: The rows of the table `reference_resampled_differences`.
    """

    size: ReferenceBootstrap | None = None
    rows: list[ReferenceResampledRow] = field(default_factory=list)
    differences: list[ReferenceResampledDifferenceRow] = field(default_factory=list)


def is_majority(panel: Panel, ratings: Mapping[str, np.ndarray]) -> bool:
    """Returns whether the reference equals the readers' majority wherever both are defined."""
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
) -> Resampled:
    """Returns AUROCs and their differences, with intervals that include reader variability.

    Each replicate draws readers with replacement, takes their majority as the reference (a tied
    vote excludes the label), and draws patients as in all other analyses. Each network is the mean
    over its seeds; the intervals do not include seed noise.

    Args:
        panel: The runs that are compared.
        ratings: {reader: (N, F)}, at least three readers; the reference is their majority.
        auroc: (M, K), AUROCs of the runs against the original reference.
        level: The level of the intervals.
        rng: The random number generator.
    """
    labelled = ~np.isnan(panel.labels)
    together = np.where(labelled, np.stack(list(ratings.values())), np.nan)
    groups = [panel.architectures[name] for name in panel.networks]
    runs = [run for group in groups for run in group]
    defined = ~np.isnan(auroc[runs, : len(panel.findings)]).any(axis=0)

    def drawn(counts: np.ndarray) -> np.ndarray:
        resamples = Resamples(panel.resamples.patient, counts)
        found = reader_study.resample_reference(together, panel.scores[runs], resamples, rng)
        return _average(found["auroc"], groups, runs, defined)

    replicates = drawn(panel.resamples.counts[:_REPLICATES_AT_MOST])
    same_patients = np.ones((_READER_DRAWS, panel.resamples.counts.shape[1]), dtype=np.uint8)
    spread = intervals.standard_error(drawn(same_patients))
    points = _average(auroc[None, runs, : len(panel.findings)], groups, runs, defined)[0]
    return Resampled(
        ReferenceBootstrap(readers=len(together), replicates=len(replicates)),
        _rows(panel, points, replicates, spread, level),
        _differences(panel, points, replicates, level),
    )


def _average(
    found: np.ndarray, groups: list[list[int]], runs: list[int], defined: np.ndarray
) -> np.ndarray:
    """Returns means over seeds, and the mean over findings defined by the original reference."""
    by_model = np.stack(
        [found[:, [runs.index(run) for run in group]].mean(axis=1) for group in groups], axis=1
    )
    mean, _ = metrics.macro(by_model, defined)
    return np.concatenate([by_model, mean[..., None]], axis=-1)


def _rows(
    panel: Panel, points: np.ndarray, replicates: np.ndarray, spread: np.ndarray, level: float
) -> list[ReferenceResampledRow]:
    low, high = intervals.percentile(replicates, level)
    return [
        ReferenceResampledRow(
            model=name,
            finding=finding,
            value=float(points[a, k]),
            low=float(low[a, k]),
            high=float(high[a, k]),
            reader_sd=float(spread[a, k]),
        )
        for a, name in enumerate(panel.networks)
        for k, finding in enumerate((*panel.findings, MEAN))
    ]


def _differences(
    panel: Panel, points: np.ndarray, replicates: np.ndarray, level: float
) -> list[ReferenceResampledDifferenceRow]:
    rows = []
    for a, b in itertools.combinations(range(len(panel.networks)), 2):
        difference = replicates[:, a] - replicates[:, b]
        low, high = intervals.percentile(difference, level)
        p_value = intervals.p_value(difference)
        rows += [
            ReferenceResampledDifferenceRow(
                model_a=panel.networks[a],
                model_b=panel.networks[b],
                finding=finding,
                difference=float(points[a, k] - points[b, k]),
                low=float(low[k]),
                high=float(high[k]),
                p_value=float(p_value[k]),
            )
            for k, finding in enumerate((*panel.findings, MEAN))
        ]
    return rows

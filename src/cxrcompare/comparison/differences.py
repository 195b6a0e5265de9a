"""Paired differences of architectures on the same resamples, adjusted for how many there are."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

from cxrcompare.comparison.multiplicity import adjust
from cxrcompare.comparison.options import Options
from cxrcompare.comparison.scoring import OVER, Scored
from cxrcompare.evaluation import intervals


def differences(
    names: list[str],
    findings: tuple[str, ...],
    tables: dict[str, Scored],
    options: Options,
    jackknives: dict[str, np.ndarray] | None = None,
    subgroup: str = "",
) -> list[dict[str, Any]]:
    """Returns a row per pair, finding and metric.

    `p_adjusted` is over all pairs of a finding and metric; `p_adjusted_all` over all pairs and all
    findings of a metric.

    Args:
        names: The architectures, in the order of the tables' entries; further entries are left.
        findings: The findings.
        tables: {metric: Scored of the architectures}.
        options: Level, interval and correction.
        jackknives: {metric: (P, A, K)} for BCa intervals.
        subgroup: What the rows are of.
    """
    rows: list[dict[str, Any]] = []
    pairs = list(itertools.combinations(range(len(names)), 2))
    for metric, scored in tables.items():
        jackknife = jackknives.get(metric) if jackknives else None
        part = [_pair(scored, jackknife, a, b, options) for a, b in pairs]
        if not part:
            continue
        point, low, high, p_value = (np.stack([one[i] for one in part]) for i in range(4))
        adjusted = np.column_stack(
            [adjust(p_value[:, k], options.correction) for k in range(p_value.shape[1])]
        )
        by_all = np.full(p_value.shape, np.nan)
        by_all[:, : len(findings)] = adjust(
            p_value[:, : len(findings)].ravel(), options.correction
        ).reshape(len(pairs), -1)
        method = f"paired bootstrap, {'bca' if jackknife is not None else 'percentile'}"
        for row, (a, b) in enumerate(pairs):
            for k, finding in enumerate((*findings, *OVER)):
                if metric == "subset_accuracy" and finding != "micro":
                    continue
                rows.append(
                    {
                        "model_a": names[a],
                        "model_b": names[b],
                        "finding": finding,
                        "metric": metric,
                        "difference": point[row, k],
                        "low": low[row, k],
                        "high": high[row, k],
                        "p_value": p_value[row, k],
                        "p_adjusted": adjusted[row, k],
                        "method": method,
                        "subgroup": subgroup,
                        "p_adjusted_all": by_all[row, k],
                    }
                )
    return rows


def _pair(
    scored: Scored, jackknife: np.ndarray | None, a: int, b: int, options: Options
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Returns difference, low, high and p-value of one pair, (K,) each."""
    point = scored.point[a] - scored.point[b]
    replicates = scored.replicates[:, a] - scored.replicates[:, b]
    replicates[np.abs(replicates) < 1e-12] = 0.0  # rounding is no difference
    if jackknife is not None:
        low, high = intervals.bca(
            point, replicates, jackknife[:, a] - jackknife[:, b], options.level
        )
    else:
        low, high = intervals.percentile(replicates, options.level)
    lost = np.isnan(point)
    return (
        point,
        np.where(lost, np.nan, low),
        np.where(lost, np.nan, high),
        np.where(lost, np.nan, intervals.p_value(replicates)),
    )

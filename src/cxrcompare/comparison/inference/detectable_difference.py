"""The minimum detectable difference of the test set."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from scipy import special

from cxrcompare.comparison.inference.scoring import OVER, Scored
from cxrcompare.comparison.options import Options
from cxrcompare.evaluation import intervals


def resolution(
    networks: int, findings: tuple[str, ...], tables: dict[str, Scored], options: Options
) -> list[dict[str, Any]]:
    """Returns a row for the mean over findings, the micro-average and each finding, per metric.

    The minimum detectable difference is the difference that one test at alpha = 1 - level detects
    with the given power: (z of the level plus z of the power) times the standard error of a paired
    difference, the median over all pairs of models. The standard error is derived from the width
    of the percentile interval, because the heavy tails of the noise of few seeds inflate a
    standard deviation more. With one model, a second model with the same variance and a
    correlation of 0.5 is assumed.

    Args:
        networks: The number of networks; they are the first entries of the tables.
        findings: The findings.
        tables: {metric: Scored of the architectures}.
        options: Level and power.
    """
    rows = []
    for metric, scored in tables.items():
        replicates, basis = _replicates(networks, scored.replicates)
        low, high = intervals.percentile(replicates, options.level)
        errors = (high - low) / (2 * special.ndtri((1 + options.level) / 2))
        errors = np.where(errors > 0, errors, np.nan)  # 0 for identical models
        for k in (len(findings), len(findings) + 1, *range(len(findings))):
            defined = errors[:, k][~np.isnan(errors[:, k])]
            error = float(np.median(defined)) if len(defined) else float("nan")
            smallest = intervals.minimum_detectable(np.array(error), options.level, options.power)
            rows.append(
                {
                    "finding": (*findings, *OVER)[k],
                    "metric": metric,
                    "minimum_detectable_difference": float(smallest),
                    "power": options.power,
                    "level": options.level,
                    "basis": basis,
                }
            )
    return rows


def _replicates(networks: int, replicates: np.ndarray) -> tuple[np.ndarray, str]:
    if networks < 2:
        # Var(a - b) = 2 (1 - 1/2) Var(a)
        return replicates[:, :networks], "one model and an assumed second one, correlation 0.5"
    pairs = list(itertools.combinations(range(networks), 2))
    stacked = np.stack([replicates[:, a] - replicates[:, b] for a, b in pairs], axis=1)
    over = "one pair" if len(pairs) == 1 else f"median over {len(pairs)} pairs"
    return stacked, f"{over}, one test, paired bootstrap"

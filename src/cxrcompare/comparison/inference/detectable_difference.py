"""The minimum detectable difference: what this test set can resolve, before what it shows."""

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

    The difference that a test of one pair at 1 - level finds with the stated power: (z of the level
    plus z of the power) times the standard error of a paired difference, the median over the pairs
    of models. That is taken from the width of the percentile interval, which seed noise of few
    seeds does not blow up as it does a standard deviation. With one model it is that of two models
    like it whose errors correlate by one half.

    Args:
        networks: How many networks there are, the first entries of the tables.
        findings: The findings.
        tables: {metric: Scored of the architectures}.
        options: Level and power.
    """
    rows = []
    for metric, scored in tables.items():
        replicates, basis = _replicates(networks, scored.replicates)
        low, high = intervals.percentile(replicates, options.level)
        wide = (high - low) / (2 * special.ndtri((1 + options.level) / 2))
        wide = np.where(wide > 0, wide, np.nan)  # identical models resolve nothing
        for k in (len(findings), len(findings) + 1, *range(len(findings))):
            known = wide[:, k][~np.isnan(wide[:, k])]
            error = float(np.median(known)) if len(known) else float("nan")
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
        return replicates[:, :networks], "one model, and another like it correlated by 0.5"
    pairs = list(itertools.combinations(range(networks), 2))
    stacked = np.stack([replicates[:, a] - replicates[:, b] for a, b in pairs], axis=1)
    over = "one pair" if len(pairs) == 1 else f"median over {len(pairs)} pairs"
    return stacked, f"{over}, one test, paired bootstrap"

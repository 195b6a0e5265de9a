"""Ranks with simultaneous intervals, the probability of being best, and tie groups."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.inference.multiplicity import tie_groups
from cxrcompare.comparison.inference.scoring import MEAN_INDEX, Scored
from cxrcompare.comparison.result.rows import MEAN, WITHOUT_VERDICT, DifferenceRow, RankRow
from cxrcompare.evaluation.metrics import LOWER_IS_BETTER


def ranks(
    names: list[str],
    tables: dict[str, Scored],
    rows: list[DifferenceRow],
    alpha: float,
) -> list[RankRow]:
    """Returns a row per architecture and metric for the mean over findings, best first.

    `low` and `high` are a simultaneous interval: one plus the number of significantly better
    models, and the number of models minus the significantly worse ones (Al Mohamad, Goeman & van
    Zwet 2022, Biometrics). Two models share a letter of `tie_group` unless an adjusted test finds
    a difference. `probability_best` is the share of replicates in which the model is best; ties
    are split equally.

    Metrics of `WITHOUT_VERDICT` have no ranks.

    Args:
        names: The architectures, in the order of the tables' entries.
        tables: {metric: Scored of the architectures}.
        rows: The rows of `differences.differences` for the whole test set.
        alpha: The level of the adjusted tests.
    """
    tests = {(row.metric, row.model_a, row.model_b): row for row in rows if row.finding == MEAN}
    found: list[RankRow] = []
    for metric, scored in tables.items():
        point = scored.point[: len(names), MEAN_INDEX]
        if metric in WITHOUT_VERDICT or np.isnan(point).all():
            continue
        sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
        order = np.argsort(np.where(np.isnan(point), np.inf, -sign * point), kind="stable")
        best = _probability_best(sign * scored.replicates[:, : len(names), MEAN_INDEX])
        better = _better(metric, names, tests, sign, alpha)
        pairs = [
            (i, j)
            for i in range(len(order))
            for j in range(i + 1, len(order))
            if better[order[i], order[j]] or better[order[j], order[i]]
        ]
        groups = tie_groups(len(names), pairs)
        for position, model in enumerate(order):
            found.append(
                RankRow(
                    model=names[model],
                    metric=metric,
                    rank=position + 1,
                    low=1 + int(better[:, model].sum()),
                    high=len(names) - int(better[model].sum()),
                    probability_best=best[model],
                    tie_group=groups[position],
                )
            )
    return found


def _better(
    metric: str,
    names: list[str],
    tests: dict[tuple[str, str, str], DifferenceRow],
    sign: float,
    alpha: float,
) -> np.ndarray:
    """Returns (A, A) bool: whether the row's model is significantly better than the column's."""
    better = np.zeros((len(names), len(names)), dtype=bool)
    for a in range(len(names)):
        for b in range(a + 1, len(names)):
            row = tests.get((metric, names[a], names[b]))
            if row is None or row.p_adjusted is None or not row.p_adjusted < alpha:
                continue
            first, second = (a, b) if sign * (row.difference or 0.0) > 0 else (b, a)
            better[first, second] = True
    return better


def _probability_best(replicates: np.ndarray) -> np.ndarray:
    """Returns the share of defined replicates in which each model is best, (A,)."""
    defined = ~np.isnan(replicates).any(axis=1)
    kept = replicates[defined]
    if not len(kept):
        return np.full(replicates.shape[1], np.nan)
    best = kept == kept.max(axis=1, keepdims=True)
    return (best / best.sum(axis=1, keepdims=True)).mean(axis=0)

"""Ranks with simultaneous intervals, the probability of being best, and tie groups."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison.inference.multiplicity import tie_groups
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.main_rows import WITHOUT_VERDICT, DifferenceRow, RankRow
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.metrics import LOWER_IS_BETTER

_DRAWS = 10_000
_ROUNDING = 1e-7


def ranks(
    names: list[str],
    found: dict[str, Estimates],
    rows: list[DifferenceRow],
    seed: int = 0,
) -> list[RankRow]:
    """Returns a row per architecture and metric for the mean over findings, best first.

    `low` and `high` are a simultaneous interval: one plus the number of significantly better
    models, and the number of models minus the significantly worse ones (Al Mohamad, Goeman & van
    Zwet 2022, Biometrics). Two models share a letter of `tie_group` unless their verdict is that
    one is better. `probability_best` is the probability that the model is best, if the true values
    have the normal distribution of the estimates and, with several seeds, Student's for the seeds.

    Metrics of `WITHOUT_VERDICT` have no ranks.

    Args:
        names: The architectures, in the order of the tables' entries.
        found: {metric: the estimates of the architectures, those of `names` first}.
        rows: The rows of the differences in the whole test set.
        seed: The seed of the draws behind `probability_best`.
    """
    tests = {(row.metric, row.model_a, row.model_b): row for row in rows if row.finding == MEAN}
    ranked: list[RankRow] = []
    for metric, estimates in found.items():
        mean = len(estimates.eligible)
        point = estimates.value[: len(names), mean]
        if metric in WITHOUT_VERDICT or np.isnan(point).all():
            continue
        sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
        order = np.argsort(np.where(np.isnan(point), np.inf, -sign * point), kind="stable")
        best = _probability_best(sign, estimates, len(names), np.random.default_rng(seed))
        better = _better(metric, names, tests)
        pairs = [
            (i, j)
            for i in range(len(order))
            for j in range(i + 1, len(order))
            if better[order[i], order[j]] or better[order[j], order[i]]
        ]
        groups = tie_groups(len(names), pairs)
        for position, model in enumerate(order):
            ranked.append(
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
    return ranked


def _better(
    metric: str, names: list[str], tests: dict[tuple[str, str, str], DifferenceRow]
) -> np.ndarray:
    """Returns (A, A) bool: whether the row's model is significantly better than the column's."""
    better = np.zeros((len(names), len(names)), dtype=bool)
    for a in range(len(names)):
        for b in range(a + 1, len(names)):
            row = tests.get((metric, names[a], names[b]))
            if row is not None:
                better[a, b] = row.verdict == "a_better"
                better[b, a] = row.verdict == "b_better"
    return better


def _probability_best(
    sign: float, estimates: Estimates, number: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns the probability that each of the first models is best, (A,); ties are split."""
    mean = len(estimates.eligible)
    value = estimates.value[:number, mean]
    covariance = estimates.covariance[mean, :number, :number]
    kept = np.flatnonzero(~np.isnan(value) & ~np.isnan(np.diagonal(covariance)))
    found = np.full(number, np.nan)
    if not len(kept):
        return found
    drawn = value[kept] + rng.multivariate_normal(
        np.zeros(len(kept)), covariance[np.ix_(kept, kept)], _DRAWS, check_valid="ignore"
    )
    for column, model in enumerate(kept):
        seeds = int(estimates.seeds[model])
        if seeds > 1:
            error = np.sqrt(estimates.seed_variance[model, mean] / seeds)
            drawn[:, column] += error * rng.standard_t(seeds - 1, _DRAWS)
    drawn *= sign
    best = drawn >= drawn.max(axis=1, keepdims=True) - _ROUNDING
    found[kept] = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    return found

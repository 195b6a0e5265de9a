"""What each model does at its thresholds at a site: predictive values, flags, misses, cost."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import replicate_estimates
from cxrcompare.comparison.inference.families import BETTER_IF_LOWER, verdict
from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.given_prevalence import Site
from cxrcompare.comparison.inputs.panel import FIXED, Panel
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS
from cxrcompare.comparison.row_types.decision_rows import AtPrevalenceRow, CostDifferenceRow
from cxrcompare.comparison.row_types.main_rows import MetricRow
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.influence import influence_estimates, influence_tests
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.intervals import TWO_SEEDS
from cxrcompare.evaluation.thresholds import site_rates
from cxrcompare.evaluation.thresholds.site_rates import PER, Costs, Estimated

_RATES = ("sensitivity", "specificity")


def rows(
    panel: Panel,
    tables: dict[str, Scored],
    runs: Mapping[str, Scored],
    estimates: list[MetricRow],
    given: Mapping[str, Site],
    options: Options,
) -> tuple[list[AtPrevalenceRow], list[CostDifferenceRow]]:
    """Returns the rows of all networks with thresholds, and the differences of costs.

    The intervals come from those of sensitivity and specificity, so they contain the noise of
    thresholds and seeds as these do. A finding with too few patients has no interval and no test.

    Args:
        panel: The runs that are compared.
        tables: The replicates of sensitivity and specificity of the architectures.
        runs: The same of the runs.
        estimates: The rows of metrics.
        given: The sites of findings whose prevalence is given.
        options: Level and correction.
    """
    if not all(metric in tables for metric in _RATES):
        return [], []
    known = {
        (row.model, row.finding, row.metric): row
        for row in estimates
        if row.seed == ALL_SEEDS and row.metric in _RATES and not row.subgroup
    }
    found: list[AtPrevalenceRow] = []
    pairs: list[CostDifferenceRow] = []
    for f, finding in enumerate(panel.findings):
        site = site_of(panel, f, given)
        if site is None:
            continue
        for name in panel.networks:
            rates = [known.get((name, finding, metric)) for metric in _RATES]
            sensitivity, specificity = (_estimated(row, bool(panel.eligible[f])) for row in rates)
            if np.isnan(sensitivity.value + specificity.value):
                continue
            a = list(panel.architectures).index(name)
            replicates = [_replicates(tables[metric])[:, a, f] for metric in _RATES]
            together = _correlation(*replicates)
            every = {"sensitivity": sensitivity, "specificity": specificity}
            every |= site_rates.at_site(
                sensitivity, specificity, together, site.prevalence, site.costs
            )
            found += [
                AtPrevalenceRow(
                    model=name,
                    finding=finding,
                    prevalence=site.prevalence,
                    source="given" if finding in given else "test set",
                    quantity=quantity,
                    value=_finite(one.value),
                    low=_finite(one.low),
                    high=_finite(one.high),
                    correlation=together,
                )
                for quantity, one in every.items()
            ]
        if site.costs is not None and panel.eligible[f]:
            pairs += _pairs(panel, runs, f, site, options.level)
    adjusted = adjust(np.array([row.p_value for row in pairs], dtype=float), options.correction)
    return found, [
        row._replace(
            p_adjusted=p,
            verdict=verdict(row.difference, p, np.nan, options.level, BETTER_IF_LOWER),
        )
        for row, p in zip(pairs, adjusted.tolist(), strict=True)
    ]


def site_of(panel: Panel, f: int, given: Mapping[str, Site]) -> Site | None:
    """Returns the given site of a finding, else the test set; None if that has one class."""
    labels = panel.labels[~np.isnan(panel.labels[:, f]), f]
    positive = float(labels.mean()) if labels.size else 0.0
    return given.get(panel.findings[f]) or (Site(positive, None) if 0 < positive < 1 else None)


def _replicates(scored: Scored) -> np.ndarray:
    """Returns the replicates of a rate, (R, A, K).

    Raises:
        ValueError: There are none.
    """
    if scored.replicates is None:
        raise ValueError("`tables` must have replicates of the rates. Received: none")
    return scored.replicates


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")


def _estimated(row: MetricRow | None, with_interval: bool) -> Estimated:
    if row is None:
        return Estimated(*[float("nan")] * 3)
    ends = [
        float("nan") if end is None or not with_interval else end for end in (row.low, row.high)
    ]
    return Estimated(float("nan") if row.value is None else row.value, *ends)


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    defined = ~np.isnan(first) & ~np.isnan(second)
    if defined.sum() < 2:
        return 0.0
    x, y = (one[defined] - one[defined].mean() for one in (first, second))
    spread = float(np.sqrt((x @ x) * (y @ y)))
    return float(np.clip(x @ y / spread, -1, 1)) if spread else 0.0


def _pairs(
    panel: Panel, runs: Mapping[str, Scored], f: int, site: Site, level: float
) -> list[CostDifferenceRow]:
    """Returns the paired differences of the cost; a fixed threshold and two seeds have no test."""
    if site.costs is None:
        return []
    every = [*panel.architectures.values()]
    networks = range(len(panel.networks))
    pairs = [(a, b) for a in networks for b in networks if a < b]
    first, second = np.array(pairs, dtype=int).reshape(-1, 2).T
    found = _costs(panel, runs, f, site.prevalence, site.costs)
    tested = influence_tests.differences(found, first, second)
    low, high = tested.interval(level, (-np.inf, np.inf))
    rows = []
    for q, (a, b) in enumerate(pairs):
        used = [every[a], every[b]]
        fixed = any((panel.sources[one, f] == FIXED).any() for one in used)
        untested = fixed or any(len(one) == TWO_SEEDS for one in used)
        p_value = float("nan") if untested else float(tested.p_value[q, 0])
        difference = float(tested.difference[q, 0])
        if np.isnan(difference):
            continue
        rows.append(
            CostDifferenceRow(
                model_a=panel.networks[a],
                model_b=panel.networks[b],
                finding=panel.findings[f],
                difference=difference,
                low=float(low[q, 0]),
                high=float(high[q, 0]),
                p_value=p_value,
                p_adjusted=p_value,
                verdict="",
            )
        )
    return rows


def _costs(
    panel: Panel, runs: Mapping[str, Scored], f: int, prevalence: float, costs: Costs
) -> Estimates:
    """Returns the costs of all architectures, with the variance of their bootstrap replicates.

    So a p-value does not depend on the number of replicates, and contains the noise of thresholds.
    """

    def cost(sensitivity: np.ndarray, specificity: np.ndarray) -> np.ndarray:
        missed, false_alarms = (1 - sensitivity) * prevalence, (1 - specificity) * (1 - prevalence)
        return PER * (costs.miss * missed + costs.false_positive * false_alarms)

    entries = [*panel.architectures.values()]
    point = cost(*(runs[metric].point[:, f] for metric in _RATES))
    drawn = cost(*(_replicates(runs[metric])[:, :, f] for metric in _RATES))
    covariance = np.stack([replicate_estimates.replicate_covariance(drawn, entries)] * 2)
    patient = panel.resamples.patient
    smallest = auroc_tests.class_patients(panel.labels[:, [f]], patient).min()
    return influence_estimates.of_runs(
        np.repeat(point[:, None], 2, axis=1),
        entries,
        covariance,
        covariance[:1, None],
        np.array([[smallest]]),
        len(np.unique(patient)),
        np.array([True]),
    )

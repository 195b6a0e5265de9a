"""Operating points side by side: what each model does at the same rate, and at its threshold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.decisions.site import site_of
from cxrcompare.comparison.inputs.given_prevalence import Site
from cxrcompare.comparison.inputs.panel import FIXED, Panel
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS, MICRO
from cxrcompare.comparison.row_types.decision_rows import AtPrevalenceRow, OperatingPointRow, Point
from cxrcompare.comparison.row_types.main_rows import DifferenceRow, MetricRow
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.thresholds import flag_points
from cxrcompare.evaluation.thresholds.site_rates import PER, Estimated

_Tested = TypeVar("_Tested", MetricRow, DifferenceRow)

AT_FLAGS = "sensitivity_at_flags"
"""The metric: sensitivity where a model flags the same share of patients as the others."""
_MATCHED: dict[Point, str] = {
    "same sensitivity": "specificity_at_sensitivity",
    "same specificity": "sensitivity_at_specificity",
    "same flags": AT_FLAGS,
}
_AT_THRESHOLD = ("sensitivity", "specificity")
_SHOWN = ("sensitivity", "specificity", "flags", "missed", "ppv")


def at_flags(panel: Panel, given: Mapping[str, Site], options: Options) -> Estimates:
    """Returns the sensitivity of all architectures at the same flags per 1,000 patients.

    Args:
        panel: The runs that are compared.
        given: The sites of findings whose prevalence is given.
        options: The flags.
    """
    prevalences = np.array([_prevalence(panel, f, given) for f in range(len(panel.findings))])
    return flag_points.estimate(
        panel.labels,
        panel.scores,
        panel.resamples.patient,
        [*panel.architectures.values()],
        panel.eligible,
        prevalences,
        np.array([_share(prevalence, options) for prevalence in prevalences]),
        options.level,
    )


def defined(rows: Sequence[_Tested]) -> list[_Tested]:
    """Returns rows without those of `AT_FLAGS` over all findings pooled, which do not exist."""
    return [row for row in rows if (row.metric, row.finding) != (AT_FLAGS, MICRO)]


def rows(
    panel: Panel,
    estimates: Sequence[MetricRow],
    compared: Sequence[DifferenceRow],
    at_site: Sequence[AtPrevalenceRow],
    given: Mapping[str, Site],
    options: Options,
) -> list[OperatingPointRow]:
    """Returns a row per finding, operating point and network.

    At the same sensitivity, specificity or flags one rate of a model is estimated, and the other
    quantities are functions of it, so their intervals are those of this rate. The tests are those
    of the table of differences; the row counts the networks that are significantly worse and
    better.

    Args:
        panel: The runs that are compared.
        estimates: The rows of metrics.
        compared: The rows of differences.
        at_site: What the models do at their thresholds at the site.
        given: The sites of findings whose prevalence is given.
        options: Where the models are read.
    """
    known = {
        (row.model, row.finding, row.metric): row
        for row in estimates
        if row.seed == ALL_SEEDS and not row.subgroup
    }
    wins = _wins(compared)
    thresholds: dict[tuple[str, str], dict[str, Estimated]] = {}
    for one in at_site:
        ends = (np.nan if x is None else x for x in (one.value, one.low, one.high))
        thresholds.setdefault((one.model, one.finding), {})[one.quantity] = Estimated(*ends)
    found = []
    for f, finding in enumerate(panel.findings):
        prevalence = _prevalence(panel, f, given)
        for point, metric in _MATCHED.items():
            for name in panel.networks:
                row = known.get((name, finding, metric))
                if row is None or row.value is None or np.isnan(row.value + prevalence):
                    continue
                target = _target(point, prevalence, options)
                quantities = _quantities(row, point, target, prevalence)
                found.append(
                    _row((name, finding, point), target, prevalence, quantities, [metric], wins)
                )
        for name in panel.networks:
            at_threshold = thresholds.get((name, finding))
            if at_threshold and not (panel.sources[panel.architectures[name], f] == FIXED).any():
                label: tuple[str, str, Point] = (name, finding, "own threshold")
                found.append(_row(label, None, prevalence, at_threshold, _AT_THRESHOLD, wins))
    return found


def _prevalence(panel: Panel, f: int, given: Mapping[str, Site]) -> float:
    site = site_of(panel, f, given)
    return float("nan") if site is None else site.prevalence


def _share(prevalence: float, options: Options) -> float:
    return prevalence if options.fixed_flags is None else options.fixed_flags / PER


def _target(point: Point, prevalence: float, options: Options) -> float:
    if point == "same sensitivity":
        return options.fixed_sensitivity
    if point == "same specificity":
        return options.fixed_specificity
    return PER * _share(prevalence, options)


def _quantities(
    row: MetricRow, point: Point, target: float, prevalence: float
) -> dict[str, Estimated]:
    """Returns the quantities of a model whose other rate is the target."""
    ends = [
        _of_rate(float("nan") if rate is None else rate, point, target, prevalence)
        for rate in (row.value, row.low, row.high)
    ]
    return {
        name: Estimated(value, min(first, second), max(first, second))
        for name, value, first, second in zip(_SHOWN, *ends, strict=True)
    }


def _of_rate(rate: float, point: Point, target: float, prevalence: float) -> Iterator[float]:
    """Yields the quantities of `_SHOWN` if the rate that is not fixed has this value."""
    if point == "same sensitivity":
        sensitivity, specificity = target + 0 * rate, rate
    elif point == "same specificity":
        sensitivity, specificity = rate, target + 0 * rate
    else:
        sensitivity = rate
        specificity = 1 - (target / PER - prevalence * rate) / (1 - prevalence)
    true = prevalence * sensitivity
    flagged = true + (1 - prevalence) * (1 - specificity)
    yield sensitivity
    yield specificity
    yield PER * flagged
    yield PER * (prevalence - true)
    yield true / flagged if flagged > 0 else float("nan")


def _row(
    label: tuple[str, str, Point],
    target: float | None,
    prevalence: float,
    quantities: Mapping[str, Estimated],
    metrics: Sequence[str],
    wins: Mapping[tuple[str, str, str], tuple[int, int]],
) -> OperatingPointRow:
    counts = [wins[key] for name in metrics if (key := (label[0], label[1], name)) in wins]
    numbers = {
        f"{name}{end}": getattr(quantities[name], part)
        for name in _SHOWN
        for end, part in (("", "value"), ("_low", "low"), ("_high", "high"))
    }
    return OperatingPointRow(
        model=label[0],
        finding=label[1],
        point=label[2],
        target=float("nan") if target is None else target,
        prevalence=prevalence,
        tested=" and ".join(metrics) if counts else "",
        better_than=sum(better for better, _ in counts),
        worse_than=sum(worse for _, worse in counts),
        **numbers,
    )


def _wins(compared: Sequence[DifferenceRow]) -> dict[tuple[str, str, str], tuple[int, int]]:
    """Returns {(model, finding, metric): networks it is better than, networks it is worse than}."""
    found: dict[tuple[str, str, str], tuple[int, int]] = {}
    wanted = {*_MATCHED.values(), *_AT_THRESHOLD}
    for row in compared:
        if row.metric not in wanted or row.subgroup or not row.verdict:
            continue
        for name, won, lost in (
            (row.model_a, "a_better", "b_better"),
            (row.model_b, "b_better", "a_better"),
        ):
            key = name, row.finding, row.metric
            better, worse = found.get(key, (0, 0))
            found[key] = better + (row.verdict == won), worse + (row.verdict == lost)
    return found

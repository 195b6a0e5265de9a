"""Decision curves: net benefit of networks per finding, and paired differences at thresholds."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.families import verdict
from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import METADATA
from cxrcompare.comparison.row_types.decision_rows import (
    NetBenefitDifferenceRow,
    NetBenefitRow,
    Opponent,
    TreatmentRow,
)
from cxrcompare.evaluation.intervals import TWO_SEEDS
from cxrcompare.evaluation.probabilities import net_benefit
from cxrcompare.evaluation.probabilities.net_benefit import Intervals, NetBenefits

GRID = (0.01, 0.02, 0.03, 0.05, 0.07, *(step / 20 for step in range(2, 19)))
"""Threshold probabilities of a decision curve."""


class Decided(NamedTuple):
    """Decision curves, and tests at the decision thresholds.

    Attributes:
        curves: The net benefit at all thresholds.
        pairs: Differences of networks.
        opponents: Networks against treating all and treating none.
    """

    curves: list[NetBenefitRow]
    pairs: list[NetBenefitDifferenceRow]
    opponents: list[TreatmentRow]


def compare(panel: Panel, options: Options) -> Decided:
    """Returns the decision curves, and the differences at the decision thresholds.

    The curves are of the networks whose scores are probabilities, and of the metadata baseline, for
    findings with both classes. The differences are of all pairs of these networks, adjusted over
    pairs, findings and thresholds. Treating all and treating none are opponents of every network;
    these tests are a family of their own. A finding with too few patients has no interval and
    no test.

    Args:
        panel: The runs that are compared.
        options: Decision thresholds, level, correction.
    """
    networks = [
        name for name in panel.networks if panel.probabilities[panel.architectures[name]].all()
    ]
    if not networks:
        return Decided([], [], [])
    names = [*networks, *(name for name in panel.architectures if name == METADATA)]
    runs = [m for name in names for m in panel.architectures[name]]
    indices = iter(range(len(runs)))
    entries = [[next(indices) for _ in panel.architectures[name]] for name in names]
    curves: list[NetBenefitRow] = []
    pairs: list[NetBenefitDifferenceRow] = []
    opponents: list[TreatmentRow] = []
    chosen = options.thresholds_of_decisions
    for f, finding in enumerate(panel.findings):
        label = panel.labels[:, f]
        if not ((label == 1).any() and (label == 0).any()):
            continue
        scores = panel.scores[runs, :, f]
        everyone = np.ones((1, scores.shape[1]))
        sample = net_benefit.Sample(
            label,
            np.concatenate([scores, everyone]),
            panel.resamples.patient,
            [*entries, [len(scores)]],
        )
        tested = bool(panel.eligible[f])
        for threshold in sorted({*GRID, *chosen}):
            paired = threshold in chosen
            found = net_benefit.estimate(sample, threshold, paired)
            curves += _curve(found, names, finding, threshold, options.level, tested)
            if paired and tested:
                pairs += _pairs(found, networks, finding, threshold, options.level)
                opponents += _opponents(found, networks, finding, threshold, options.level)
    p_values = np.array([row.p_value for row in pairs], dtype=float)
    adjusted = adjust(p_values, options.correction).tolist()
    return Decided(
        curves,
        [row._replace(p_adjusted=p) for row, p in zip(pairs, adjusted, strict=True)],
        _adjusted(opponents, options),
    )


def _opponents(
    found: NetBenefits, names: list[str], finding: str, threshold: float, level: float
) -> list[TreatmentRow]:
    """Returns the networks against treating all, the last entry, and against treating none."""
    models = np.arange(len(names))
    everyone = np.full(len(names), len(found.value) - 1)
    against_all = net_benefit.differences(found, models, everyone, level)
    alone = net_benefit.intervals(found, level)
    two = found.seeds == TWO_SEEDS
    opponents: tuple[tuple[Opponent, Intervals], ...] = (
        ("treat all", against_all),
        ("treat none", alone),
    )
    return [
        TreatmentRow(
            model=name,
            opponent=opponent,
            finding=finding,
            threshold=threshold,
            difference=float(every.value[a]),
            low=float(every.low[a]),
            high=float(every.high[a]),
            p_value=float("nan") if two[a] else float(every.p_value[a]),
            p_adjusted=float("nan"),
            verdict="",
        )
        for a, name in enumerate(names)
        for opponent, every in opponents
    ]


def _adjusted(rows: list[TreatmentRow], options: Options) -> list[TreatmentRow]:
    p_values = np.array([row.p_value for row in rows], dtype=float)
    return [
        row._replace(
            p_adjusted=p,
            verdict=verdict(
                row.difference, p, np.nan, options.level, ("better", "worse", "undecided")
            ),
        )
        for row, p in zip(rows, adjust(p_values, options.correction).tolist(), strict=True)
    ]


def _curve(
    found: NetBenefits,
    names: list[str],
    finding: str,
    threshold: float,
    level: float,
    tested: bool,
) -> list[NetBenefitRow]:
    every = net_benefit.intervals(found, level)
    nan = float("nan")
    return [
        NetBenefitRow(
            model=name,
            finding=finding,
            threshold=threshold,
            net_benefit=float(every.value[a]),
            low=float(every.low[a]) if tested else nan,
            high=float(every.high[a]) if tested else nan,
            treat_all=found.treat_all,
            standardised=float(found.standardised[a]),
        )
        for a, name in enumerate(names)
    ]


def _pairs(
    found: NetBenefits, names: list[str], finding: str, threshold: float, level: float
) -> list[NetBenefitDifferenceRow]:
    first, second = np.triu_indices(len(names), 1)
    every = net_benefit.differences(found, first, second, level)
    return [
        NetBenefitDifferenceRow(
            model_a=names[a],
            model_b=names[b],
            finding=finding,
            threshold=threshold,
            difference=float(every.value[q]),
            low=float(every.low[q]),
            high=float(every.high[q]),
            p_value=float(every.p_value[q]),
            p_adjusted=float("nan"),
        )
        for q, (a, b) in enumerate(zip(first.tolist(), second.tolist(), strict=True))
    ]

"""Decision curves: net benefit of networks per finding, and paired differences at thresholds."""

from __future__ import annotations

import itertools

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import METADATA, NetBenefitDifferenceRow, NetBenefitRow
from cxrcompare.evaluation import net_benefit
from cxrcompare.evaluation.net_benefit import NetBenefits

GRID = (0.01, 0.02, 0.03, 0.05, 0.07, *(step / 20 for step in range(2, 19)))
"""Threshold probabilities of a decision curve."""


def compare(
    panel: Panel, options: Options
) -> tuple[list[NetBenefitRow], list[NetBenefitDifferenceRow]]:
    """Returns the decision curves, and the differences at the decision thresholds.

    The curves are of the networks and the metadata baseline, for findings with both classes. The
    differences are of all pairs of networks, adjusted over pairs, findings and thresholds. A
    finding with too few patients has no interval and no test.

    Args:
        panel: The runs that are compared; their scores are probabilities.
        options: Decision thresholds, level, correction.
    """
    names = [*panel.networks, *(name for name in panel.architectures if name == METADATA)]
    entries = [panel.architectures[name] for name in names]
    curves: list[NetBenefitRow] = []
    pairs: list[NetBenefitDifferenceRow] = []
    chosen = options.thresholds_of_decisions
    for f, finding in enumerate(panel.findings):
        label = panel.labels[:, f]
        if not ((label == 1).any() and (label == 0).any()):
            continue
        for threshold in sorted({*GRID, *chosen}):
            found = net_benefit.estimate(
                label, panel.scores[:, :, f], panel.resamples.patient, entries, threshold
            )
            tested = bool(panel.eligible[f])
            curves += _curve(found, names, finding, threshold, options.level, tested)
            if threshold in chosen and tested:
                pairs += _pairs(found, panel.networks, finding, threshold, options.level)
    p_values = np.array([row.p_value for row in pairs], dtype=float)
    adjusted = adjust(p_values, options.correction).tolist()
    return curves, [row._replace(p_adjusted=p) for row, p in zip(pairs, adjusted, strict=True)]


def _curve(
    found: NetBenefits,
    names: list[str],
    finding: str,
    threshold: float,
    level: float,
    tested: bool,
) -> list[NetBenefitRow]:
    rows = []
    for a, name in enumerate(names):
        one = net_benefit.interval(found, a, level)
        rows.append(
            NetBenefitRow(
                model=name,
                finding=finding,
                threshold=threshold,
                net_benefit=one.value,
                low=one.low if tested else float("nan"),
                high=one.high if tested else float("nan"),
                treat_all=found.treat_all,
                standardised=float(found.standardised[a]),
            )
        )
    return rows


def _pairs(
    found: NetBenefits, names: list[str], finding: str, threshold: float, level: float
) -> list[NetBenefitDifferenceRow]:
    rows = []
    for a, b in itertools.combinations(range(len(names)), 2):
        one = net_benefit.difference(found, a, b, level)
        rows.append(
            NetBenefitDifferenceRow(
                model_a=names[a],
                model_b=names[b],
                finding=finding,
                threshold=threshold,
                difference=one.value,
                low=one.low,
                high=one.high,
                p_value=one.p_value,
                p_adjusted=float("nan"),
            )
        )
    return rows

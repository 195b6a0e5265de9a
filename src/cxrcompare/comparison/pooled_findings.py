"""AUROC differences of networks pooled over findings by a hierarchical model; no test."""

from __future__ import annotations

import itertools

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.main_rows import PartialPoolingRow
from cxrcompare.evaluation.groups import group_estimates
from cxrcompare.evaluation.intervals import TWO_SEEDS
from cxrcompare.evaluation.pooling import partial_pooling
from cxrcompare.evaluation.pooling.partial_pooling import Posterior

MOST_PAIRS = 45
"""With more pairs of networks (those of 10) nothing is pooled."""

_NO_VARIANCE = 1e-15


def rows(panel: Panel, options: Options) -> list[PartialPoolingRow]:
    """Returns the posterior of each pair of networks, per eligible finding and for their mean.

    It needs three eligible findings. The estimates of the findings are correlated, because they
    share patients, and so are those of the seeds; both are in their covariance. A pair that ranks
    identically in a finding, or that has a network with two seeds, is left out.

    Args:
        panel: The runs that are compared.
        options: Margin, level, and the scale of the prior.
    """
    names = panel.networks
    pairs = list(itertools.combinations(range(len(names)), 2))
    findings = np.flatnonzero(panel.eligible)
    if not pairs or len(pairs) > MOST_PAIRS or len(findings) < partial_pooling.FEWEST_FINDINGS:
        return []
    architectures = [panel.architectures[name] for name in names]
    values, influence, runs = _estimates(panel, findings, architectures)
    found: list[PartialPoolingRow] = []
    for a, b in pairs:
        members = architectures[a], architectures[b]
        if TWO_SEEDS in map(len, members):
            continue
        apart = influence[:, a] - influence[:, b]
        covariance = apart @ apart.T
        if (np.diag(covariance) <= _NO_VARIANCE).any():
            continue
        for own in members:
            if len(own) > 1:
                covariance = covariance + np.cov(runs[:, own]) / len(own)
        difference = values[:, a] - values[:, b]
        scale = options.pooling_scale or None
        known = partial_pooling.posterior(difference, covariance, scale)
        labels = [*(panel.findings[f] for f in findings), MEAN]
        found += _rows((names[a], names[b]), labels, difference, known, options)
    return found


def _estimates(
    panel: Panel, findings: np.ndarray, architectures: list[list[int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns AUROCs (F, A), influences (F, A, G), and the AUROCs of all runs (F, M)."""
    patients = panel.resamples.patient
    count = int(patients.max()) + 1
    each = []
    for f in findings:
        known = ~np.isnan(panel.labels[:, f])
        each.append(
            group_estimates.auroc(
                panel.labels[known, f],
                panel.scores[:, known, f],
                patients[known],
                count,
                architectures,
            )
        )
    return (
        np.stack([one.value for one in each]),
        np.stack([one.influence for one in each]),
        np.stack([one.runs for one in each]),
    )


def _rows(
    pair: tuple[str, str],
    labels: list[str],
    difference: np.ndarray,
    known: Posterior,
    options: Options,
) -> list[PartialPoolingRow]:
    margin, tail = options.chosen_margin, (1 - options.level) / 2
    low, high = known.quantile(tail), known.quantile(1 - tail)
    better, above, over = known.above(0.0), known.above(margin), known.above(-margin)
    tau = [known.tau_quantile(share) for share in (0.5, tail, 1 - tail)]
    plain = np.append(difference, difference.mean())
    mean = known.mean
    made = [
        PartialPoolingRow(
            model_a=pair[0],
            model_b=pair[1],
            finding=label,
            difference=float(plain[k]),
            pooled=float(mean[k]),
            low=float(low[k]),
            high=float(high[k]),
            probability_a_better=_share(better[k]),
            probability_a_better_by_margin=_share(above[k]),
            probability_b_better_by_margin=_share(1 - over[k]),
            probability_within_margin=_share(over[k] - above[k]),
            margin=margin,
            tau=tau[0],
            tau_low=tau[1],
            tau_high=tau[2],
        )
        for k, label in enumerate(labels)
    ]
    return [made[-1], *made[:-1]]


def _share(value: float) -> float:
    return float(min(max(value, 0.0), 1.0))

"""What the test set can show: the minimum detectable difference, and the sample size needed."""

from __future__ import annotations

import itertools

import numpy as np
from scipy import special

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import auroc_inference
from cxrcompare.comparison.inference.auroc_inference import Tested
from cxrcompare.comparison.inference.scoring import OVER, Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import MEAN, ResolutionRow, SampleSizeRow
from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.auroc.auroc_tests import AurocEstimates
from cxrcompare.evaluation.sample_size import sample_size


def pair_tests(panel: Panel, aurocs: AurocEstimates, options: Options) -> list[Tested]:
    """Returns the test of every pair of networks, in the order of `itertools.combinations`."""
    pairs = itertools.combinations(range(len(panel.networks)), 2)
    return [auroc_inference.difference(panel, aurocs, *pair, options.level) for pair in pairs]


def resolution(
    panel: Panel, auroc: Scored, aurocs: AurocEstimates, tested: list[Tested], options: Options
) -> list[ResolutionRow]:
    """Returns a row for the mean over findings, the micro-average and each finding, for AUROC.

    The minimum detectable difference is the difference that one test at alpha = 1 - level detects
    with the given power: the quantiles of Student's distribution at the level and at the power,
    added, times the standard error of a paired difference; the median over all pairs of models.
    With one model, a second model with the same variance and a correlation of 0.5 is assumed:
    Var(a - b) = 2 (1 - 1/2) Var(a).

    Args:
        panel: The runs that are compared.
        auroc: The AUROCs of the architectures and their replicates, for the micro-average.
        aurocs: The same with what tests need.
        tested: From `pair_tests`.
        options: Level and power.
    """
    networks = len(panel.networks)
    pairs = list(itertools.combinations(range(networks), 2))
    if pairs:
        errors = np.stack([one.standard_error for one in tested])
        degrees = np.stack([one.degrees for one in tested])
        replicates = np.stack(
            [auroc.replicates[:, a, -1] - auroc.replicates[:, b, -1] for a, b in pairs], axis=1
        )
        over = "one pair" if len(pairs) == 1 else f"median over {len(pairs)} pairs"
        basis = f"{over}, one test"
    else:
        errors = np.sqrt(aurocs.covariance[:, :1, 0].T)
        degrees = np.full_like(errors, np.inf)
        replicates = auroc.replicates[:, :1, -1]
        basis = "one model and an assumed second one, correlation 0.5"
    low, high = intervals.percentile(replicates, options.level)
    pooled = (high - low) / (2 * special.ndtri((1 + options.level) / 2))
    errors = np.column_stack([errors, pooled])
    degrees = np.column_stack([degrees, np.full(len(errors), np.inf)])
    errors = np.where(errors > 0, errors, np.nan)  # 0 for identical models
    smallest = intervals.minimum_detectable(errors, options.level, options.power, degrees)
    rows = []
    for k in (len(panel.findings), len(panel.findings) + 1, *range(len(panel.findings))):
        defined = smallest[:, k][~np.isnan(smallest[:, k])]
        rows.append(
            ResolutionRow(
                finding=(*panel.findings, *OVER)[k],
                metric="auroc",
                minimum_detectable_difference=(
                    float(np.median(defined)) if len(defined) else float("nan")
                ),
                power=options.power,
                level=options.level,
                basis=basis,
            )
        )
    return rows


def sample_sizes(
    panel: Panel, aurocs: AurocEstimates, tested: list[Tested], options: Options
) -> list[SampleSizeRow]:
    """Returns a row for the mean over findings and each finding, for AUROC.

    The variance of a difference is the median over the pairs of networks. The level of a test is
    1 - alpha / pairs, so that the family of all pairs keeps alpha = 1 - level. The observed
    differences are not used (Hoenig & Heisey 2001, doi 10.1198/000313001300339897). The test set is
    assumed to grow with the same prevalence and the same number of units per patient.

    Args:
        panel: The runs that are compared.
        aurocs: The AUROCs of the architectures.
        tested: From `pair_tests`.
        options: Margin, level, power.
    """
    pairs = list(itertools.combinations(range(len(panel.networks)), 2))
    if not pairs:
        return []
    share = aurocs.seed_variance / aurocs.seeds[:, None]
    seeds = np.stack([share[a] + share[b] for a, b in pairs])
    errors = np.stack([one.standard_error for one in tested])
    units = np.append(np.sum(~np.isnan(panel.labels), axis=0), len(panel.labels))
    sampling = np.maximum(errors**2 - seeds, 0.0) * units
    sampling[np.isnan(errors) | (errors == 0)] = np.nan  # not tested, or identical models
    alpha = (1 - options.level) / len(pairs)
    rows = []
    for k in (len(panel.findings), *range(len(panel.findings))):
        defined = ~np.isnan(sampling[:, k])
        unit = float(np.median(sampling[defined, k])) if defined.any() else float("nan")
        seed = float(np.median(seeds[defined, k])) if defined.any() else float("nan")
        found = sample_size(unit, seed, options.chosen_margin, alpha, options.power)
        rows.append(
            SampleSizeRow(
                finding=(*panel.findings, MEAN)[k],
                margin=options.chosen_margin,
                level=1 - alpha,
                power=options.power,
                studies_difference=_finite(found.difference),
                studies_equivalence=_finite(found.equivalence),
                studies_present=int(units[k]),
                unit_variance=unit,
                seed_variance=seed,
            )
        )
    return rows


def _finite(number: float) -> float:
    return number if np.isfinite(number) else float("nan")

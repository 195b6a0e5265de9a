"""What the test set can show: the minimum detectable difference, and the sample size needed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.differences import Compared
from cxrcompare.comparison.inference.families import factors
from cxrcompare.comparison.inference.scoring import OVER
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.main_rows import ResolutionRow, SampleSizeRow
from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.sample_size import sample_size


def auroc_of(compared: Sequence[Compared]) -> Compared | None:
    """Returns the comparison of all pairs of networks by AUROC; None without a pair."""
    return next((one for one in compared if one.metric == "auroc"), None)


def resolution(
    panel: Panel, aurocs: Estimates, compared: Compared | None, options: Options
) -> list[ResolutionRow]:
    """Returns a row for the mean over findings, the micro-average and each finding, for AUROC.

    The minimum detectable difference is the difference that a test detects with the given power, at
    the level that the family leaves for each test: the quantiles of Student's distribution at the
    level and at the power, added, times the standard error of a paired difference; the median over
    all pairs of models. With one model, a second model with the same variance and a correlation of
    0.5 is assumed: Var(a - b) = 2 (1 - 1/2) Var(a).

    Args:
        panel: The runs that are compared.
        aurocs: The AUROCs of the architectures.
        compared: From `auroc_of`.
        options: Level and power.
    """
    over = len(panel.findings) + len(OVER)
    alpha = np.full(over, 1 - options.level)
    if compared is not None:
        found = compared.differences
        errors = np.where(compared.shown, found.standard_error, np.nan)
        degrees = found.degrees
        alpha = alpha / factors([compared.tests])[0][0]
        pairs = len(compared.pairs)
        basis = "one pair" if pairs == 1 else f"median over {pairs} pairs"
    else:
        errors = np.where(
            np.append(panel.eligible, [True] * len(OVER)), aurocs.patient_sd[:1], np.nan
        )
        degrees = np.full_like(errors, np.inf)
        basis = "one model and an assumed second one, correlation 0.5"
    errors = np.where(errors > 0, errors, np.nan)  # 0 for identical models
    smallest = intervals.minimum_detectable(errors, 1 - alpha, options.power, degrees)
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
                level=float(1 - alpha[k]),
                basis=basis,
            )
        )
    return rows


def sample_sizes(panel: Panel, compared: Compared | None, options: Options) -> list[SampleSizeRow]:
    """Returns a row for the mean over findings and each finding, for AUROC.

    The variance of a difference is the median over the pairs of networks. The level of a test is
    the one that the family leaves for it. The observed differences are not used (Hoenig & Heisey
    2001, doi 10.1198/000313001300339897). The test set is assumed to grow with the same prevalence
    and the same number of units per patient.

    Args:
        panel: The runs that are compared.
        compared: From `auroc_of`.
        options: Margin, level, power.
    """
    if compared is None:
        return []
    found = compared.differences
    units = np.append(np.sum(~np.isnan(panel.labels), axis=0), [len(panel.labels)] * len(OVER))
    sampling = found.patient_variance * units
    sampling[~compared.shown | (found.standard_error == 0)] = np.nan  # or identical models
    seeds = found.seed_variance
    alpha = (1 - options.level) / factors([compared.tests])[0][0]
    rows = []
    for k in (len(panel.findings), *range(len(panel.findings))):
        defined = ~np.isnan(sampling[:, k])
        unit = float(np.median(sampling[defined, k])) if defined.any() else float("nan")
        seed = float(np.median(seeds[defined, k])) if defined.any() else float("nan")
        needed = sample_size(unit, seed, options.chosen_margin, float(alpha[k]), options.power)
        rows.append(
            SampleSizeRow(
                finding=(*panel.findings, MEAN)[k],
                margin=options.chosen_margin,
                level=float(1 - alpha[k]),
                power=options.power,
                studies_difference=_finite(needed.difference),
                studies_equivalence=_finite(needed.equivalence),
                studies_present=int(units[k]),
                unit_variance=unit,
                seed_variance=seed,
            )
        )
    return rows


def _finite(number: float) -> float:
    return number if np.isfinite(number) else float("nan")

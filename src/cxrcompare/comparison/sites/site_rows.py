"""Networks at each site, and their differences pooled over sites."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import tested_estimates
from cxrcompare.comparison.inference.families import adjust_both, verdict
from cxrcompare.comparison.inference.tested_estimates import Scores
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.site_row_types import (
    SiteDifferenceRow,
    SiteMetricRow,
    SitePooledRow,
)
from cxrcompare.comparison.sites.site_estimates import Sampled, Site, at_sites
from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.influence import influence_tests
from cxrcompare.evaluation.intervals import TWO_SEEDS
from cxrcompare.evaluation.pooling import meta_analysis
from cxrcompare.predictions import Note

PAIRS_PER_FINDING = 45
"""The most pairs of networks with rows for single findings; more have the mean only."""

_NO_VARIANCE = 1e-15


class SiteTables(NamedTuple):
    """The tables of several sites, and warnings."""

    metrics: list[SiteMetricRow]
    differences: list[SiteDifferenceRow]
    pooled: list[SitePooledRow]
    notes: list[Note]


def compare(panel: Panel, sites: np.ndarray, options: Options) -> SiteTables:
    """Returns the AUROCs and paired differences at each site, and the differences pooled.

    A site counts for a finding if it has `min_patients` patients of both classes. The mean is over
    the findings that are eligible at every site that has an eligible finding.

    Args:
        panel: The runs that are compared.
        sites: (N,) text, empty where the site is not known.
        options: Margin, level, correction, minimum of patients, seed.
    """
    found, notes = at_sites(panel, sites, options.min_patients)
    if not found:
        return SiteTables([], [], [], notes)
    differences = [row for one in found for row in _differences(panel, one, options.level)]
    return SiteTables(
        [row for one in found for row in _metrics(panel, one, options.level)],
        differences,
        _pooled(panel, found, options),
        notes,
    )


def _scopes(panel: Panel) -> list[tuple[int, str]]:
    """Returns the mean, then every finding, with their indices in the estimates."""
    return [(-1, MEAN), *enumerate(panel.findings)]


def _metrics(panel: Panel, site: Site, level: float) -> list[SiteMetricRow]:
    low, high = auroc_tests.intervals(site.aurocs, level)
    labels = panel.labels[site.units]
    counts = {MEAN: (np.nansum(labels == 1), np.nansum(labels == 0))} | {
        finding: ((labels[:, f] == 1).sum(), (labels[:, f] == 0).sum())
        for f, finding in enumerate(panel.findings)
    }
    patients = len(np.unique(panel.resamples.patient[site.units]))
    return [
        SiteMetricRow(
            site=site.name,
            model=name,
            finding=finding,
            metric="auroc",
            value=float(site.aurocs.value[a, k]),
            low=float(low[a, k]),
            high=float(high[a, k]),
            positives=int(counts[finding][0]),
            negatives=int(counts[finding][1]),
            patients=patients,
        )
        for k, finding in _scopes(panel)
        for a, name in enumerate(panel.networks)
        if not np.isnan(site.aurocs.value[a, k])
    ]


def _pairs(panel: Panel) -> list[tuple[int, int]]:
    return list(itertools.combinations(range(len(panel.networks)), 2))


def _pair_scopes(panel: Panel) -> list[tuple[int, str]]:
    return _scopes(panel)[: 1 if len(_pairs(panel)) > PAIRS_PER_FINDING else None]


def _differences(panel: Panel, site: Site, level: float) -> list[SiteDifferenceRow]:
    names, pairs = panel.networks, _pairs(panel)
    if not pairs:
        return []
    first, second = np.array(pairs).T
    sampled = influence_tests.differences(site.aurocs, first, second)
    found = _tested(panel, site, first, second)
    low, high = found.interval(level)
    return [
        SiteDifferenceRow(
            site=site.name,
            model_a=names[a],
            model_b=names[b],
            finding=finding,
            difference=float(found.difference[q, k]),
            low=float(low[q, k]),
            high=float(high[q, k]),
            standard_error=float(sampled.standard_error[q, k]),
        )
        for q, (a, b) in enumerate(pairs)
        for k, finding in _pair_scopes(panel)
        if not np.isnan(found.difference[q, k])
    ]


def _tested(
    panel: Panel, site: Site, first: np.ndarray, second: np.ndarray
) -> influence_tests.PairedDifferences:
    """Returns the differences at a site with the test of the whole test set."""
    counted = site.aurocs.patients.min(axis=1) > 0  # other findings have no labels at the site
    labels = np.where(counted, panel.labels[site.units], np.nan)
    return tested_estimates.compared_aurocs(
        Scores(labels, panel.scores[:, site.units], panel.resamples.patient[site.units]),
        [panel.architectures[name] for name in panel.networks],
        site.aurocs,
        counted,
        (first, second),
    )


def _pooled(panel: Panel, sites: list[Site], options: Options) -> list[SitePooledRow]:
    rng = np.random.default_rng(options.seed)
    names = panel.networks
    rows = []
    for k, finding in _pair_scopes(panel):
        for a, b in _pairs(panel):
            members = panel.architectures[names[a]], panel.architectures[names[b]]
            used = [site.sampled[k] for site in sites if k in site.sampled]
            row = _one(used, (a, b), members, (names[a], names[b], finding), options, rng)
            if row is not None:
                rows.append(row)
    different, equal = adjust_both(rows, ["auroc"] * len(rows), options.correction)
    return [
        row._replace(
            p_adjusted=p,
            p_equivalence=e,
            verdict=verdict(
                row.difference, p, e, options.level, ("a_better", "b_better", "equivalent")
            ),
        )
        for row, p, e in zip(rows, different, equal, strict=True)
    ]


def _one(
    sites: list[Sampled],
    pair: tuple[int, int],
    members: tuple[list[int], list[int]],
    label: tuple[str, str, str],
    options: Options,
    rng: np.random.Generator,
) -> SitePooledRow | None:
    """Returns a pooled difference; None with fewer than three sites that can be weighed."""
    a, b = pair
    effects = np.array([one.value[a] - one.value[b] for one in sites])
    variances = np.array([((one.influence[a] - one.influence[b]) ** 2).sum() for one in sites])
    weighed = variances > _NO_VARIANCE
    if weighed.sum() < meta_analysis.FEWEST_SITES:
        return None
    found = meta_analysis.pool(effects[weighed], variances[weighed], options.level)
    used = [one for one, kept in zip(sites, weighed, strict=True) if kept]
    # the seeds are the same at all sites: their pooled values vary, whatever the number of sites
    runs = found.weights @ np.stack([one.runs for one in used])
    seeds, squared = 0.0, 0.0
    for own in members:
        if len(own) > 1:
            share = float(runs[own].var(ddof=1)) / len(own)
            seeds, squared = seeds + share, squared + share**2 / (len(own) - 1)
    total = found.variance + seeds
    degrees = total**2 / (found.variance**2 / (len(used) - 1) + squared)
    error = np.sqrt(total)
    half = float(student_t.quantile((1 + options.level) / 2, degrees)) * error
    margin = options.chosen_margin
    tested = TWO_SEEDS not in map(len, members)
    nan = float("nan")
    low, high = meta_analysis.prediction_interval(
        effects[weighed], variances[weighed], seeds, rng, options.level
    )
    return SitePooledRow(
        model_a=label[0],
        model_b=label[1],
        finding=label[2],
        sites=len(used),
        difference=found.mean,
        low=found.mean - half,
        high=found.mean + half,
        p_value=float(2 * student_t.upper_tail(abs(found.mean) / error, degrees))
        if tested
        else nan,
        p_adjusted=nan,
        margin=margin,
        p_equivalence=float(student_t.upper_tail((margin - abs(found.mean)) / error, degrees))
        if tested
        else nan,
        verdict="",
        tau=found.tau,
        tau_low=found.tau_low,
        tau_high=found.tau_high,
        i_squared=found.i_squared,
        p_heterogeneity=found.q_p_value,
        prediction_low=low,
        prediction_high=high,
    )

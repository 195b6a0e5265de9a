"""AUROCs of networks at each site, with what tests and pooling need, and warnings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.groups import group_estimates
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.pooling import meta_analysis
from cxrcompare.predictions import Note


class Sampled(NamedTuple):
    """AUROCs of networks (A,), the influence of patients on them (A, G), and of runs (M,)."""

    value: np.ndarray
    influence: np.ndarray
    runs: np.ndarray


class Site(NamedTuple):
    """The AUROCs of a site with what tests need, and by scope (-1 for the mean) for pooling."""

    name: str
    units: np.ndarray
    aurocs: Estimates
    sampled: dict[int, Sampled]


def at_sites(panel: Panel, sites: np.ndarray, fewest: int) -> tuple[list[Site], list[Note]]:
    """Returns the sites that have an eligible finding, and warnings."""
    names = np.unique(sites[sites != ""].astype(str)).tolist()
    patients = panel.resamples.patient
    units = {name: np.flatnonzero(sites == name) for name in names}
    eligible = {
        name: auroc_tests.class_patients(panel.labels[own], patients[own]).min(axis=1) >= fewest
        for name, own in units.items()
    }
    used = [name for name in names if eligible[name].any()]
    common = np.all([eligible[name] for name in used], axis=0) if used else None
    architectures = [panel.architectures[name] for name in panel.networks]
    found = []
    for name in used:
        own = units[name]
        labels = np.where(eligible[name], panel.labels[own], np.nan)
        aurocs = auroc_tests.estimate(
            labels, panel.scores[:, own], patients[own], architectures, np.asarray(common)
        )
        sampled = _sampled(panel, own, labels, np.asarray(common))
        found.append(Site(name, own, aurocs, sampled))
    return found, list(_notes(sites, used, units, patients, common))


def _sampled(
    panel: Panel, units: np.ndarray, labels: np.ndarray, common: np.ndarray
) -> dict[int, Sampled]:
    """Returns the AUROCs of each finding with labels, and of the mean over the common findings.

    The variance of patients is that of the mean over seeds as it is, so it is above 0. (That of
    `auroc_tests` is without the interaction of seeds and patients, and can be 0 at a small site.)
    """
    architectures = [panel.architectures[name] for name in panel.networks]
    patients = np.unique(panel.resamples.patient[units], return_inverse=True)[1]
    count = int(patients.max()) + 1
    found: dict[int, Sampled] = {}
    for f in range(labels.shape[1]):
        known = ~np.isnan(labels[:, f])
        if known.any():
            one = group_estimates.auroc(
                labels[known, f],
                panel.scores[:, units[known], f],
                patients[known],
                count,
                architectures,
            )
            found[f] = Sampled(one.value, one.influence, one.runs)
    shared = [found[f] for f in np.flatnonzero(common).tolist()]
    if shared:
        found[-1] = Sampled(*(np.mean(part, axis=0) for part in zip(*shared, strict=True)))
    return found


def _notes(
    sites: np.ndarray,
    used: list[str],
    units: dict[str, np.ndarray],
    patients: np.ndarray,
    common: np.ndarray | None,
) -> Iterator[Note]:
    unknown = int((sites == "").sum())
    if unknown:
        yield Note("site_unknown", f"the site of {unknown} of {len(sites)} units is not known")
    small = [name for name in units if name not in used]
    if small:
        text = f"no finding has enough patients of both classes: {', '.join(small)}"
        yield Note("site_too_small", text)
    if len(used) < meta_analysis.FEWEST_SITES:
        text = (
            f"{len(used)} sites with enough patients: differences are not pooled, because the "
            f"variance between sites needs at least {meta_analysis.FEWEST_SITES}"
        )
        yield Note("sites_not_pooled", text)
    elif common is not None and not common.any():
        text = "no finding has enough patients at every site: there is no mean over findings"
        yield Note("sites_without_mean", text)
    together = sum(len(np.unique(patients[units[name]])) for name in units)
    known = np.concatenate([*units.values()]) if units else np.zeros(0, dtype=int)
    shared = together - len(np.unique(patients[known]))
    if shared:
        text = (
            f"{shared} patients have units at more than one site: sites are not independent, and "
            "pooled intervals may be too narrow"
        )
        yield Note("sites_share_patients", text)

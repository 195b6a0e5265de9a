"""Means of the measures, and paired differences of models, clustered by patient and adjusted."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from cxrcompare.comparison.inference.families import FamilyTests, adjust_family, verdict
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.localisation_rows import (
    LocalisationDifferenceRow,
    LocalisationRow,
)
from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.influence import influence_tests, unit_means
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.influence.sign_flips import SignFlips
from cxrcompare.evaluation.intervals import TWO_SEEDS
from cxrcompare.localisation.measuring.measures import METRICS, Measured
from cxrcompare.localisation.tables import Choices, groups_of, models_of, patients_with

_TOO_FEW = "too few patients"


def estimates_of(
    measured: Measured, patients: Sequence[str], metric: str, least_patients: int
) -> Estimates:
    """Returns the means of a measure over images, of each model.

    Args:
        measured: The measures.
        patients: The patient of each of the N images.
        metric: One of `METRICS`.
        least_patients: Patients with a region that a finding needs.
    """
    values = measured.values[..., METRICS.index(metric)]
    inside = measured.parts > 0
    groups = groups_of(patients)
    counts = np.array([patients_with(used, groups) for used in inside.T])
    return unit_means.estimate(
        lambda f: (values[:, :, f], inside[:, f]),
        groups,
        [*models_of(measured.sets).values()],
        counts >= max(least_patients, 2),
    )


def rows(
    measured: Measured, patients: Sequence[str], choices: Choices
) -> tuple[list[LocalisationRow], list[LocalisationDifferenceRow]]:
    """Returns the means with intervals, and the differences with verdicts.

    A mean over images is clustered by patient, see `evaluation.influence`. The pairs of networks
    are one family of tests per measure; the pairs of a network, or of its occlusion maps, and a
    baseline or reader are another one.

    Args:
        measured: The measures.
        patients: The patient of each image.
        choices: Level, correction, margin.
    """
    means: list[LocalisationRow] = []
    different: list[LocalisationDifferenceRow] = []
    models = models_of(measured.sets)
    kinds = [measured.sets[members[0]].kind for members in models.values()]
    networks = [index for index, kind in enumerate(kinds) if kind in ("network", "occlusion")]
    others = [index for index in range(len(kinds)) if index not in networks]
    families = (
        list(itertools.combinations(networks, 2)),
        list(itertools.product(networks, others)),
    )
    for metric in METRICS:
        found = estimates_of(measured, patients, metric, choices.least_patients)
        means += _means(measured, patients, metric, found, choices)
        for pairs in families:
            if pairs:
                different += _differences(measured, patients, metric, found, pairs, choices)
    return means, different


def _means(
    measured: Measured,
    patients: Sequence[str],
    metric: str,
    found: Estimates,
    choices: Choices,
) -> list[LocalisationRow]:
    low, high = influence_tests.intervals(found, choices.level)
    findings, groups = measured.sets[0].findings, groups_of(patients)
    inside = measured.parts > 0
    made = []
    for a, (model, members) in enumerate(models_of(measured.sets).items()):
        for k, finding in enumerate((*findings, MEAN)):
            over = k == len(findings)
            chosen = np.flatnonzero(found.eligible) if over else np.array([k])
            used = inside[:, chosen]
            if not used.any():
                continue
            number = patients_with(np.asarray(used.any(axis=1)), groups)
            value = float(found.value[a, k])
            ends = float(low[a, k]), float(high[a, k])
            method = "influence of patients, logit"
            if value in (0.0, 1.0) and not over:
                wilson = intervals.wilson(np.array(value * number), np.array(number), choices.level)
                ends = float(wilson[0]), float(wilson[1])
                method = "Wilson, patients"
            if not (over or found.eligible[k]):
                ends, method = (np.nan, np.nan), _TOO_FEW
            made.append(
                LocalisationRow(
                    model,
                    finding,
                    metric,
                    value,
                    *ends,
                    regions=float(measured.parts[:, chosen].sum()),
                    images=float(used.any(axis=1).sum()),
                    patients=float(number),
                    area=float(np.nanmean(measured.area[:, chosen][used])),
                    kind=measured.sets[members[0]].kind,
                    method=method,
                )
            )
    return made


def _differences(
    measured: Measured,
    patients: Sequence[str],
    metric: str,
    found: Estimates,
    pairs: list[tuple[int, int]],
    choices: Choices,
) -> list[LocalisationDifferenceRow]:
    first, second = np.array(pairs).T
    kept = len(found.eligible) + 1
    flips = _exchanged(measured, groups_of(patients), pairs) if metric == "hit_rate" else {}
    compared = influence_tests.differences(found, first, second, flips)
    testable = np.append(found.eligible, found.eligible.any())
    two = (found.seeds[first] == TWO_SEEDS) | (found.seeds[second] == TWO_SEEDS)
    none = two[:, None] | ~testable
    p_value = np.where(none, np.nan, compared.p_value[:, :kept])
    equal = np.where(none, np.nan, compared.p_equivalent(choices.margin)[:, :kept])
    [adjusted] = adjust_family(
        [FamilyTests(p_value, equal, found.eligible)], choices.correction, choices.level
    )
    low, high = compared.interval(choices.level)
    models, findings = list(models_of(measured.sets)), measured.sets[0].findings
    inside = measured.parts > 0
    made = []
    for number, (a, b) in enumerate(pairs):
        for k, finding in enumerate((*findings, MEAN)):
            used = inside[:, found.eligible] if k == len(findings) else inside[:, [k]]
            if not used.any():
                continue
            shown = bool(testable[k])
            made.append(
                LocalisationDifferenceRow(
                    models[a],
                    models[b],
                    finding,
                    metric,
                    float(compared.difference[number, k]),
                    float(low[number, k]) if shown else np.nan,
                    float(high[number, k]) if shown else np.nan,
                    float(p_value[number, k]),
                    float(adjusted.p_value[number, k]),
                    _method(found, (a, b), (number, k) in flips) if shown else _TOO_FEW,
                    choices.margin,
                    verdict(
                        float(compared.difference[number, k]),
                        float(adjusted.p_value[number, k]),
                        float(adjusted.p_equivalence[number, k]),
                        choices.level,
                        ("a_better", "b_better", "equivalent"),
                    ),
                    float(adjusted.p_equivalence[number, k]),
                    float(used.any(axis=1).sum()),
                )
            )
    return made


def _exchanged(
    measured: Measured, groups: np.ndarray, pairs: list[tuple[int, int]]
) -> dict[tuple[int, int], SignFlips]:
    """Returns the permutation tests of hit rates, of models with one seed each."""
    members = [*models_of(measured.sets).values()]
    hits, inside = measured.values[..., 0], measured.parts > 0
    found = {}
    for number, (a, b) in enumerate(pairs):
        if len(members[a]) > 1 or len(members[b]) > 1:
            continue
        for f in np.flatnonzero(inside.any(axis=0)):
            used = inside[:, f]
            change = hits[members[a][0], used, f] - hits[members[b][0], used, f]
            terms = np.bincount(groups[used], change) / used.sum()
            found[number, int(f)] = SignFlips(terms, 0.0, patients_with(used, groups))
    return found


def _method(found: Estimates, pair: tuple[int, int], exchanged: bool) -> str:
    seeds = " and seeds (Welch)" if (found.seeds[list(pair)] > 1).any() else ""
    return f"influence of patients{seeds}" + (" and paired permutation" if exchanged else "")

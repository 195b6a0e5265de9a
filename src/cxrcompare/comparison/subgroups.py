"""Subgroup analysis: models within each subgroup, and each subgroup against the rest."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import (
    differences,
    estimates,
    scoring,
    seed_averages,
    tested_estimates,
)
from cxrcompare.comparison.inference.differences import Compared
from cxrcompare.comparison.inference.families import FamilyTests, adjust_family
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.result.rows import MEAN, MICRO, DifferenceRow, MetricRow, SubgroupGapRow
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.auroc.auroc_tests import class_patients
from cxrcompare.evaluation.auroc.influence import auroc_influences
from cxrcompare.evaluation.influence import influence_tests
from cxrcompare.evaluation.influence.influence_estimates import Influences, combine
from cxrcompare.evaluation.influence.influence_tests import PairedDifferences
from cxrcompare.evaluation.intervals import TWO_SEEDS
from cxrcompare.predictions import Note

_WANTED = ("auroc", "sensitivity", "specificity")


@dataclass(frozen=True)
class Found:
    """The results of the subgroup analysis.

    Attributes:
        metrics: Rows of the table of metrics.
        differences: Rows of the table of differences between models within a subgroup.
        gaps: Rows of the table of gaps: a subgroup minus the rest of the test set.
        counts: {column: {value: units}}.
        notes: Warnings.
    """

    metrics: list[MetricRow]
    differences: list[DifferenceRow]
    gaps: list[SubgroupGapRow]
    counts: dict[str, dict[str, int]]
    notes: list[Note]


def compare(
    panel: Panel,
    groups: Mapping[str, np.ndarray],
    weights: dict[str, np.ndarray],
    options: Options,
) -> Found:
    """Compares networks within each subgroup, and each subgroup with the rest of the test set.

    All analyses use the patients of the whole test set, so differences stay paired. A finding is
    analysed if the subgroup has at least `minimum_cell` positives and `minimum_cell` negatives; for
    a gap the rest of the test set must have them too. The differences of all subgroups are one
    family, and the gaps of all subgroups and networks another one.

    Args:
        panel: The runs that are compared.
        groups: {column: (N,) text}, empty where the value is missing.
        weights: The seed weights, from `seed_averages.seed_weights`.
        options: Minimum cell, level, correction.
    """
    found = Found([], [], [], {}, [])
    pairs: list[Compared] = []
    gaps: list[_Gaps] = []
    wanted = [name for name in _WANTED if name == "auroc" or panel.decided_by_networks.any()]
    for column, values in groups.items():
        names, counts = np.unique(values[values != ""].astype(str), return_counts=True)
        found.counts[column] = dict(zip(names.tolist(), counts.tolist(), strict=True))
        missing = int((values == "").sum())
        if missing:
            text = (
                f"{column}: missing for {missing} of {len(values)} units; they are in no subgroup"
            )
            found.notes.append(Note("subgroup_unknown", text))
        for number, value in enumerate(names.tolist()):
            inside = values == value
            mirrored = len(names) == 2 and number == 1  # its gap is the negative of the first
            _one(
                panel,
                (column, value),
                inside,
                (values != "") & ~inside,
                weights,
                wanted,
                options,
                found,
                pairs,
                None if mirrored else gaps,
            )
    compared = differences.rows(pairs, options)
    return dataclasses.replace(
        found,
        differences=[row for row in compared if row.finding != MICRO],
        gaps=_gap_rows(panel, gaps, options),
    )


def _one(
    panel: Panel,
    label: tuple[str, str],
    inside: np.ndarray,
    rest: np.ndarray,
    weights: dict[str, np.ndarray],
    wanted: list[str],
    options: Options,
    found: Found,
    pairs: list[Compared],
    gaps: list[_Gaps] | None,
) -> None:
    """Adds the results of one subgroup to `found`, `pairs` and, unless it is None, `gaps`."""
    enough = _enough(panel.labels[inside], options.minimum_cell)
    if not enough.any():
        text = (
            f"{label[0]}={label[1]}: not compared: no finding has at least {options.minimum_cell} "
            f"positives and {options.minimum_cell} negatives"
        )
        found.notes.append(Note("subgroup_too_small", text))
        return
    part = _take(panel, inside)
    runs = scoring.score(part, wanted, options.bins, enough)
    averaged = {
        metric: seed_averages.average(part, scored, weights) for metric, scored in runs.items()
    }
    name = f"{label[0]}={label[1]}"
    tested = tested_estimates.estimates(part, runs)
    rows = estimates.rows_of_architectures(part, averaged, tested, options, panel.networks, name)
    found.metrics.extend(row for row in rows if row.finding != MICRO)
    pairs += differences.differences(part, {"auroc": tested["auroc"]}, options, name)
    both = (
        enough & _enough(panel.labels[rest], options.minimum_cell) if rest.any() else enough & False
    )
    if both.any() and gaps is not None:
        gaps.append(_gap(panel, label, inside, rest, both))


def _enough(labels: np.ndarray, minimum: int) -> np.ndarray:
    positives, negatives, _ = metrics.class_counts(labels)
    return (positives >= minimum) & (negatives >= minimum)


def _take(panel: Panel, units: np.ndarray) -> Panel:
    return dataclasses.replace(
        panel,
        labels=panel.labels[units],
        patients=panel.patients[units],
        scores=panel.scores[:, units],
        decisions=panel.decisions[:, units],
        resamples=panel.resamples.take(units),
    )


@dataclass(frozen=True)
class _Gaps:
    """A subgroup minus the rest of the test set, of each network, (A, F + 1)."""

    label: tuple[str, str]
    differences: PairedDifferences
    tests: FamilyTests


def _gap(
    panel: Panel, label: tuple[str, str], inside: np.ndarray, rest: np.ndarray, both: np.ndarray
) -> _Gaps:
    """Returns the AUROC in a subgroup minus that in the rest, with its variance over patients.

    The influence of a patient is that on the AUROC of the subgroup minus that on the AUROC of the
    rest, so a patient with units in both counts once.

    Args:
        panel: The runs that are compared.
        label: Column and value of the subgroup.
        inside: (N,) bool, the units of the subgroup.
        rest: (N,) bool, the units of the rest.
        both: (F,) bool, the findings with enough positives and negatives in both.
    """
    networks = [panel.architectures[name] for name in panel.networks]
    scores = panel.scores[: sum(len(members) for members in networks)]
    groups = panel.resamples.patient
    shape = (1, int(groups.max()) + 1)  # an appended run with the value 0 in place of a network
    enough = both.copy()
    found: list[Influences] = []
    for f in range(len(panel.findings)):
        value, sides, patients = np.zeros(len(scores) + 1), [], []
        for sign, units in ((1.0, inside), (-1.0, rest)):
            own = np.where(units, panel.labels[:, f], np.nan)
            auroc, *parts = auroc_influences(own, scores[:, :, f], groups)
            value[:-1] += sign * auroc
            sides += [np.concatenate([sign * part, np.zeros(shape)]) for part in parts]
            patients += class_patients(own[:, None], groups)[0].tolist()
        if not both[f]:
            value[:] = np.nan
        enough[f] &= min(patients) >= panel.minimum_patients
        found.append(Influences(value, np.stack(sides), np.array(patients)))
    tested = combine(found, [*networks, [len(scores)]], enough)
    number = len(networks)
    gaps = influence_tests.differences(tested, np.arange(number), np.full(number, number))
    none = ~np.append(enough, enough.any()) | (tested.seeds[:number, None] == TWO_SEEDS)
    p_value = np.where(none, np.nan, gaps.p_value)
    return _Gaps(label, gaps, FamilyTests(p_value, np.full_like(p_value, np.nan), enough))


def _gap_rows(panel: Panel, gaps: list[_Gaps], options: Options) -> list[SubgroupGapRow]:
    """Returns the rows of all gaps, adjusted over all subgroups, networks and findings."""
    adjusted = adjust_family([one.tests for one in gaps], options.correction, options.level)
    rows = []
    for one, values in zip(gaps, adjusted, strict=True):
        low, high = one.differences.interval(options.level, metrics.difference_span("auroc"))
        shown = np.append(one.tests.eligible, one.tests.eligible.any())
        for a, name in enumerate(panel.networks):
            rows += [
                SubgroupGapRow(
                    model=name,
                    column=one.label[0],
                    value=one.label[1],
                    finding=finding,
                    metric="auroc",
                    difference=float(one.differences.difference[a, k]),
                    low=float(low[a, k]) if shown[k] else float("nan"),
                    high=float(high[a, k]) if shown[k] else float("nan"),
                    p_value=float(one.tests.p_value[a, k]),
                    p_adjusted=float(values.p_value[a, k]),
                )
                for k, finding in enumerate((*panel.findings, MEAN))
            ]
    return rows

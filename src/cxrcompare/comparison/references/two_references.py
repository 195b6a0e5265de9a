"""Networks under two references: verdicts, ranks, and tests of what changes, paired by patient.

Everything is computed on the units that both references label, over the findings that are eligible
under both, so that only the labels differ.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import NamedTuple

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference import differences, tested_estimates
from cxrcompare.comparison.inference.families import adjust_both, adjust_rows, verdict
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.label_rows import (
    ReferenceModelRow,
    ReferenceOrderRow,
    ReferencePairRow,
)
from cxrcompare.comparison.row_types.main_rows import DifferenceRow
from cxrcompare.evaluation.groups import group_estimates, group_gaps
from cxrcompare.evaluation.groups.group_gaps import Gaps

PAIRS_PER_FINDING = 45
"""The most pairs with rows for single findings; more have the mean only."""


class TwoReferences(NamedTuple):
    """The tables of two references."""

    models: list[ReferenceModelRow]
    pairs: list[ReferencePairRow]
    order: list[ReferenceOrderRow]


def compare(panel: Panel, second: np.ndarray, options: Options) -> TwoReferences:
    """Returns the networks under both references.

    Args:
        panel: The runs that are compared; its labels are the first reference.
        second: (N, F) in {0, 1, NaN}, the second reference.
        options: Margin, level, correction.
    """
    panels = shared_panels(panel, second)
    if panels is None:
        return TwoReferences([], [], [])
    first_panel, second_panel = panels
    changes = _changes(first_panel, second_panel)
    return TwoReferences(
        _models(panel, changes, options),
        _pairs(first_panel, second_panel, changes, options),
        _order(panel, changes, options),
    )


def shared_panels(panel: Panel, second: np.ndarray) -> tuple[Panel, Panel] | None:
    """Returns the panel with each reference on the units and findings of both; None without any."""
    known = ~(np.isnan(panel.labels) | np.isnan(second))
    both = [
        dataclasses.replace(panel, labels=np.where(known, labels, np.nan))
        for labels in (panel.labels, second)
    ]
    kept = both[0].eligible & both[1].eligible
    if not kept.any():
        return None
    first, other = (
        dataclasses.replace(one, labels=np.where(kept, one.labels, np.nan)) for one in both
    )
    return first, other


class _Change(NamedTuple):
    finding: str
    units: int
    values: tuple[np.ndarray, np.ndarray]
    gaps: Gaps


def _changes(first: Panel, second: Panel) -> list[_Change]:
    """Returns the change of the AUROCs, the mean over findings and then each finding."""
    architectures = [first.architectures[name] for name in first.networks]
    patients = first.resamples.patient
    count = int(patients.max()) + 1
    found: list[_Change] = []
    pairs = []
    for f in np.flatnonzero(first.eligible):
        units = ~np.isnan(first.labels[:, f])
        old, new = (
            group_estimates.auroc(
                one.labels[units, f], one.scores[:, units, f], patients[units], count, architectures
            )
            for one in (first, second)
        )
        pairs.append((new, old))
        found.append(
            _Change(
                first.findings[f],
                int(units.sum()),
                (old.value, new.value),
                group_gaps.gaps([(new, old)], architectures),
            )
        )
    values = tuple(np.mean([one.values[side] for one in found], axis=0) for side in (0, 1))
    units = int((~np.isnan(first.labels)).any(axis=1).sum())
    whole = group_gaps.gaps(pairs, architectures)
    return [_Change(MEAN, units, (values[0], values[1]), whole), *found]


def _models(panel: Panel, changes: list[_Change], options: Options) -> list[ReferenceModelRow]:
    rows: list[ReferenceModelRow] = []
    for one in changes:
        tested = group_gaps.single(one.gaps, options.chosen_margin, options.level)
        ranks = [1 + (value > value[:, None]).sum(axis=1) for value in one.values]
        rows += [
            ReferenceModelRow(
                model=name,
                finding=one.finding,
                units=one.units,
                auroc=float(one.values[0][a]),
                auroc_second=float(one.values[1][a]),
                rank=float(ranks[0][a]),
                rank_second=float(ranks[1][a]),
                change=float(tested.value[a]),
                low=float(tested.low[a]),
                high=float(tested.high[a]),
                p_value=float(tested.p_value[a]),
                p_adjusted=float("nan"),
            )
            for a, name in enumerate(panel.networks)
        ]
    adjusted = adjust_rows(
        ["auroc"] * len(rows),
        [row.finding for row in rows],
        np.array([row.p_value for row in rows], dtype=float),
        options.correction,
    )
    return [row._replace(p_adjusted=p) for row, p in zip(rows, adjusted, strict=True)]


def _pairs(
    first: Panel, second: Panel, changes: list[_Change], options: Options
) -> list[ReferencePairRow]:
    names = first.networks
    pairs = list(itertools.combinations(range(len(names)), 2))
    if not pairs:
        return []
    verdicts = [_verdicts(one, options) for one in (first, second)]
    rows: list[ReferencePairRow] = []
    a, b = np.array(pairs).T
    for one in changes:
        if one.finding != MEAN and len(pairs) > PAIRS_PER_FINDING:
            continue
        tested = group_gaps.differences(one.gaps, a, b, options.chosen_margin, options.level)
        for q, (i, j) in enumerate(pairs):
            old, new = (table[names[i], names[j], one.finding] for table in verdicts)
            rows.append(
                ReferencePairRow(
                    model_a=names[i],
                    model_b=names[j],
                    finding=one.finding,
                    units=one.units,
                    difference=old.difference,
                    verdict=old.verdict,
                    difference_second=new.difference,
                    verdict_second=new.verdict,
                    change=float(tested.value[q]),
                    low=float(tested.low[q]),
                    high=float(tested.high[q]),
                    p_value=float(tested.p_value[q]),
                    p_adjusted=float("nan"),
                    margin=options.chosen_margin,
                    p_equivalence=float(tested.p_equivalence[q]),
                    change_verdict="",
                )
            )
    return _adjusted(rows, options)


def _verdicts(panel: Panel, options: Options) -> dict[tuple[str, str, str], DifferenceRow]:
    """Returns the tested differences of a reference, as in the table of differences."""
    aurocs = tested_estimates.estimate(panel, "auroc")
    rows = differences.rows(differences.differences(panel, {"auroc": aurocs}, options), options)
    return {(row.model_a, row.model_b, row.finding): row for row in rows}


def _adjusted(rows: list[ReferencePairRow], options: Options) -> list[ReferencePairRow]:
    different, equal = adjust_both(rows, ["auroc"] * len(rows), options.correction)
    return [
        row._replace(
            p_adjusted=p,
            p_equivalence=e,
            change_verdict=verdict(None, p, e, options.level, ("changed", "changed", "equivalent")),
        )
        for row, p, e in zip(rows, different, equal, strict=True)
    ]


def _order(panel: Panel, changes: list[_Change], options: Options) -> list[ReferenceOrderRow]:
    if len(panel.networks) < 2:
        return []
    from scipy import stats  # here: few comparisons need it, and its import takes 0.3 s

    rows = []
    for one in changes:
        tested = group_gaps.equal(one.gaps)
        with np.errstate(invalid="ignore"):
            tau = stats.kendalltau(*one.values).statistic
        rows.append(
            ReferenceOrderRow(
                finding=one.finding,
                models=len(panel.networks),
                kendall=float(tau),
                statistic=tested.statistic,
                degrees=tested.degrees,
                degrees_second=tested.degrees_second,
                p_value=tested.p_value,
                p_adjusted=float("nan"),
            )
        )
    adjusted = adjust_rows(
        ["auroc"] * len(rows),
        [row.finding for row in rows],
        np.array([row.p_value for row in rows], dtype=float),
        options.correction,
    )
    return [row._replace(p_adjusted=p) for row, p in zip(rows, adjusted, strict=True)]

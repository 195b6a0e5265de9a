"""Data-quality checks: warnings about labels, scores and the number of replicates."""

from __future__ import annotations

import numpy as np

from cxrcompare.comparison import swapped_columns
from cxrcompare.comparison.inference.multiplicity import holm
from cxrcompare.comparison.inference.scoring import Scored
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS
from cxrcompare.comparison.row_types.main_rows import MetricRow
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.auroc import chance
from cxrcompare.evaluation.probabilities import calibration
from cxrcompare.predictions import Note

FEW_POSITIVES = 20
MANY_TIES = 0.01
FEW_FOR_LEAK = 10
"""Positives and negatives from which perfect separation is suspicious."""

FAMILY = 0.05
"""Family-wise error rate of the warning `worse_than_chance`, over all runs and findings."""


def check(panel: Panel, auroc: Scored) -> list[Note]:
    """Returns warnings about labels and scores.

    Args:
        panel: The runs that are compared.
        auroc: The AUROCs of the runs.
    """
    networks = [index for index, run in enumerate(panel.runs) if run.kind == "network"]
    return [
        *_labels(panel),
        *_not_in_mean(panel),
        *_few_at_points(panel),
        *_constant(panel, networks),
        *_ties(panel, networks),
        *_identical(panel, networks),
        *_worse_than_chance(panel, networks, auroc),
        *_swapped(panel, networks),
        *_perfect(panel, networks, auroc),
    ]


def name_of(panel: Panel, index: int) -> str:
    """Returns the name of a run in messages."""
    run = panel.runs[index]
    return f"{run.model} seed {run.seed}" if run.seed else run.model


def _labels(panel: Panel) -> list[Note]:
    notes = []
    positives, negatives, _ = metrics.class_counts(panel.labels)
    for f, (finding, yes, no) in enumerate(zip(panel.findings, positives, negatives, strict=True)):
        if not yes or not no:
            lacks = "positives" if not yes else "negatives"
            text = f"the test set has no {lacks}: AUROC and AUPRC are not defined"
            notes.append(Note("one_class", text, finding=finding))
            continue
        patients = len(np.unique(panel.resamples.patient[panel.labels[:, f] == 1]))
        if patients < FEW_POSITIVES:
            counted = f"{yes} positives" if panel.independent else f"{patients} positive patients"
            text = f"only {counted}: intervals are wide, and coverage may be below nominal"
            notes.append(Note("few_positives", text, finding=finding))
    return notes


def _not_in_mean(panel: Panel) -> list[Note]:
    """Warns about findings with too few patients for intervals, tests and the mean."""
    left = [finding for finding, one in zip(panel.findings, panel.eligible, strict=True) if not one]
    if not left:
        return []
    rest = (
        ""
        if panel.eligible.any()
        else "; no finding remains, so there is no mean and no comparison"
    )
    text = (
        f"fewer than {panel.minimum_patients} patients with a positive or with a negative: "
        f"{', '.join(left)}; no interval and no test, and not in the mean over findings{rest}"
    )
    return [Note("not_in_mean", text)]


def _few_at_points(panel: Panel) -> list[Note]:
    """Warns about findings with too few patients for a point of the ROC curve."""
    points, notes = panel.roc_points, []
    for metric, words in (
        ("sensitivity_at_specificity", f"sensitivity at specificity {points.specificity:g}"),
        ("specificity_at_sensitivity", f"specificity at sensitivity {points.sensitivity:g}"),
    ):
        few = panel.few_for(metric) & panel.eligible
        if not few.any():
            continue
        counts = zip(("positive", "negative"), points.fewest_patients(metric), strict=True)
        (needed,) = (f"{least:g} patients with a {side}" for side, least in counts if least)
        left = ", ".join(np.array(panel.findings)[few])
        rest = (
            "its mean is over the other findings"
            if (panel.eligible & ~few).any()
            else "no finding has enough, so its mean has neither"
        )
        text = f"fewer than {needed}: {left}; {words} has no interval and no test there, and {rest}"
        notes.append(Note("few_for_roc_point", text))
    return notes


def _constant(panel: Panel, networks: list[int]) -> list[Note]:
    constant = (panel.scores == panel.scores[:, :1]).all(axis=1)
    return [
        Note("constant", "gives every unit the same score", name_of(panel, m), panel.findings[f])
        for m in networks
        for f in np.flatnonzero(constant[m])
    ]


def _ties(panel: Panel, networks: list[int]) -> list[Note]:
    notes = []
    for m in networks:
        ordered = np.sort(panel.scores[m], axis=0)
        same = ordered[1:] == ordered[:-1]
        inside = np.zeros(ordered.shape, dtype=bool)
        inside[1:] |= same
        inside[:-1] |= same
        share = np.where((ordered[0] == ordered[-1]), 0.0, inside.mean(axis=0))
        if share.max() > MANY_TIES:
            worst = int(np.argmax(share))
            text = (
                f"{share[worst]:.1%} of the units share their score of {panel.findings[worst]} "
                f"with another ({int((share > MANY_TIES).sum())} findings above {MANY_TIES:.0%}): "
                "check whether the scores were rounded"
            )
            notes.append(Note("ties", text, name_of(panel, m), panel.findings[worst]))
    return notes


def _identical(panel: Panel, networks: list[int]) -> list[Note]:
    notes = []
    for f, finding in enumerate(panel.findings):
        seen: dict[bytes, int] = {}
        for m in networks:
            column = np.ascontiguousarray(panel.scores[m, :, f])
            if (column == column[0]).all():
                continue
            first = seen.setdefault(column.tobytes(), m)
            if first != m:
                text = (
                    f"has exactly the scores of {name_of(panel, first)}: check whether one file "
                    "was given under two names"
                )
                notes.append(Note("identical", text, name_of(panel, m), finding))
    return [*notes, *_same_columns(panel, networks)]


def _same_columns(panel: Panel, networks: list[int]) -> list[Note]:
    """Warns about findings that have exactly the same scores in one run."""
    notes = []
    for m in networks:
        seen: dict[bytes, str] = {}
        for f, finding in enumerate(panel.findings):
            column = np.ascontiguousarray(panel.scores[m, :, f])
            if (column == column[0]).all():
                continue
            first = seen.setdefault(column.tobytes(), finding)
            if first != finding:
                text = f"has exactly the scores of {first}: check whether a column was copied"
                notes.append(Note("identical_columns", text, name_of(panel, m), finding))
    return notes


def check_slopes(panel: Panel, calibrated: list[MetricRow]) -> list[Note]:
    """Warns about calibration slopes that are left out, of networks and baselines.

    Args:
        panel: The runs that are compared.
        calibrated: The rows of the calibration slopes.
    """
    notes = []
    for row in calibrated:
        if row.metric != "calibration_slope" or row.seed != ALL_SEEDS or row.value == row.value:
            continue
        if row.finding not in panel.findings or not (row.positives and row.negatives):
            continue
        f = panel.findings.index(row.finding)
        labelled = ~np.isnan(panel.labels[:, f])
        scores = panel.scores[panel.architectures[row.model]][:, labelled, f]
        if (scores == scores[:, :1]).all():
            continue
        spread = min(calibration.logit_sd(one) for one in scores)
        reason = (
            f"the scores hardly vary (standard deviation of their logits {spread:.2g}, below "
            f"{calibration.LEAST_LOGIT_SD:g})"
            if spread < calibration.LEAST_LOGIT_SD
            else "the classes are separated, or the standard error is above "
            f"{calibration.LARGEST_SLOPE_ERROR:g}"
        )
        text = f"{reason}: the calibration slope is not defined"
        notes.append(Note("slope_undefined", text, row.model, row.finding))
    return notes


def _worse_than_chance(panel: Panel, networks: list[int], auroc: Scored) -> list[Note]:
    """Tests every run and finding, with Holm's correction over all of these tests."""
    patients = panel.resamples.patient
    p_values = np.column_stack(
        [
            chance.p_worse(panel.labels[:, f], panel.scores[networks, :, f], patients)
            for f in range(len(panel.findings))
        ]
    )
    adjusted = holm(p_values.ravel()).reshape(p_values.shape)
    return [
        Note(
            "worse_than_chance",
            f"ranks worse than chance (AUROC {auroc.point[m, f]:.3f}, adjusted p {p:.2g}): check "
            "for inverted scores and swapped labels, rows or columns",
            name_of(panel, m),
            panel.findings[f],
        )
        for m, row in zip(networks, adjusted, strict=True)
        for f, p in enumerate(row)
        if p <= FAMILY and auroc.point[m, f] < 0.5
    ]


def _swapped(panel: Panel, networks: list[int]) -> list[Note]:
    """Warns about score columns that fit the labels of other findings better."""
    notes = []
    scores = [panel.scores[m] for m in networks]
    by_run = swapped_columns.of_runs(panel.labels, scores, panel.resamples.patient)
    for m, found in zip(networks, by_run, strict=True):
        for swap in found:
            names = [panel.findings[f] for f in swap.columns]
            gains = ", ".join(
                f"{name} {own:.3f} (for {other} {permuted:.3f})"
                for name, other, own, permuted in zip(
                    names, [*names[1:], names[0]], swap.own, swap.permuted, strict=True
                )
            )
            text = (
                f"the columns {', '.join(names)} are probably swapped: AUROC of {gains}; "
                f"adjusted p {swap.p_value:.2g}"
            )
            notes.append(Note("swapped_columns", text, name_of(panel, m), names[0]))
    return notes


def _perfect(panel: Panel, networks: list[int], auroc: Scored) -> list[Note]:
    """Warns about scores that separate the classes perfectly, as a leaked label does."""
    positives, negatives, _ = metrics.class_counts(panel.labels)
    enough = np.minimum(positives, negatives) >= FEW_FOR_LEAK
    return [
        Note(
            "perfect",
            f"AUROC is exactly 1 with {positives[f]} positives and {negatives[f]} negatives: check "
            "that the scores were not made from the labels",
            name_of(panel, m),
            panel.findings[f],
        )
        for m in networks
        for f in np.flatnonzero(enough)
        if auroc.point[m, f] == 1
    ]

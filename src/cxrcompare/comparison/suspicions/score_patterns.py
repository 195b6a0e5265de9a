"""Patterns of scores, thresholds and labels that point to a mistake in a file."""

from __future__ import annotations

from collections import Counter

import numpy as np
from scipy import special

from cxrcompare.comparison.data_quality import name_of
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation.auroc import delong
from cxrcompare.predictions import Note

_SMALL = 0.01
"""The largest score of a run whose probabilities were perhaps divided by 100."""

_COMMON = 0.05
"""Share of positives from which such scores are suspicious."""

_MANY = 0.01
"""Share of units with the same scores in all findings that is suspicious; at least three units."""

_NEAR_CHANCE = 0.1
"""Distance of the mean AUROC from 0.5 below which a run is tested against chance."""

_LEVEL = 0.05
"""Level of this test, adjusted for the findings of a run."""

_LABELLED = 0.5
"""Share of units with a label of a finding below which there is a warning."""


def check(panel: Panel, auroc: np.ndarray) -> list[Note]:
    """Returns warnings about patterns of scores, thresholds and labels.

    Args:
        panel: The runs that are compared.
        auroc: (M, F) AUROC of the runs; NaN where it is not defined.
    """
    networks = [index for index, run in enumerate(panel.runs) if run.kind == "network"]
    return [
        *_few_labels(panel),
        *_chance(panel, networks, auroc),
        *_one_side(panel, networks),
        *_small(panel, networks),
        *_sums_to_one(panel, networks),
        *_same_rows(panel, networks),
        *_same_order(panel, networks),
    ]


def _few_labels(panel: Panel) -> list[Note]:
    labelled = (~np.isnan(panel.labels)).sum(axis=0)
    units = len(panel.labels)
    return [
        Note(
            "few_labels",
            f"the reference has a label for {count:,} of {units:,} units: the results hold for "
            "these only; check whether a blank was to mean negative",
            finding=finding,
        )
        for finding, count in zip(panel.findings, labelled.tolist(), strict=True)
        if 0 < count < _LABELLED * units
    ]


def _chance(panel: Panel, networks: list[int], auroc: np.ndarray) -> list[Note]:
    """Warns about a run that does not rank any eligible finding better than chance.

    The tests of a run are adjusted by Bonferroni.
    """
    tested = np.flatnonzero(panel.eligible)
    notes = []
    for m in networks:
        own = auroc[m, tested]
        if not len(tested) or not abs(np.nanmean(own) - 0.5) < _NEAR_CHANCE:
            continue
        if min(_p_better(panel, m, int(f)) for f in tested) * len(tested) > _LEVEL:
            text = (
                f"ranks no finding better than chance (mean AUROC {np.nanmean(own):.3f}): check "
                "whether its rows were shuffled or shifted, e.g. with `cxrcompare doctor`"
            )
            notes.append(Note("not_above_chance", text, name_of(panel, m)))
    return notes


def _p_better(panel: Panel, m: int, f: int) -> float:
    """Returns the one-sided p-value of an AUROC above 0.5, with its clustered standard error."""
    scores = panel.scores[m : m + 1, :, f]
    areas = delong.clustered(panel.labels[:, f], scores, panel.resamples.patient)
    error = float(delong.standard_errors(areas)[0])
    return float(special.ndtr((0.5 - areas.auroc[0]) / error)) if error > 0 else 1.0


def _one_side(panel: Panel, networks: list[int]) -> list[Note]:
    """Warns about thresholds on one side of all scores."""
    notes = []
    for m in networks:
        calls = panel.decisions[m].mean(axis=0)
        varied = panel.scores[m].min(axis=0) < panel.scores[m].max(axis=0)
        found = np.flatnonzero(panel.decided[m] & varied & ((calls == 0) | (calls == 1)))
        if len(found):
            f = int(found[0])
            side = "below" if calls[f] == 0 else "at or above"
            more = f", and {len(found) - 1} more findings like this" if len(found) > 1 else ""
            text = (
                f"all scores are {side} the threshold {panel.thresholds[m, f]:.3g} (the scores are "
                f"{panel.scores[m, :, f].min():.3g} to {panel.scores[m, :, f].max():.3g}){more}: "
                f"every call is {'negative' if calls[f] == 0 else 'positive'}; check whether the "
                "threshold is of this model"
            )
            notes.append(Note("one_sided_threshold", text, name_of(panel, m), panel.findings[f]))
    return notes


def _small(panel: Panel, networks: list[int]) -> list[Note]:
    with np.errstate(invalid="ignore"):
        positives = (panel.labels == 1).sum(axis=0) / np.maximum(
            (~np.isnan(panel.labels)).sum(axis=0), 1
        )
    common = int(np.argmax(positives))
    return [
        Note(
            "small_probabilities",
            f"the largest probability of all findings is {panel.scores[m].max():.2g}, but "
            f"{positives[common]:.0%} of the units have {panel.findings[common]}: check whether "
            "the probabilities were divided by 100",
            name_of(panel, m),
        )
        for m in networks
        if panel.runs[m].probabilities
        and panel.scores[m].max() <= _SMALL
        and positives[common] >= _COMMON
    ]


def _sums_to_one(panel: Panel, networks: list[int]) -> list[Note]:
    if len(panel.findings) < 3:
        return []
    return [
        Note(
            "sum_to_one",
            "the scores of all findings of a unit sum to 1, as those of a softmax over exclusive "
            "classes do, but several findings can be present: check the last layer of the network",
            name_of(panel, m),
        )
        for m in networks
        if (np.abs(panel.scores[m].sum(axis=1) - 1) < 1e-3).all()
    ]


def _same_rows(panel: Panel, networks: list[int]) -> list[Note]:
    """Warns about units that share all scores, unless the scores have few values anyway."""
    if len(panel.findings) < 2:
        return []
    notes = []
    for m in networks:
        limit = max(2, _MANY * len(panel.scores[m]))
        if any(_largest_tie(column) <= limit for column in panel.scores[m].T):
            continue  # units with the same scores have the same score of every finding
        rows = Counter(row.tobytes() for row in np.ascontiguousarray(panel.scores[m]))
        row, count = rows.most_common(1)[0]
        if len(rows) > len(panel.scores[m]) / 2 and count > limit:
            value = np.frombuffer(row)[0]
            text = (
                f"{count:,} units have the same scores in all findings (first score {value:.3g}): "
                "check whether their images could not be read"
            )
            notes.append(Note("same_rows", text, name_of(panel, m)))
    return notes


def _largest_tie(scores: np.ndarray) -> int:
    """Returns the number of units with the most frequent score."""
    ordered = np.sort(scores)
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    return int(np.diff(np.append(starts, len(ordered))).max())


def _same_order(panel: Panel, networks: list[int]) -> list[Note]:
    """Warns about runs that order the units of all findings as an earlier run does."""
    seen: dict[bytes, int] = {}
    notes = []
    first_findings = [np.argsort(panel.scores[m, :, 0], kind="stable").tobytes() for m in networks]
    alike = Counter(first_findings)
    for m, first_finding in zip(networks, first_findings, strict=True):
        if alike[first_finding] < 2:
            continue  # no other run orders the units of the first finding so
        order = np.argsort(panel.scores[m], axis=0, kind="stable").astype(np.uint32).tobytes()
        first = seen.setdefault(order, m)
        if first == m or (panel.scores[first] == panel.scores[m]).all():
            continue
        if (panel.scores[m].min(axis=0) == panel.scores[m].max(axis=0)).any():
            continue
        text = (
            f"ranks the units of all findings exactly as {name_of(panel, first)} does: check "
            "whether it is another version of the same scores, e.g. recalibrated or rounded"
        )
        notes.append(Note("same_order", text, name_of(panel, m)))
    return notes

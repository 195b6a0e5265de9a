"""The test images of some runs, and those of them that are cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cxrcompare.cases.selecting import Rule, select
from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.predictions import read_predictions, read_reference, split_name
from cxrcompare.predictions.studies import merge_views

MOST_IMAGES = 300
"""Maximum number of images; with 256 pixels, they take about 5 MB of the page."""


@dataclass(frozen=True)
class Case:
    """A case before its image has an index in the file.

    Attributes:
        rule: The rule.
        finding: Index of the finding.
        image: Index of the image among the test images.
        label: 1, 0 or NaN.
        scores: (A,) the score of each network for the study.
        rank: Position among the cases of its rule and finding.
    """

    rule: Rule
    finding: int
    image: int
    label: float
    scores: np.ndarray
    rank: int


@dataclass(frozen=True)
class EvaluatedImages:
    """The images of the test set, with labels, scores and thresholds.

    Attributes:
        findings: F names.
        images: (N,) ids of images.
        units: (N,) the study, or the image, of each image.
        labels: (N, F) in {0, 1, NaN}.
        scores: (A, N, F), a run for each network.
        thresholds: (A, F); NaN if there is none.
    """

    findings: tuple[str, ...]
    images: np.ndarray
    units: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    thresholds: np.ndarray


def read(comparison: Comparison, runs: Sequence[Path], reference_file: Path) -> EvaluatedImages:
    """Joins the predictions of the runs and the reference by image and finding."""
    findings = comparison.findings
    predictions = [read_predictions(run / "predictions" / "test.csv") for run in runs]
    reference = read_reference(reference_file)
    rows = predictions[0].rows
    scores = []
    for one in predictions:
        position = {name: row for row, name in enumerate(one.rows.ids.tolist())}
        order = [position[name] for name in rows.ids.tolist()]
        scores.append(one.values[order][:, [one.findings.index(name) for name in findings]])
    label_row = {name: row for row, name in enumerate(reference.rows.ids.tolist())}
    columns = [reference.findings.index(name) for name in findings]
    labels = reference.values[[label_row[name] for name in rows.ids.tolist()]][:, columns]
    table = comparison.thresholds
    keys = zip(table["model"], table["seed"].astype(str), table["finding"], strict=True)
    limits = dict(zip(keys, table["threshold"].to_numpy(np.float64).tolist(), strict=True))
    thresholds = np.array(
        [
            [limits.get((*split_name(run.name), finding), np.nan) for finding in findings]
            for run in runs
        ]
    )
    by_study = comparison.protocol.get("unit") != "image" and (rows.studies != "").all()
    units = rows.studies if by_study else rows.ids
    return EvaluatedImages(findings, rows.ids, units, labels, np.array(scores), thresholds)


def of_finding(tested: EvaluatedImages, finding: int, rule: str, at_most: int) -> list[Case]:
    """Returns the cases of a finding, a study with several images merged as in the comparison."""
    units, codes = np.unique(tested.units, return_inverse=True)
    images = tested.scores[:, :, finding]
    scores = merge_views(images.T, codes, len(units), rule).T
    labels = np.full(len(units), np.nan)
    known = ~np.isnan(tested.labels[:, finding])
    np.fmax.at(labels, codes[known], tested.labels[known, finding])
    mean = images.mean(axis=0)
    order = np.lexsort((mean, codes))  # the last image of each study has the highest mean score
    best = order[np.cumsum(np.bincount(codes)) - 1]
    ranks: dict[Rule, int] = {}
    found = []
    for one in select(labels, scores, tested.thresholds[:, finding], at_most):
        ranks[one.rule] = ranks.get(one.rule, -1) + 1
        unit = one.unit
        found.append(
            Case(
                one.rule,
                finding,
                int(best[unit]),
                float(labels[unit]),
                scores[:, unit],
                ranks[one.rule],
            )
        )
    return found


def within_limit(found: Sequence[Case]) -> tuple[list[Case], list[int]]:
    """Returns the cases that are kept, in their order, and their images, each once."""
    images: dict[int, None] = {}
    kept = []
    for one in sorted(found, key=lambda one: one.rank):
        if one.image in images or len(images) < MOST_IMAGES:
            images[one.image] = None
            kept.append(one)
    order = {id(one): index for index, one in enumerate(found)}
    return sorted(kept, key=lambda one: order[id(one)]), [*images]

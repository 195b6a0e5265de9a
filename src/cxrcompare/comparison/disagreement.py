"""Where models disagree: units that one model alone gets right, all get wrong, or that split them.

All functions are of one finding. A model's call of a unit is 1 (positive) or 0 (negative) at its
threshold; with several seeds it is the majority of the seeds, and NaN if they are divided equally.
Scores of different models have no common scale, so the distance of a score from the threshold is
measured in ranks, see `signed_depths`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation.ranking import midranks

Kind = Literal["one_right", "all_wrong", "split"]
ONE_RIGHT: Kind = "one_right"
ALL_WRONG: Kind = "all_wrong"
SPLIT: Kind = "split"
KINDS: tuple[Kind, ...] = (ONE_RIGHT, ALL_WRONG, SPLIT)
"""The kinds of selected units, in order."""

AT_MOST = 10
"""The number of units of each kind that are selected per finding."""


class Selected(NamedTuple):
    """A selected unit of one finding.

    Attributes:
        kind: One of `KINDS`.
        unit: The index of the unit.
        model: The index of the model that alone is right; None for the other kinds.
        right: The number of models that are right.
        positive: The number of models that call the unit positive.
        called: The number of models with a call.
        strength: In [0, 1]; the units of a kind are sorted by it, the largest first.
    """

    kind: Kind
    unit: int
    model: int | None
    right: int
    positive: int
    called: int
    strength: float


def select(
    labels: np.ndarray, calls: np.ndarray, depths: np.ndarray, at_most: int = AT_MOST
) -> list[Selected]:
    """Returns the units of each kind with the greatest strength, in the order of `KINDS`.

    - `one_right`: all models have a call, and exactly one is right. The strength is the mean of
      the depth of the right model and of the mean depth of the wrong ones.
    - `all_wrong`: all models have a call, and all are wrong. The strength is their mean depth.
    - `split`: the calls differ. The strength is the share of the smaller side over 1/2; of equal
      strengths, the unit with the greater mean depth comes first. It needs no label.

    With two models, a unit on which they differ is of both kinds `one_right` and `split`. With one
    model nothing is selected. Of ties the first unit comes first.

    Args:
        labels: (N,) in {0, 1, NaN}; a unit without a label can only be `split`.
        calls: (A, N) in {0, 1, NaN}.
        depths: (A, N), from `signed_depths`; the sign is not used.
        at_most: The number of units of each kind.
    """
    models = len(calls)
    if models < 2:
        return []
    called = ~np.isnan(calls)
    complete = called.all(axis=0) & ~np.isnan(labels)
    correct = (calls == labels) & complete
    right = correct.sum(axis=0)
    positive, count = (calls == 1).sum(axis=0), called.sum(axis=0)
    depth = np.where(called, np.abs(depths), 0.0)
    total = depth.sum(axis=0)
    alone = (depth * correct).sum(axis=0)
    smaller = np.minimum(positive, count - positive)
    strengths = {
        ONE_RIGHT: (alone + (total - alone) / (models - 1)) / 2,
        ALL_WRONG: total / models,
        SPLIT: 2 * smaller / np.maximum(count, 1),
    }
    chosen = {
        ONE_RIGHT: complete & (right == 1),
        ALL_WRONG: complete & (right == 0),
        SPLIT: smaller > 0,
    }
    found = []
    for kind in KINDS:
        units = np.flatnonzero(chosen[kind])
        order = np.lexsort((units, -total[units], -strengths[kind][units]))
        found += [
            Selected(
                kind,
                int(unit),
                int(np.argmax(correct[:, unit])) if kind == ONE_RIGHT else None,
                int(right[unit]) if complete[unit] else int((calls[:, unit] == labels[unit]).sum()),
                int(positive[unit]),
                int(count[unit]),
                float(strengths[kind][unit]),
            )
            for unit in units[order][:at_most].tolist()
        ]
    return found


def signed_depths(scores: np.ndarray, threshold: float) -> np.ndarray:
    """Returns how far each score is from the threshold, in ranks, (N,) in [-1, 1].

    At or above the threshold it is the share of the positive calls whose scores are lower (ties
    count half); below it is minus the share of the negative calls whose scores are higher. It does
    not change with a monotone map of scores and threshold.

    Args:
        scores: (N,).
        threshold: A score of at least this value is positive; NaN gives NaN.
    """
    found = np.full(len(scores), np.nan)
    if np.isnan(threshold):
        return found
    for side, sign in ((scores >= threshold, 1.0), (scores < threshold, -1.0)):
        if side.any():
            rank = midranks(sign * scores[side]) - 0.5
            found[side] = sign * rank / side.sum()
    return found


def of_models(
    panel: Panel, finding: int, models: Sequence[str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the calls and signed depths of the models for a finding, (A, N) each.

    Args:
        panel: The runs that are compared.
        finding: The index of the finding.
        models: Names; all networks by default.
    """
    calls, depths = [], []
    for name in panel.networks if models is None else models:
        runs = panel.architectures[name]
        limit = panel.thresholds[runs, finding]
        depth = np.mean(
            [
                signed_depths(panel.scores[m, :, finding], t)
                for m, t in zip(runs, limit, strict=True)
            ],
            axis=0,
        )
        share = panel.decisions[runs, :, finding].mean(axis=0)
        call = np.where(share == 0.5, np.nan, (share > 0.5).astype(np.float64))
        calls.append(np.where(np.isnan(limit).any(), np.nan, call))
        depths.append(depth)
    return np.array(calls), np.array(depths)

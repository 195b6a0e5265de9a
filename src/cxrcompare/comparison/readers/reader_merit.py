"""Figures of merit of networks, readers and their panel on the same units, with influences."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.inputs.panel import FIXED, Panel
from cxrcompare.evaluation.groups import group_estimates
from cxrcompare.evaluation.groups.group_estimates import GroupEstimate
from cxrcompare.evaluation.readers import reader_study

SENSITIVITY, SPECIFICITY = "sensitivity", "specificity"
BALANCED, NET_BENEFIT = "balanced_accuracy", "net_benefit"
_RATES = (SENSITIVITY, SPECIFICITY, BALANCED)
_NOISE_REPLICATES = 200


@dataclass(frozen=True)
class PanelMerit:
    """Networks and the majority of the readers, on the units on which the readers have one.

    Attributes:
        value: Of the panel.
        error: Its standard error.
        networks: (A,), of the networks.
        centre: (A,), network minus panel, for rates with two added units.
        influence: (A, G), of each patient on it, and of replicates of the thresholds.
        added: (A,), the variance of the added units.
    """

    value: float
    error: float
    networks: np.ndarray
    centre: np.ndarray
    influence: np.ndarray
    added: np.ndarray


@dataclass(frozen=True)
class Merit:
    """A figure of merit of A networks, J readers and their panel, for one finding.

    Attributes:
        networks: (A,), means over seeds.
        runs: (M,), of the runs of the networks, in their order.
        readers: (J,).
        network_influence: (A, G), of each patient, and of replicates of the thresholds.
        reader_influence: (J, G), padded with 0 for the thresholds.
        panel: The same of the majority of the readers.
        patients: Patients of the smaller class.
        units: The number of units.
        prevalence: The share of positives.
        tested: (A,) bool, False at a threshold of 0.5 that nobody chose.
    """

    networks: np.ndarray
    runs: np.ndarray
    readers: np.ndarray
    network_influence: np.ndarray
    reader_influence: np.ndarray
    panel: PanelMerit
    patients: int
    units: int
    prevalence: float
    tested: np.ndarray


def merit(
    panel: Panel, ratings: np.ndarray, finding: int, metric: str, threshold: float
) -> Merit | None:
    """Returns a figure of merit; None if it is not defined for a network or without both classes.

    Sensitivity, specificity and their mean (balanced accuracy) are at the networks' thresholds. A
    network calls a unit positive for the net benefit if its probability is at least the threshold
    probability. Units that a reader did not rate are left out; units on which the readers are
    divided equally too, if the panel is compared.

    Args:
        panel: The runs that are compared.
        ratings: (J, N, F) in {0, 1, NaN}.
        finding: The index of the finding.
        metric: A name of this module.
        threshold: The threshold probability of a net benefit.
    """
    runs = [m for name in panel.networks for m in panel.architectures[name]]
    own = ratings[:, :, finding]
    label = panel.labels[:, finding]
    units = np.flatnonzero(~np.isnan(label) & ~np.isnan(own).any(axis=0))
    usable = panel.probabilities[runs] if metric == NET_BENEFIT else panel.decided[runs, finding]
    if not usable.all() or len(np.unique(label[units])) < 2:
        return None
    called = _calls(panel, runs, finding, metric, threshold)[:, units]
    majority = reader_study.majority(own[:, units, None])[:, 0]
    calls = np.concatenate([called, own[:, units] == 1])
    label, patients = label[units], panel.resamples.patient[units]
    count = int(panel.resamples.patient.max()) + 1
    members = _members(panel)
    alone = [[len(runs) + j] for j in range(len(own))]
    found = _estimate(label, calls, patients, count, members + alone, (metric, threshold), False)
    voted = ~np.isnan(majority)
    beside = np.concatenate([called[:, voted], majority[None, voted] == 1])
    both = _estimate(
        label[voted],
        beside,
        patients[voted],
        count,
        [*members, [len(runs)]],
        (metric, threshold),
        metric in _RATES,
    )
    networks = len(members)
    noise = _noise(panel, runs, members, finding, units, metric)
    classes = [len(np.unique(patients[label == side])) for side in (0, 1)]
    fixed = panel.sources[runs, finding] == FIXED
    return Merit(
        found.value[:networks],
        found.runs[: len(runs)],
        found.value[networks:],
        np.concatenate([found.influence[:networks], noise], axis=1),
        np.pad(found.influence[networks:], ((0, 0), (0, noise.shape[1]))),
        _panel_merit(both, noise),
        min(classes),
        len(units),
        float(label.mean()),
        np.array([metric == NET_BENEFIT or not fixed[list(one)].any() for one in members]),
    )


def _members(panel: Panel) -> list[list[int]]:
    """Returns the runs of each network, counted over the runs of networks only."""
    sizes = [len(panel.architectures[name]) for name in panel.networks]
    ends = np.cumsum([0, *sizes]).tolist()
    return [list(range(first, last)) for first, last in itertools.pairwise(ends)]


def _calls(
    panel: Panel, runs: list[int], finding: int, metric: str, threshold: float
) -> np.ndarray:
    if metric == NET_BENEFIT:
        return np.asarray(panel.scores[runs, :, finding] >= threshold)
    return np.asarray(panel.decisions[runs, :, finding])


def _estimate(
    label: np.ndarray,
    calls: np.ndarray,
    patients: np.ndarray,
    count: int,
    members: list[list[int]],
    metric: tuple[str, float],
    added: bool,
) -> GroupEstimate:
    """Returns the figure of merit of each entry; balanced accuracy is the mean of two rates."""
    name, threshold = metric
    if name == NET_BENEFIT:
        worth = label - (1 - label) * threshold / (1 - threshold)
        return group_estimates.rate(calls * worth, patients, count, members, added=False)
    sides = {SENSITIVITY: (1,), SPECIFICITY: (0,), BALANCED: (1, 0)}[name]
    parts = [
        group_estimates.rate(
            (calls[:, label == side] == side).astype(np.float64),
            patients[label == side],
            count,
            members,
            added=added,
        )
        for side in sides
    ]
    if len(parts) == 1:
        return parts[0]
    one, two = parts
    return GroupEstimate(
        (one.value + two.value) / 2,
        (one.centre + two.centre) / 2,
        (one.slope + two.slope) / 2,
        (one.influence + two.influence) / 2,
        (one.offset + two.offset) / 2,
        (one.added + two.added) / 4,
        # the variance of the added units of a difference is 1 / size^2: the halves add up
        2 / np.sqrt(1 / one.size**2 + 1 / two.size**2) if added else np.inf,
        (),
        (one.runs + two.runs) / 2,
    )


def _panel_merit(both: GroupEstimate, noise: np.ndarray) -> PanelMerit:
    """Returns the merit of the panel, the last entry of an estimate, and of the networks."""
    centre = both.slope[:-1] - both.slope[-1]
    own = both.influence[-1] - both.offset
    return PanelMerit(
        float(both.value[-1]),
        float(np.sqrt(own @ own + both.added[-1])),
        both.value[:-1],
        centre,
        np.concatenate([both.influence[:-1] - both.influence[-1], noise], axis=1),
        (1 + 2 * centre**2) / both.size**2,
    )


def _noise(
    panel: Panel,
    runs: list[int],
    members: list[list[int]],
    finding: int,
    units: np.ndarray,
    metric: str,
) -> np.ndarray:
    """Returns what the choice of thresholds adds to a figure of merit, (A, K)."""
    drawn = panel.threshold_replicates
    none = np.zeros((len(members), 0))
    if drawn is None or metric == NET_BENEFIT or not panel.noisy[runs, finding].any():
        return none
    drawn = drawn[:_NOISE_REPLICATES, runs, finding]
    label = panel.labels[units, finding]
    sides = {SENSITIVITY: (1,), SPECIFICITY: (0,), BALANCED: (1, 0)}[metric]
    total = np.zeros((len(runs), len(drawn)))
    for side in sides:
        ordered = np.sort(panel.scores[runs][:, units[label == side], finding], axis=1)
        below = np.array(
            [
                np.searchsorted(row, limits, side="left") / len(row)
                for row, limits in zip(ordered, drawn.T, strict=True)
            ]
        )
        total += (1 - below if side else below) / len(sides)
    means = np.stack([total[one].mean(axis=0) for one in members])
    deviations = means - means.mean(axis=1, keepdims=True)
    return np.asarray(deviations / np.sqrt(max(len(drawn) - 1, 1)))

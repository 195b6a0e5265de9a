"""Networks of one finding as they are and recalibrated on validation, with the noise of the fit."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from cxrcompare.comparison.row_types.calibration_rows import Recalibrated
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.influence.influence_estimates import Estimates, Influences, combine
from cxrcompare.evaluation.probabilities import net_benefit, recalibrators
from cxrcompare.evaluation.probabilities.net_benefit import NetBenefits
from cxrcompare.evaluation.probabilities.recalibrators import LogisticFit

VERSIONS: tuple[Recalibrated, ...] = ("raw", "logistic", "isotonic")
_LOG_LOSS = "log_loss"


@dataclass(frozen=True)
class Versions:
    """The versions of all runs of a finding; those that could not be fitted are left out.

    Attributes:
        label: (N,) in {0, 1}, of the test set.
        patients: (N,), indices of the test patients, 0 to G - 1.
        fitted: The number of validation patients.
        scores: (K, N), of K versions of runs.
        fits: The fit of each; None for raw and isotonic ones.
        logits: (K, N), the logits of the raw probabilities; only of logistic versions.
        models: The names of the E entries.
        versions: Their versions.
        entries: The indices of the runs (seeds) of each entry.
    """

    label: np.ndarray
    patients: np.ndarray
    fitted: int
    scores: np.ndarray
    fits: tuple[LogisticFit | None, ...]
    logits: tuple[np.ndarray | None, ...]
    models: tuple[str, ...]
    versions: tuple[Recalibrated, ...]
    entries: tuple[tuple[int, ...], ...]

    @property
    def with_fit(self) -> list[bool]:
        """Whether the intervals of an entry contain the noise of its fit."""
        return [version == "logistic" for version in self.versions]


def recalibrated(
    labels: np.ndarray,
    scores: np.ndarray,
    patients: np.ndarray,
    validation: tuple[np.ndarray, np.ndarray, np.ndarray],
    members: dict[str, Sequence[int]],
) -> Versions:
    """Returns the versions of the networks.

    Args:
        labels: (N,) in {0, 1, NaN}, of the test set; unknown labels are excluded.
        scores: (M, N), of all runs.
        patients: (N,), indices of the test patients.
        validation: Labels (V,), scores (M, V) and indices of patients (V,) of validation.
        members: The runs of each network.
    """
    known = ~np.isnan(labels)
    held_labels, held_scores, held_patients = validation
    made: list[np.ndarray] = []
    fits: list[LogisticFit | None] = []
    logits: list[np.ndarray | None] = []
    described: list[tuple[str, Recalibrated, tuple[int, ...]]] = []
    for version in VERSIONS:
        for name, runs in members.items():
            parts = [
                _version(version, scores[m, known], held_labels, held_scores[m], held_patients)
                for m in runs
            ]
            if any(part is None for part in parts):
                continue
            described.append((name, version, tuple(range(len(made), len(made) + len(runs)))))
            for m, part in zip(runs, parts, strict=True):
                if part is not None:
                    made.append(part[0])
                    fits.append(part[1])
                    own = part[1] is not None
                    logits.append(recalibrators.logit(scores[m, known]) if own else None)
    return Versions(
        labels[known],
        patients[known],
        int(held_patients.max()) + 1,
        np.stack(made),
        tuple(fits),
        tuple(logits),
        tuple(one[0] for one in described),
        tuple(one[1] for one in described),
        tuple(one[2] for one in described),
    )


def _version(
    version: Recalibrated,
    scores: np.ndarray,
    labels: np.ndarray,
    probabilities: np.ndarray,
    patients: np.ndarray,
) -> tuple[np.ndarray, LogisticFit | None] | None:
    """Returns the probabilities of a version of a run, and its fit; None if it has none."""
    if version == "raw":
        return scores, None
    if version == "logistic":
        fit = recalibrators.fit_logistic(labels, probabilities, patients)
        return None if fit is None else (fit.apply(scores), fit)
    found = recalibrators.recalibrated(labels, probabilities, scores, version)
    return None if np.isnan(found).any() else (found, None)


def unit_means(one: Versions, metric: str) -> Estimates:
    """Returns the Brier score or the log loss of the entries, with what their tests need, (E, 2).

    The test patients and the validation patients are two sides: they are independent. A logistic
    fit changes the metric by its gradient in intercept and slope times the influence of a
    validation patient on these.

    Args:
        one: The versions of the networks.
        metric: "brier" or "log_loss".
    """
    return combine([_influences(one, metric)], one.entries, np.array([True]))


def gains(one: Versions, metric: str) -> tuple[Estimates, np.ndarray]:
    """Returns recalibrated minus raw, seed by seed, and which entries these are, (Q,).

    A version and its raw network have the same seeds, so the variance between seeds is that of
    their differences. The last estimate is 0, to compare with.
    """
    plain = _influences(one, metric)
    raw = {name: e for e, name in enumerate(one.models) if one.versions[e] == "raw"}
    entries = [e for e, version in enumerate(one.versions) if version != "raw"]
    pairs = [(one.entries[e], one.entries[raw[one.models[e]]]) for e in entries]
    first = np.array([k for own, _ in pairs for k in own], dtype=int)
    second = np.array([k for _, own in pairs for k in own], dtype=int)
    value = np.append(plain.value[first] - plain.value[second], 0.0)
    sides = plain.sides[:, first] - plain.sides[:, second]
    sides = np.concatenate([sides, np.zeros((len(sides), 1, sides.shape[2]))], axis=1)
    ends = np.cumsum([0, *(len(own) for own, _ in pairs)])
    groups = [range(a, b) for a, b in itertools.pairwise(ends)]
    groups.append(range(len(first), len(first) + 1))
    found = combine([Influences(value, sides, plain.patients)], groups, np.array([True]))
    return found, np.array(entries, dtype=int)


def _influences(one: Versions, metric: str) -> Influences:
    """Returns the metric of every version of a run, and the influence of patients; see above."""
    label, groups = one.label, int(one.patients.max()) + 1
    sides = np.zeros((2, len(one.scores), groups + one.fitted))
    value = np.empty(len(one.scores))
    size = np.bincount(one.patients, minlength=groups)
    present = int(np.count_nonzero(size))
    scale = np.sqrt(present / max(present - 1, 1)) / len(label)
    for k, p in enumerate(one.scores):
        units = (metrics.unit_log_loss if metric == _LOG_LOSS else metrics.unit_brier)(label, p)
        value[k] = units.mean()
        sides[0, k, :groups] = scale * (np.bincount(one.patients, units, groups) - size * value[k])
        fit, x = one.fits[k], one.logits[k]
        if fit is not None and x is not None:
            slope = p - label if metric == _LOG_LOSS else 2 * (p - label) * p * (1 - p)
            gradient = np.array([slope.mean(), (slope * x).mean()])
            sides[1, k, groups:] = fit.influence @ gradient
    return Influences(value, sides, np.array([present, one.fitted]))


class NetBenefitsOfVersions:
    """Net benefits of the versions at any threshold probability, with the noise of the fits.

    Args:
        one: The versions of the networks.
    """

    def __init__(self, one: Versions) -> None:
        self._one = one
        self._by_run = net_benefit.Sample(
            one.label, one.scores, one.patients, [[k] for k in range(len(one.scores))]
        )
        self._sample = net_benefit.Sample(one.label, one.scores, one.patients, one.entries)
        self._runs = [
            None if fit is None or x is None else _Run(fit, x, one.label)
            for fit, x in zip(one.fits, one.logits, strict=True)
        ]

    def at(self, threshold: float, paired: bool) -> NetBenefits:
        """Returns the net benefits at a threshold probability; see `net_benefit.estimate`."""
        found = net_benefit.estimate(self._sample, threshold, paired)
        influence = np.zeros((len(self._one.entries), self._one.fitted))
        for e, members in enumerate(self._one.entries):
            for k in members:
                run = self._runs[k]
                if run is not None:
                    influence[e] += run.influence(threshold) / len(members)
        noise = influence @ influence.T
        return replace(
            found,
            covariance=found.covariance + noise,
            parts=np.concatenate([found.parts, noise[None]]),
            patients=np.append(found.patients, self._one.fitted),
        )

    def seed_by_seed(self, found: NetBenefits, threshold: float) -> NetBenefits:
        """Returns net benefits whose seed variance is that of recalibrated minus raw.

        That of the raw entries is 0, so a difference of both has the variance of its seeds.
        """
        one = self._one
        runs = net_benefit.estimate(self._by_run, threshold, paired=False).value
        raw = {
            name: one.entries[e] for e, name in enumerate(one.models) if e < len(set(one.models))
        }
        variance = np.zeros(len(one.entries))
        for e, members in enumerate(one.entries):
            if one.versions[e] != "raw" and len(members) > 1:
                apart = runs[list(members)] - runs[list(raw[one.models[e]])]
                variance[e] = apart.var(ddof=1)
        return replace(found, seed_variance=variance)


class _Run:
    """The net benefit of a logistic recalibration as a function of intercept and slope."""

    def __init__(self, fit: LogisticFit, logits: np.ndarray, label: np.ndarray) -> None:
        order = np.argsort(logits, kind="stable")
        self._ascending = logits[order]
        hits = np.append(0, np.cumsum(label[order] == 1))
        self._hits, self._units = hits, len(label)
        self._beta = np.array([fit.intercept, fit.slope])
        covariance = fit.influence.T @ fit.influence
        self._steps = np.linalg.cholesky(covariance + 1e-15 * np.eye(2) * np.trace(covariance))
        self._influence = fit.influence @ np.linalg.inv(self._steps).T

    def influence(self, threshold: float) -> np.ndarray:
        """Returns the influence of each validation patient on the net benefit, (V,).

        The net benefit is a step function of the fit. Its change over one standard error to each
        side, in two independent directions, replaces the gradient.
        """
        change = [
            (self._value(self._beta + step, threshold) - self._value(self._beta - step, threshold))
            / 2
            for step in self._steps.T
        ]
        return np.asarray(self._influence @ np.array(change))

    def _value(self, beta: np.ndarray, threshold: float) -> float:
        wanted = float(special.logit(threshold)) - beta[0]
        units, hits = self._units, self._hits[-1]
        if beta[1] == 0:
            true, called = (hits, units) if wanted <= 0 else (0, 0)
        elif beta[1] > 0:
            below = int(np.searchsorted(self._ascending, wanted / beta[1], side="left"))
            true, called = hits - self._hits[below], units - below
        else:
            called = int(np.searchsorted(self._ascending, wanted / beta[1], side="right"))
            true = self._hits[called]
        return float(true - (called - true) * threshold / (1 - threshold)) / units

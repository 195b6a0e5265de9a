"""Networks as they are and recalibrated on validation: metrics, decision curves, paired tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
from scipy import special

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.decisions.calibration_errors import with_probabilities
from cxrcompare.comparison.decisions.decision_curves import GRID
from cxrcompare.comparison.decisions.recalibrated_versions import (
    NetBenefitsOfVersions,
    Versions,
    gains,
    recalibrated,
    unit_means,
)
from cxrcompare.comparison.inference.families import BETTER_IF_HIGHER, BETTER_IF_LOWER, verdict
from cxrcompare.comparison.inference.multiplicity import adjust_by
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.calibration_rows import (
    RecalibratedCurveRow,
    RecalibratedDifferenceRow,
    RecalibratedRow,
)
from cxrcompare.evaluation.bootstrap.resampling import index_patients
from cxrcompare.evaluation.influence import influence_tests
from cxrcompare.evaluation.influence.influence_estimates import Estimates, Influences, combine
from cxrcompare.evaluation.intervals import TWO_SEEDS
from cxrcompare.evaluation.metrics import LOWER_IS_BETTER
from cxrcompare.evaluation.probabilities import calibration, net_benefit
from cxrcompare.evaluation.probabilities import smooth_calibration as smooth
from cxrcompare.predictions import Aligned

_PATIENTS: Literal["test patients"] = "test patients"
_FIT: Literal["test patients and fit"] = "test patients and fit"
_Values = tuple[np.ndarray, np.ndarray, np.ndarray]
_Pairs = tuple[np.ndarray, np.ndarray]
_Tests = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


class RecalibratedTables(NamedTuple):
    """Rows of metrics, of paired differences, and of decision curves."""

    rows: list[RecalibratedRow]
    differences: list[RecalibratedDifferenceRow]
    curves: list[RecalibratedCurveRow]


def compare(panel: Panel, validation: Aligned | None, options: Options) -> RecalibratedTables:
    """Returns networks as they are and recalibrated on validation, per eligible finding.

    Intervals and tests of the Brier score, the log loss and the net benefit of a logistic
    recalibration contain the noise of its fit. The other ones hold for this fit.

    Args:
        panel: The runs that are compared.
        validation: The same networks on other patients; without it there are no rows.
        options: Decision thresholds, level, correction.
    """
    rows: list[RecalibratedRow] = []
    pairs: list[RecalibratedDifferenceRow] = []
    curves: list[RecalibratedCurveRow] = []
    names = with_probabilities(panel)
    if validation is None or not names:
        return RecalibratedTables([], [], [])
    held_patients, _ = index_patients(validation.patients.astype(str))
    for f in np.flatnonzero(panel.eligible):
        one = recalibrated(
            panel.labels[:, f],
            panel.scores[:, :, f],
            panel.resamples.patient,
            (validation.labels[:, f], validation.scores[:, :, f], held_patients),
            {name: panel.architectures[name] for name in names},
        )
        finding = panel.findings[f]
        for metric in ("brier", "log_loss"):
            found = unit_means(one, metric)
            scale = "log" if metric == "log_loss" else "logit"
            ends = influence_tests.intervals(found, options.level, scale)
            values = found.value[:, 0], ends[0][:, 0], ends[1][:, 0]
            rows += _rows(one, finding, metric, None, values, one.with_fit)
            gained, entries = gains(one, metric)
            zero = np.full(len(entries), len(entries))
            about = _tested(gained, np.arange(len(entries)), zero, options.level)
            first, second = _own_pairs(one)
            pairs += _differences(one, (first, second), finding, metric, None, about)
            first, second = _model_pairs(one)
            about = _tested(found, first, second, options.level)
            pairs += _differences(one, (first, second), finding, metric, None, about)
        for metric, values in _calibration(one, options.level):
            rows += _rows(one, finding, metric, None, values, [False] * len(one.entries))
        at = NetBenefitsOfVersions(one)
        for threshold in sorted({*GRID, *options.thresholds_of_decisions}):
            chosen = threshold in options.thresholds_of_decisions
            benefits = at.at(threshold, chosen)
            own = net_benefit.intervals(benefits, options.level)
            values = own.value, own.low, own.high
            curves += _curve(one, finding, threshold, values, benefits.standardised)
            if chosen:
                rows += _rows(one, finding, "net_benefit", threshold, values, one.with_fit)
                for chosen_pairs, tested in (
                    (_own_pairs(one), at.seed_by_seed(benefits, threshold)),
                    (_model_pairs(one), benefits),
                ):
                    every = net_benefit.differences(tested, *chosen_pairs, options.level)
                    about = every.value, every.low, every.high, every.p_value
                    pairs += _differences(
                        one, chosen_pairs, finding, "net_benefit", threshold, about
                    )
    return RecalibratedTables(rows, _adjusted(pairs, options), curves)


def _own_pairs(one: Versions) -> _Pairs:
    """Returns the recalibrated entries, and the raw one of each."""
    raw = {name: e for e, name in enumerate(one.models) if one.versions[e] == "raw"}
    found = [(e, raw[one.models[e]]) for e, name in enumerate(one.versions) if name != "raw"]
    first, second = np.array(found, dtype=int).reshape(-1, 2).T
    return first, second


def _model_pairs(one: Versions) -> _Pairs:
    """Returns the pairs of networks with a logistic fit."""
    logistic = [e for e, version in enumerate(one.versions) if version == "logistic"]
    found = [(a, b) for i, a in enumerate(logistic) for b in logistic[i + 1 :]]
    first, second = np.array(found, dtype=int).reshape(-1, 2).T
    return first, second


def _tested(found: Estimates, first: np.ndarray, second: np.ndarray, level: float) -> _Tests:
    tested = influence_tests.differences(found, first, second)
    low, high = tested.interval(level, (-np.inf, np.inf))
    two = (found.seeds[first] == TWO_SEEDS) | (found.seeds[second] == TWO_SEEDS)
    p_value = np.where(two, np.nan, tested.p_value[:, 0])
    return tested.difference[:, 0], low[:, 0], high[:, 0], p_value


def _calibration(one: Versions, level: float) -> Iterator[tuple[str, _Values]]:
    """Yields the metrics of calibration of the entries, with intervals that hold for this fit."""
    found = smooth.estimate(one.label, one.scores, one.patients, one.entries)
    own = smooth.intervals(found, level)
    ends = [smooth.root(side) for side in (own.value, own.low, own.high)]
    yield "smooth_calibration_error", (ends[0], ends[1], ends[2])
    fits = calibration.recalibrations(one.label, one.scores, one.patients, level)
    z = float(special.ndtri((1 + level) / 2))
    for metric, parts in (
        ("calibration_slope", [(fit.slope, fit.slope_influence) for fit in fits]),
        ("calibration_intercept", [(fit.intercept, fit.intercept_influence) for fit in fits]),
    ):
        value = np.array([part[0] for part in parts])
        sides = np.stack([part[1] for part in parts])[None]
        about = Influences(value, sides, np.array([sides.shape[2]]))
        joined = combine([about], one.entries, np.array([True]))
        variance = joined.patient_sd[:, 0] ** 2 + joined.seed_variance[:, 0] / joined.seeds
        half = z * np.sqrt(variance)
        yield metric, (joined.value[:, 0], joined.value[:, 0] - half, joined.value[:, 0] + half)


def _rows(
    one: Versions,
    finding: str,
    metric: str,
    threshold: float | None,
    values: _Values,
    with_fit: list[bool],
) -> list[RecalibratedRow]:
    return [
        RecalibratedRow(
            model=one.models[e],
            finding=finding,
            version=one.versions[e],
            metric=metric,
            threshold=threshold,
            value=float(values[0][e]),
            low=float(values[1][e]),
            high=float(values[2][e]),
            noise=_FIT if with_fit[e] else _PATIENTS,
        )
        for e in range(len(one.entries))
    ]


def _curve(
    one: Versions, finding: str, threshold: float, values: _Values, standardised: np.ndarray
) -> list[RecalibratedCurveRow]:
    return [
        RecalibratedCurveRow(
            model=one.models[e],
            finding=finding,
            version=version,
            threshold=threshold,
            net_benefit=float(values[0][e]),
            low=float(values[1][e]),
            high=float(values[2][e]),
            standardised=float(standardised[e]),
            noise=_FIT if one.with_fit[e] else _PATIENTS,
        )
        for e, version in enumerate(one.versions)
        if version != "raw"
    ]


def _differences(
    one: Versions,
    pairs: _Pairs,
    finding: str,
    metric: str,
    threshold: float | None,
    about: _Tests,
) -> list[RecalibratedDifferenceRow]:
    return [
        RecalibratedDifferenceRow(
            model_a=one.models[a],
            version_a=one.versions[a],
            model_b=one.models[b],
            version_b=one.versions[b],
            finding=finding,
            metric=metric,
            threshold=threshold,
            difference=float(about[0][q]),
            low=float(about[1][q]),
            high=float(about[2][q]),
            p_value=float(about[3][q]),
            p_adjusted=None,
            noise=_FIT if one.with_fit[a] or one.with_fit[b] else _PATIENTS,
            verdict="",
        )
        for q, (a, b) in enumerate(zip(*(side.tolist() for side in pairs), strict=True))
    ]


def _adjusted(
    rows: list[RecalibratedDifferenceRow], options: Options
) -> list[RecalibratedDifferenceRow]:
    """Adjusts the tests of a metric: those of recalibration, and those of pairs of networks."""
    families = [(row.metric, row.model_a == row.model_b) for row in rows]
    p_values = np.array([row.p_value for row in rows], dtype=float)
    adjusted = adjust_by(families, p_values, options.correction).tolist()
    return [
        row._replace(
            p_adjusted=p,
            verdict=verdict(
                row.difference,
                p,
                np.nan,
                options.level,
                BETTER_IF_LOWER if row.metric in LOWER_IS_BETTER else BETTER_IF_HIGHER,
            ),
        )
        for row, p in zip(rows, adjusted, strict=True)
    ]

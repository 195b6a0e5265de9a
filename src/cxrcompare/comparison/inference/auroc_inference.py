"""AUROC: tests and intervals of architectures by influence functions, over findings and seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.evaluation import student_t
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.auroc.auroc_tests import AurocDifference, AurocEstimates
from cxrcompare.evaluation.intervals import TWO_SEEDS


@dataclass(frozen=True)
class Tested:
    """Results for one or two architectures, (K,) each: K is the findings, then their mean.

    Attributes:
        low: Lower limit of the interval; NaN for a finding that is not eligible.
        high: Upper limit.
        p_value: Two-sided; NaN if no test is made.
        standard_error: The standard error.
        degrees: Degrees of freedom.
        method: The name of the method.
        found: The same for all findings, also where no test is made.
    """

    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    standard_error: np.ndarray
    degrees: np.ndarray
    method: str
    found: AurocDifference


def estimate(panel: Panel, entries: Sequence[Sequence[int]] | None = None) -> AurocEstimates:
    """Returns the AUROCs of all architectures and baselines, or of other sets of runs.

    Args:
        panel: The runs that are compared.
        entries: The indices of the runs of each entry; by default those of each architecture.
    """
    entries = [*panel.architectures.values()] if entries is None else entries
    return auroc_tests.estimate(
        panel.labels, panel.scores, panel.resamples.patient, entries, panel.eligible
    )


def difference(panel: Panel, estimates: AurocEstimates, a: int, b: int, level: float) -> Tested:
    """Returns the test of architecture `a` minus architecture `b`."""
    found = auroc_tests.difference(estimates, a, b, level)
    tested = _tested(panel, estimates)
    return Tested(
        np.where(tested, found.low, np.nan),
        np.where(tested, found.high, np.nan),
        np.where(_made(panel, estimates, a, b), found.p_value, np.nan),
        np.where(tested, found.standard_error, np.nan),
        found.degrees,
        _method(panel, estimates.seeds[[a, b]]),
        found,
    )


def not_inferior(
    panel: Panel, estimates: AurocEstimates, a: int, b: int, margin: float
) -> np.ndarray:
    """Returns one-sided p-values, (K,), of: the AUROC of `a` is lower than `b`'s by the margin."""
    found = auroc_tests.difference(estimates, a, b)
    return np.where(_made(panel, estimates, a, b), _above(found, 1, margin), np.nan)


def equivalence(
    panel: Panel, estimates: AurocEstimates, a: int, b: int, tested: Tested, margin: float
) -> np.ndarray:
    """Returns p-values, (K,), of: the AUROCs of `a` and `b` differ by the margin or more.

    Two one-sided tests; the p-value is the larger one.

    Args:
        panel: The runs that are compared.
        estimates: The AUROCs.
        a: The index of an architecture.
        b: The index of another one.
        tested: Their difference, from `difference`.
        margin: Above 0.

    Source: Schuirmann 1987, doi 10.1007/BF01068419.
    """
    p_value = np.maximum(_above(tested.found, 1, margin), _above(tested.found, -1, margin))
    return np.where(_made(panel, estimates, a, b), p_value, np.nan)


def _above(found: AurocDifference, sign: int, margin: float) -> np.ndarray:
    """Returns p-values, (K,), of: `sign` times the difference is at most minus the margin."""
    with np.errstate(invalid="ignore", divide="ignore"):
        p_value = student_t.upper_tail(
            (sign * found.difference + margin) / found.standard_error, found.degrees
        )
    alike = found.p_value == 1
    return np.where(alike & ~(p_value <= 1), 0.0, p_value)


def _made(panel: Panel, estimates: AurocEstimates, a: int, b: int) -> np.ndarray:
    """Returns whether two architectures are tested, (K,)."""
    return _tested(panel, estimates) & (TWO_SEEDS not in estimates.seeds[[a, b]])


def intervals(
    panel: Panel, estimates: AurocEstimates, level: float
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Returns low and high, (A, K), and the method of each architecture."""
    low, high = auroc_tests.intervals(estimates, level)
    tested = _tested(panel, estimates)
    methods = [f"{_method(panel, seeds[None])}, logit" for seeds in estimates.seeds]
    return np.where(tested, low, np.nan), np.where(tested, high, np.nan), methods


def _tested(panel: Panel, estimates: AurocEstimates) -> np.ndarray:
    """Returns whether an entry has intervals and tests, (K,)."""
    return np.append(panel.eligible, estimates.eligible.any())


def _method(panel: Panel, seeds: np.ndarray) -> str:
    name = "DeLong" if panel.independent else "Obuchowski"
    return f"{name} and seeds (Welch)" if (seeds > 1).any() else name

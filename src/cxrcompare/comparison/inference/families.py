"""Families of tests: the number of tests that share one error rate, and the adjusted p-values.

Half of the error rate of a family is for the mean over findings, the headline. The other half is
for single findings and for all findings pooled. The two halves add up to the error rate.

For a pair of models, "the difference is 0" and "the difference is at least the margin" cannot both
be true. So a pair has at most one true null hypothesis, and dividing the error rate by the number
of pairs, not by that of tests, controls false differences and false equivalences together.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

import numpy as np

from cxrcompare.comparison.inference.multiplicity import adjust_by, benjamini_hochberg, step_down
from cxrcompare.comparison.row_types.column_types import MEAN

_Word = TypeVar("_Word", bound=str)
Better = Literal["a_better", "b_better"]

BETTER_IF_HIGHER: tuple[Better, Better, Literal["undecided"]] = (
    "a_better",
    "b_better",
    "undecided",
)
"""The words of `verdict` if the higher value is better, without a test of equivalence."""

BETTER_IF_LOWER: tuple[Better, Better, Literal["undecided"]] = (
    "b_better",
    "a_better",
    "undecided",
)
"""The same if the lower value is better."""


class TestedRow(Protocol):
    """A row with a test of a difference and one of equivalence."""

    @property
    def finding(self) -> str:
        """The finding, or `MEAN`."""

    @property
    def p_value(self) -> float | None:
        """Of the difference."""

    @property
    def p_equivalence(self) -> float | None:
        """Of equivalence."""


@dataclass(frozen=True)
class FamilyTests:
    """The tests of one metric in one group of studies, (P, K) each.

    Attributes:
        p_value: Of no difference; NaN if there is no test.
        p_equivalence: Of a difference of at least the margin; NaN if there is no test.
        eligible: (F,) bool, the findings in the mean over findings, which is the entry F.
    """

    p_value: np.ndarray
    p_equivalence: np.ndarray
    eligible: np.ndarray


@dataclass(frozen=True)
class Adjusted:
    """Adjusted p-values, and the levels of the simultaneous intervals, (P, K) each."""

    p_value: np.ndarray
    p_equivalence: np.ndarray
    simultaneous_level: np.ndarray


def adjust_family(family: Sequence[FamilyTests], correction: str, level: float) -> list[Adjusted]:
    """Returns the tests of a family with adjusted p-values.

    With "bonferroni" a p-value is multiplied by the number of tests that share its half of the
    error rate, and doubled. It is below 1 - level exactly if the simultaneous interval, which has
    the level 1 - (1 - level) / factor, excludes 0. With "holm" the smallest p-values get the same
    factor and the others a smaller one (Shaffer's for the two hypotheses of a pair), so that a
    difference can be significant although the simultaneous interval includes 0. "fdr" controls the
    false discovery rate, of differences and of equivalences each.

    Args:
        family: The tests.
        correction: "bonferroni", "holm" or "fdr".
        level: 1 - the error rate of the family.
    """
    if not family:
        return []
    factor = factors(family)
    headline = [_headline(one) for one in family]
    counted = [_counted(one) for one in family]
    p_values, p_equivalence = (
        np.concatenate(
            [
                np.where(keep, getattr(one, name), np.nan).ravel()
                for one, keep in zip(family, counted, strict=True)
            ]
        )
        for name in ("p_value", "p_equivalence")
    )
    if correction == "fdr":
        found = [benjamini_hochberg(p_values), benjamini_hochberg(p_equivalence)]
    elif correction == "holm":
        part = np.concatenate([one.ravel() for one in headline])
        found = _halves(p_values, p_equivalence, part)
    else:
        times = np.concatenate([one.ravel() for one in factor])
        found = [np.minimum(p_values * times, 1.0), np.minimum(p_equivalence * times, 1.0)]
    ends = np.cumsum([one.p_value.size for one in family])[:-1]
    different, equivalent = (np.split(values, ends) for values in found)
    return [
        Adjusted(
            _repeated(different[i], one, headline[i]),
            _repeated(equivalent[i], one, headline[i]),
            1 - (1 - level) / factor[i],
        )
        for i, one in enumerate(family)
    ]


def _halves(p_values: np.ndarray, p_equivalence: np.ndarray, part: np.ndarray) -> list[np.ndarray]:
    """Returns p-values that are adjusted step by step within each half of the error rate."""
    found = [np.full_like(p_values, np.nan), np.full_like(p_values, np.nan)]
    defined = ~np.isnan(p_values)
    halves = 2 if (defined & part).any() and (defined & ~part).any() else 1
    for one in (part, ~part):
        steps = step_down(p_values[one], p_equivalence[one])
        for whole, values in zip(found, steps, strict=True):
            whole[one] = np.minimum(halves * values, 1.0)
    return found


def _repeated(values: np.ndarray, tests: FamilyTests, headline: np.ndarray) -> np.ndarray:
    """Returns the values with that of the mean for each entry that equals the mean, (P, K)."""
    values = values.reshape(headline.shape)
    mean = values[:, [len(tests.eligible)]]
    return np.where(headline & ~np.isnan(tests.p_value), mean, values)


def factors(family: Sequence[FamilyTests]) -> list[np.ndarray]:
    """Returns the factor of each p-value under Bonferroni's correction, (P, K); 1 at least."""
    headline = [_headline(one) for one in family]
    counted = [_counted(one) for one in family]
    numbers = [
        sum(
            int((keep & (part == side)).sum()) for keep, part in zip(counted, headline, strict=True)
        )
        for side in (True, False)
    ]
    halves = 2 if min(numbers) else 1
    return [np.where(part, *(max(halves * number, 1) for number in numbers)) for part in headline]


def _headline(tests: FamilyTests) -> np.ndarray:
    """Returns the entries that share the error rate of the mean, (P, K) bool.

    They are the mean, and a finding that is the only one in it. With one finding in all, all
    findings pooled are that finding too.
    """
    findings = len(tests.eligible)
    found = np.zeros(tests.p_value.shape, dtype=bool)
    found[:, findings] = True
    if tests.eligible.sum() == 1:
        found[:, :findings] = tests.eligible
    return np.ones_like(found) if findings == 1 else found


def _counted(tests: FamilyTests) -> np.ndarray:
    """Returns the tests that are counted, (P, K) bool: a hypothesis is counted once."""
    defined = ~np.isnan(tests.p_value)
    same = _headline(tests)
    same[:, len(tests.eligible)] = False  # the mean itself is counted
    return defined & ~same


def adjust_rows(
    families: Sequence[Hashable], findings: Sequence[str], p_values: np.ndarray, correction: str
) -> list[float]:
    """Returns the adjusted p-values of the rows of a table.

    Half of the error rate of a family is for the rows of the mean over findings and half for those
    of single findings. If there is a single finding only, it is the mean, and nothing is halved.

    Args:
        families: The family of each row.
        findings: The finding of each row, or `MEAN`.
        p_values: (T,).
        correction: "bonferroni", "holm" or "fdr".
    """
    means = [finding == MEAN for finding in findings]
    found = adjust_by(list(zip(families, means, strict=True)), p_values, correction)
    return _with_halves(found, families, findings, p_values, correction)


def adjust_both(
    rows: Sequence[TestedRow], families: Sequence[Hashable], correction: str
) -> tuple[list[float], list[float]]:
    """Returns the adjusted p-values of differences and of equivalence; see `adjust_rows`.

    With "bonferroni" and "holm" a family's false differences and false equivalences together have
    the error rate, because a row has at most one true null hypothesis.
    """
    findings = [row.finding for row in rows]
    different = np.array([row.p_value for row in rows], dtype=float)
    equal = np.array([row.p_equivalence for row in rows], dtype=float)
    if correction != "holm":
        return (
            adjust_rows(families, findings, different, correction),
            adjust_rows(families, findings, equal, correction),
        )
    found = np.full((2, len(rows)), np.nan)
    members: dict[Hashable, list[int]] = {}
    for index, (family, finding) in enumerate(zip(families, findings, strict=True)):
        members.setdefault((family, finding == MEAN), []).append(index)
    for indices in members.values():
        found[:, indices] = step_down(different[indices], equal[indices])
    one, other = (
        _with_halves(values, families, findings, different, correction) for values in found
    )
    return one, other


def _with_halves(
    adjusted: np.ndarray,
    families: Sequence[Hashable],
    findings: Sequence[str],
    p_values: np.ndarray,
    correction: str,
) -> list[float]:
    """Returns the p-values, doubled where a family has a mean and several findings with tests."""
    names: dict[Hashable, set[str]] = {}
    for family, finding, p_value in zip(families, findings, p_values.tolist(), strict=True):
        if p_value == p_value:
            names.setdefault(family, set()).add(finding)
    halved = [len(names.get(family, ())) > 2 and correction != "fdr" for family in families]
    doubled = np.where(np.isnan(adjusted), np.nan, np.minimum(2 * adjusted, 1.0))
    found: list[float] = np.where(halved, doubled, adjusted).tolist()
    return found


def verdict(
    difference: float | None,
    p_value: float,
    p_equivalence: float,
    level: float,
    words: tuple[_Word, _Word, _Word],
) -> _Word | Literal["", "undecided"]:
    """Returns the verdict of a difference and an equivalence test; "" if there is no test.

    Args:
        difference: The difference.
        p_value: The adjusted p-value of the difference.
        p_equivalence: The adjusted p-value of equivalence; NaN if there is no such test.
        level: 1 minus the error rate of the family.
        words: What it means if the difference is above 0, below 0, and within the margin.
    """
    above, below, within = words
    if not p_value <= 1:
        return ""
    if p_value < 1 - level:
        return above if (difference or 0.0) > 0 else below
    return within if p_equivalence < 1 - level else "undecided"

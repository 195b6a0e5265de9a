"""Multiple testing: Bonferroni, Holm, Benjamini-Hochberg, and tie groups of models."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np


def holm(p_values: np.ndarray) -> np.ndarray:
    """Returns Holm's step-down adjusted p-values, (T,); NaN stay NaN and are not counted.

    Rejecting if the adjusted p-value is below alpha limits the family-wise error rate to alpha
    under any dependence of the tests. Source: Holm 1979, Scand J Stat 6:65-70,
    https://www.jstor.org/stable/4615733.
    """
    return _adjust(
        p_values, lambda ordered, tests: np.maximum.accumulate(ordered * np.arange(tests, 0, -1))
    )


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Returns Benjamini and Hochberg's step-up adjusted p-values, (T,); NaN stay NaN.

    They control the false discovery rate.

    Source: Benjamini & Hochberg 1995, doi 10.1111/j.2517-6161.1995.tb02031.x.
    """
    return _adjust(
        p_values,
        lambda ordered, tests: np.minimum.accumulate(
            (ordered * tests / np.arange(1, tests + 1))[::-1]
        )[::-1],
    )


def bonferroni(p_values: np.ndarray) -> np.ndarray:
    """Returns p-values times their number, (T,); NaN stay NaN and are not counted.

    The error rate is controlled as by `holm`, and simultaneous intervals of the level
    1 - alpha / T agree with the tests. Source: Dunn 1961, doi 10.1080/01621459.1961.10482090.
    """
    return _adjust(p_values, lambda ordered, tests: ordered * tests)


def step_down(p_values: np.ndarray, p_equivalence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns Holm's adjusted p-values of pairs with two hypotheses each, of which one is true.

    The factor of the smallest p-values is the number of pairs; it falls by one each time that both
    hypotheses of a pair have been rejected.

    Args:
        p_values: (T,), of no difference.
        p_equivalence: (T,), of a difference of at least the margin; NaN if it is not tested.

    Source: Shaffer 1986, doi 10.1080/01621459.1986.10478341 (logically related hypotheses).
    """
    every = np.concatenate([p_values, p_equivalence])
    adjusted = np.full(every.shape, np.nan)
    number = len(p_values)
    left = np.sum(~np.isnan([p_values, p_equivalence]), axis=0)
    pairs, largest = int((left > 0).sum()), 0.0
    for index in np.argsort(every, kind="stable"):
        if np.isnan(every[index]):
            break
        largest = max(largest, min(every[index] * pairs, 1.0))
        adjusted[index] = largest
        left[index % number] -= 1
        pairs -= int(left[index % number] == 0)
    return adjusted[:number], adjusted[number:]


def adjust(p_values: np.ndarray, correction: str) -> np.ndarray:
    """Returns p-values adjusted by "bonferroni", "holm" or "fdr"."""
    rules = {"bonferroni": bonferroni, "holm": holm, "fdr": benjamini_hochberg}
    return rules[correction](p_values)


def adjust_by(families: Sequence[Hashable], p_values: np.ndarray, correction: str) -> np.ndarray:
    """Returns the p-values adjusted over the members of each family.

    Args:
        families: The family of each p-value.
        p_values: (T,).
        correction: The correction.
    """
    members: dict[Hashable, list[int]] = {}
    for index, family in enumerate(families):
        members.setdefault(family, []).append(index)
    adjusted = np.full(len(families), np.nan)
    for indices in members.values():
        adjusted[indices] = adjust(p_values[indices], correction)
    return adjusted


def _adjust(p_values: np.ndarray, rule) -> np.ndarray:  # type: ignore[no-untyped-def]
    values = np.asarray(p_values, dtype=np.float64)
    adjusted = np.full(values.shape, np.nan)
    defined = np.flatnonzero(~np.isnan(values))
    order = defined[np.argsort(values[defined], kind="stable")]
    if len(order):
        adjusted[order] = np.minimum(rule(values[order], len(order)), 1.0)
    return adjusted


def tie_groups(models: int, different: Sequence[tuple[int, int]]) -> list[str]:
    """Returns each model's letters; two models share a letter unless they differ significantly.

    The algorithm is insert-and-absorb (Piepho 2004, doi 10.1198/1061860043515). Letters are
    assigned in the order of the models, which should be their rank.

    Args:
        models: The number of models.
        different: Pairs of indices of models that differ significantly.
    """
    groups = [frozenset(range(models))]
    for first, second in different:
        split: list[frozenset[int]] = []
        for group in groups:
            if first in group and second in group:
                split += [group - {first}, group - {second}]
            else:
                split.append(group)
        unique = list(dict.fromkeys(split))
        groups = [one for one in unique if not any(one < other for other in unique)]
    groups.sort(key=sorted)
    return [
        "".join(_letter(index) for index, group in enumerate(groups) if model in group)
        for model in range(models)
    ]


def _letter(index: int) -> str:
    return chr(ord("a") + index % 26) + "'" * (index // 26)

"""What would settle it: how many units would resolve each difference that was left open."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from statistics import NormalDist

from cxrcompare.reporting import numbers
from cxrcompare.reporting.estimates import Difference, Results, standard_error


@dataclass(frozen=True)
class Open:
    """A pair that was not told apart, and what would be needed to tell it apart.

    Attributes:
        difference: What was observed, the higher network first.
        units: Units needed, or None where the interval does not allow to say.
        times: How many times the present number that is.
    """

    difference: Difference
    units: int | None
    times: float


def unresolved(results: Results, power: float | None = None) -> list[Open]:
    """Returns the pairs of networks that no adjusted test told apart, fewest units needed first.

    If the observed difference d were the true one, a two-sided test at the comparison's level would
    find it with the power asked for in n * ((z_level + z_power) * s / d)^2 units, where s is the
    standard error that the observed interval implies on the present n units and shrinks with the
    square root of n. Correction for many tests comes on top. Where the interval holds noise of
    seeds too, seeds must grow in the same proportion.

    Args:
        results: The comparison.
        power: The power asked for; the comparison's own, else 0.8.
    """
    row = results.resolution(results.scope)
    wanted = power or (row["power"] if row and numbers.defined(row["power"]) else 0.8)
    quantile = NormalDist().inv_cdf(0.5 + results.level / 2) + NormalDist().inv_cdf(wanted)
    found = []
    for first, second in itertools.combinations(results.networks, 2):
        difference = results.difference(first, second, results.scope)
        if difference is None or results.rejects(difference):
            continue
        higher = difference if difference.value >= 0 else difference.turned
        found.append(_needed(results, higher, quantile))
    return sorted(found, key=lambda item: item.times)


def _needed(results: Results, difference: Difference, quantile: float) -> Open:
    error = standard_error(difference, results.level)
    if not numbers.defined(error) or error <= 0 or difference.value <= 0:
        return Open(difference, None, math.inf)
    times = (quantile * error / difference.value) ** 2
    units = results.units
    return Open(difference, math.ceil(units * times) if units else None, times)


def seeds_matter(results: Results) -> list[str]:
    """Returns the networks whose seeds move the headline more than the patients do."""
    found = []
    for name in results.networks:
        estimate = results.estimate(name, results.scope)
        if (
            estimate
            and numbers.defined(estimate.seed_sd)
            and numbers.defined(estimate.patient_sd)
            and estimate.seed_sd > estimate.patient_sd
        ):
            found.append(name)
    return found


def next_steps(results: Results) -> list[str]:
    """Returns where to go from here, one sentence each, only where the numbers ask for it."""
    steps = []
    single = [name for name in results.networks if len(_seeds(results, name)) == 1]
    if single and len(results.networks) > 1:
        who = "Each network" if len(single) == len(results.networks) else numbers.listed(single)
        steps.append(
            f"{who} was trained with one seed: the intervals hold the noise of patients, not of "
            "training. Train each with at least three seeds before choosing between neighbours."
        )
    noisy = seeds_matter(results)
    if noisy:
        steps.append(
            f"Seeds move {numbers.listed(noisy)} more than patients do: more seeds, or an average "
            "of seeds, will narrow the interval more than a larger test set."
        )
    few = [
        row for row in results.comparison.counts.to_dict("records")
        if numbers.defined(row["positives"]) and row["positives"] < 20
    ]  # fmt: skip
    if few:
        told = numbers.listed(
            [f"{row['finding']} ({numbers.count(row['positives'])})" for row in few]
        )
        steps.append(
            f"Fewer than 20 positives: {told}. Collect more before judging these findings."
        )
    if results.comparison.protocol.get("thresholds_source") in (None, "", "fixed", "none", "0.5"):
        steps.append(
            "Thresholds were not chosen on validation data: give validation predictions before "
            "reading accuracy, sensitivity or specificity."
        )
    if results.comparison.protocol.get("synthetic"):
        steps.append(
            "The radiographs are synthetic: repeat the comparison on real ones. Nothing here says "
            "how these networks do on patients."
        )
    return steps


def _seeds(results: Results, name: str) -> list[object]:
    for row in results.comparison.models:
        if row["name"] == name:
            return list(row.get("seeds") or [])
    return []

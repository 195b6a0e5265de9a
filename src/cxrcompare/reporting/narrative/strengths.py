"""Strengths and limitations of each network by finding, from the adjusted tests."""

from __future__ import annotations

from dataclasses import dataclass, field

from cxrcompare.comparison.row_types.reader_rows import ReaderRow
from cxrcompare.reporting.narrative import against_baselines
from cxrcompare.reporting.results import further_results, numbers, reader_table
from cxrcompare.reporting.results.lookup import Results


@dataclass
class Profile:
    """Strengths and limitations of one network.

    Attributes:
        name: The network.
        strengths: One sentence each.
        limits: The limitations, one sentence each.
    """

    name: str
    strengths: list[str] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)


def profiles(results: Results) -> list[Profile]:
    """Returns the profile of each network, in the order of the main table."""
    found = []
    for name in results.networks:
        profile = Profile(name)
        for finding in results.comparison.findings:
            _finding(results, profile, finding)
        better, worse = against_baselines.lines(results, name)
        profile.strengths += better
        profile.limits += worse
        _readers(results, profile)
        _seeds(results, profile)
        profile.limits += further_results.significant_gaps(results, name)
        found.append(profile)
    return found


def _finding(results: Results, profile: Profile, finding: str) -> None:
    """Adds at most one strength and one limitation, each supported by a test or an interval."""
    name, others = profile.name, [other for other in results.networks if other != profile.name]
    estimate = results.estimate(name, finding)
    if estimate is None:
        return
    value = f"AUROC {estimate.value:.3f}" + (f", {estimate.interval}" if estimate.interval else "")
    if numbers.defined(estimate.positives) and estimate.positives < 20:
        value += f"; only {numbers.plural(int(estimate.positives), 'positive')}"
    worse = [other for other in others if results.is_better(name, other, finding)]
    better = [other for other in others if results.is_better(other, name, finding)]
    if worse:
        profile.strengths.append(
            f"{finding}: significantly better than {_names(worse, others)} ({value})."
        )
    limits = [f"significantly worse than {_names(better, others)}"] if better else []
    if results.worse_than_chance(name, finding):
        limits.append("ranks worse than chance")
    elif numbers.defined(estimate.low) and estimate.low <= 0.5:
        limits.append("not shown to rank better than chance")
    if limits:
        profile.limits.append(f"{finding}: {', '.join(limits)} ({value}).")


def _readers(results: Results, profile: Profile) -> None:
    """Adds the readers than whom the network is significantly better or worse, per finding."""
    verdicts = reader_table.verdicts(results, profile.name)
    for sign, word, lines in (
        (1, "better", profile.strengths),
        (-1, "worse", profile.limits),
    ):
        for finding in results.comparison.findings:
            found = [row for row in verdicts.get(finding, ()) if reader_table.sign(row) == sign]
            if found:
                names = numbers.listed([str(row.reader) for row in found])
                lines.append(
                    f"{finding}: significantly {word} than {names} at the reader's specificity "
                    f"or sensitivity ({_gains(found)})."
                )


def _gains(found: list[ReaderRow]) -> str:
    """Returns the differences in sensitivity, else in specificity, and the largest p-value."""
    parts = []
    for rate in ("sensitivity", "specificity"):
        gains = sorted(
            gain for row in found if numbers.defined(gain := getattr(row, f"{rate}_difference"))
        )
        if gains:
            shown = list(dict.fromkeys(numbers.decimal(gain) for gain in (gains[0], gains[-1])))
            parts.append(f"difference in {rate} {' to '.join(shown)}")
    p_value = max(row.p_adjusted for row in found if row.p_adjusted is not None)
    return "; ".join([*parts, f"adjusted {numbers.p_value(p_value)}"])


def _seeds(results: Results, profile: Profile) -> None:
    estimate = results.estimate(profile.name, results.scope)
    if estimate and estimate.seeds_dominate:
        profile.limits.append(
            f"The standard deviation over seeds ({estimate.seed_sd:.3f}) is larger than that over "
            f"patients ({estimate.patient_sd:.3f})."
        )


def _names(chosen: list[str], others: list[str]) -> str:
    if len(chosen) == len(others) and len(others) > 2:
        return "every other network"
    return numbers.listed(chosen)

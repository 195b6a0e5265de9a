"""The answer in a few sentences; each is there only because a test or an interval says it."""

from __future__ import annotations

import itertools

from cxrcompare.evaluation.metrics import difference_span
from cxrcompare.reporting.narrative import against_baselines
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import PRIMARY, Difference, Results, text

MOST_NAMED = 6
"""Above so many networks that cannot be told apart the answer counts them."""


def answer(results: Results) -> list[str]:
    """Returns the answer, one sentence per item, most important first."""
    scored = [name for name in results.networks if results.estimate(name, results.scope)]
    if not scored:
        return [
            "Nothing can be said of these networks: no finding has both positive and negative "
            f"{results.unit_words[1]}, so AUROC is not defined."
        ]
    found = [_alone(results, scored[0])] if len(scored) == 1 else _compared(results, scored)
    told = against_baselines.sentences(results, scored, quality(results)) or _chance(
        results, scored
    )
    return [*found, *told, *_worse_than_chance(results), *_resolution(results)]


def quality(results: Results) -> str:
    """Returns what the headline measures: "mean AUROC" or the only finding's AUROC."""
    if len(results.comparison.findings) == 1:
        return f"AUROC of {results.comparison.findings[0]}"
    return "mean AUROC" if results.scope == "mean" else f"AUROC of {results.scope}"


def sample(results: Results) -> str:
    """Returns the sample in words, "these 668 studies"."""
    one, many = results.unit_words
    units = results.units
    if units is None:
        return f"these {many}"
    return f"this one {one}" if units == 1 else f"these {numbers.count(units)} {many}"


def indistinct(results: Results, finding: str | None = None) -> list[str]:
    """Returns the best network and those that no adjusted test tells apart from it.

    "Best" is the first by the estimate. A pair that was not tested counts as not told apart.
    """
    where = finding or results.scope
    scored = [(results.estimate(name, where), name) for name in results.networks]
    ordered = [
        name
        for found, name in sorted(
            ((found, name) for found, name in scored if found), key=lambda pair: -pair[0].value
        )
    ]
    if not ordered:
        return []
    return [
        name
        for name in ordered
        if name == ordered[0] or not _apart(results, ordered[0], name, where)
    ]


def _alone(results: Results, name: str) -> str:
    found = results.estimate(name, results.scope)
    return (
        f"{name} reaches {_article(quality(results))} of {_value(results, name)} on "
        f"{sample(results)}; with one network there is nothing to compare it with but the "
        "trivial models."
        if found
        else ""
    )


def _article(words: str) -> str:
    return f"{'an' if words.startswith('A') else 'a'} {words}"


def _compared(results: Results, scored: list[str]) -> list[str]:
    group = indistinct(results)
    first, rest = group[0], [name for name in scored if name not in group]
    if len(group) == 1:
        nearest = max(rest, key=lambda name: _point(results, name))
        difference = results.difference(first, nearest, results.scope)
        margin = f", by {_margin(difference)}" if difference else ""
        others = (
            "the other network" if len(rest) == 1 else f"each of the other {len(rest)} networks"
        )
        closest = f"; the closest is {nearest}{margin}" if len(rest) > 1 else f", {nearest}{margin}"
        return [
            f"{first} has the highest {quality(results)}, {_value(results, first)}, and beats "
            f"{others}{closest}."
        ]
    untested = [name for name in group[1:] if not _tested(results, first, name)]
    if len(group) - len(untested) > MOST_NAMED:
        return _many(results, group, untested, rest)
    return [_tied(results, group, untested), *_beaten(results, group, rest)]


def _many(results: Results, group: list[str], untested: list[str], rest: list[str]) -> list[str]:
    """The answer where it would be a list of names: counts, and who is best."""
    first, tied = group[0], len(group) - len(untested) - 1
    others = f"{tied} of the other {len(results.networks) - 1} networks"
    told = [
        f"{first} has the highest {quality(results)}, {_value(results, first)}, but cannot be told "
        f"apart from {others} on {sample(results)}."
    ]
    if rest:
        names = f": {numbers.listed(rest)}" if len(rest) <= MOST_NAMED else ""
        told.append(f"It beats {numbers.spelled(len(rest))}{names}.")
    if untested:
        told.append(f"It was not tested against {numbers.spelled(len(untested))}.")
    return told


def _tied(results: Results, group: list[str], untested: list[str]) -> str:
    tested = [name for name in group if name not in untested]
    pairs = [pair for pair in itertools.combinations(tested, 2) if _apart(results, *pair)]
    values = f"{quality(results)} "
    values += numbers.listed([f"{_point(results, name):.3f}" for name in tested])
    tail = _smallest(results, tested, bool(pairs))
    if untested and len(tested) == 1:
        return (
            f"{group[0]} has the highest {quality(results)}, {_value(results, group[0])}, but its "
            f"difference from {numbers.listed(untested)} was not tested or is not defined."
        )
    if not pairs:
        sentence = f"{numbers.listed(tested)} cannot be told apart on {sample(results)}"
    else:
        apart = numbers.listed(
            [
                f"{numbers.listed(winners)} {'beats' if len(winners) == 1 else 'beat'} {loser}"
                for loser in tested
                if (winners := [better for better, worse in pairs if worse == loser])
            ]
        )
        sentence = (
            f"{group[0]} cannot be told apart from {numbers.listed(tested[1:])} on "
            f"{sample(results)}, although {apart}"
        )
    sentence += f" ({values}; {tail})."
    if untested:
        sentence += f" {group[0]} was not tested against {numbers.listed(untested)}."
    return sentence


def _smallest(results: Results, tested: list[str], apart: bool) -> str:
    """The smallest adjusted p-value of all pairs; first that of the leader where some differ."""
    p_values = {
        pair: difference.p_adjusted
        for pair in itertools.combinations(tested, 2)
        if (difference := results.difference(*pair, results.scope))
        and numbers.defined(difference.p_adjusted)
    }
    of_all = f"smallest adjusted {numbers.p_value(min(p_values.values(), default=None))}"
    if not apart:
        return of_all
    leading = min((p for pair, p in p_values.items() if tested[0] in pair), default=None)
    return f"smallest adjusted {numbers.p_value(leading)} of {tested[0]}; {of_all} of all pairs"


def _beaten(results: Results, group: list[str], rest: list[str]) -> list[str]:
    """What the leading group says of the others: beaten by all of it, or only by some."""
    by_all = [name for name in rest if all(_apart(results, lead, name) for lead in group)]
    sentences = []
    if by_all:
        who = "Both" if len(group) == 2 else f"All {numbers.spelled(len(group))}"
        sentences.append(f"{who} beat {numbers.listed(by_all)}.")
    partly = [name for name in rest if name not in by_all]
    if len(partly) > 2:
        some = f"Only some of these beat {numbers.listed(partly)}"
        return [*sentences, f"{some}; the matrix of differences has every pair."]
    for name in partly:
        winners = [lead for lead in group if _apart(results, lead, name)]
        others = [lead for lead in group if lead not in winners]
        verb = "beats" if len(winners) == 1 else "beat"
        also = "does not" if len(others) == 1 else "do not"
        sentences.append(
            f"{numbers.listed(winners)} {verb} {name}; {numbers.listed(others)} {also}, as far as "
            "these data show."
        )
    return sentences


def _chance(results: Results, scored: list[str]) -> list[str]:
    """Networks whose interval does not lie above 0.5, where no test against baselines says it."""
    unsure = [
        name
        for name in scored
        if (found := results.estimate(name, results.scope))
        and numbers.defined(found.low)
        and found.low <= 0.5
    ]
    if not unsure:
        return []
    verb, whose = ("is", "its interval does") if len(unsure) == 1 else ("are", "their intervals do")
    return [
        f"{numbers.listed(unsure)} {verb} not shown to rank better than chance: {whose} not lie "
        "above 0.5."
    ]


def _worse_than_chance(results: Results) -> list[str]:
    """Networks that the adjusted test over all runs and findings finds worse than chance."""
    found = {
        name: [f for f in results.comparison.findings if results.worse_than_chance(name, f)]
        for name in results.networks
    }
    return [
        f"{name} ranks worse than chance on {numbers.listed(findings)}: check for inverted scores "
        "and swapped labels, rows or columns."
        for name, findings in found.items()
        if findings
    ]


def _resolution(results: Results) -> list[str]:
    """The minimum detectable difference, and what it does not hold."""
    row = results.resolution(results.scope)
    if row is None:
        return []
    smallest = row["minimum_detectable_difference"]
    power = row["power"]
    rests = f" with a nominal power of {numbers.percent(power)}" if numbers.defined(power) else ""
    rests += f" ({row['basis']})" if text(row["basis"]) else ""
    if smallest >= difference_span(PRIMARY)[1]:
        return [f"One unadjusted test detects no possible difference in {quality(results)}{rests}."]
    several = len(results.networks) > 2 and results.comparison.protocol.get("correction") != "none"
    less = "; the correction for many tests lowers the power" if several else ""
    return [
        f"One unadjusted test detects a difference in {quality(results)} of about "
        f"{numbers.decimal(smallest)}{rests}{less}. Smaller differences may exist."
    ]


def _apart(results: Results, better: str, worse: str, finding: str | None = None) -> bool:
    return results.beats(better, worse, finding or results.scope)


def _tested(results: Results, first: str, second: str) -> bool:
    found = results.difference(first, second, results.scope)
    return found is not None and numbers.defined(found.p_adjusted)


def _point(results: Results, name: str) -> float:
    found = results.estimate(name, results.scope)
    return found.value if found else float("-inf")


def _value(results: Results, name: str) -> str:
    found = results.estimate(name, results.scope)
    if found is None:
        return numbers.UNDEFINED
    level = numbers.percent(results.level)
    return f"{found.value:.3f}" + (
        f" ({level} interval {found.interval})" if found.interval else ""
    )


def _margin(difference: Difference) -> str:
    words = f"{difference.value:.3f} ({numbers.interval(difference.low, difference.high)}"
    return f"{words}; adjusted {numbers.p_value(difference.p_adjusted)})"

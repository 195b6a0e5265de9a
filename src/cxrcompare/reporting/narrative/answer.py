"""The summary of the report in a few sentences, each supported by a test or an interval."""

from __future__ import annotations

import itertools

from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.evaluation.metrics import difference_span
from cxrcompare.reporting.narrative import against_baselines
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.estimated import Difference
from cxrcompare.reporting.results.lookup import PRIMARY, Results, text

MOST_NAMED = 6
"""The largest number of networks without significant difference that are listed by name."""


def answer(results: Results) -> list[str]:
    """Returns the summary, one sentence per item, most important first."""
    scored = [name for name in results.networks if results.estimate(name, results.scope)]
    if not scored:
        fewest = results.comparison.protocol.get("min_patients") or 10
        return [
            f"The networks cannot be compared: no finding has at least {fewest} patients with a "
            f"positive and {fewest} with a negative, so there is no mean AUROC, no interval and no "
            "test."
        ]
    found = [_alone(results, scored[0])] if len(scored) == 1 else _compared(results, scored)
    baselines = against_baselines.sentences(results, scored, quality(results))
    return [
        *found,
        *(baselines or against_baselines.chance(results, scored)),
        *against_baselines.worse_than_chance(results),
        *_resolution(results),
    ]


def quality(results: Results) -> str:
    """Returns the name of the headline metric: "mean AUROC", or the AUROC of the only finding."""
    if len(results.comparison.findings) == 1:
        return f"AUROC of {results.comparison.findings[0]}"
    return "mean AUROC" if results.scope == MEAN else f"AUROC of {results.scope}"


def sample(results: Results) -> str:
    """Returns the sample as text, e.g. "these 668 studies"."""
    one, many = results.unit_words
    units = results.units
    if units is None:
        return f"these {many}"
    return f"this one {one}" if units == 1 else f"these {numbers.count(units)} {many}"


def leading_group(results: Results, finding: str | None = None) -> list[str]:
    """Returns the best network and those that are not significantly worse.

    The best network has the highest estimate. A pair without a test counts as not significant.
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
        if name == ordered[0] or not _is_better(results, ordered[0], name, where)
    ]


def _alone(results: Results, name: str) -> str:
    found = results.estimate(name, results.scope)
    return (
        f"{name} has {_article(quality(results))} of {_value(results, name)} on "
        f"{sample(results)}. It is the only network, so it is compared with the baselines only."
        if found
        else ""
    )


def _article(words: str) -> str:
    return f"{'an' if words.startswith('A') else 'a'} {words}"


def _compared(results: Results, scored: list[str]) -> list[str]:
    group = leading_group(results)
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
            f"{first} has the highest {quality(results)}, {_value(results, first)}, and is "
            f"significantly better than {others}{closest}."
        ]
    untested = [name for name in group[1:] if not _tested(results, first, name)]
    if len(group) - len(untested) > MOST_NAMED:
        return _many(results, group, untested, rest)
    return [
        _tied(results, group, untested),
        *_equivalent(results, group),
        *_significantly_worse(results, group, rest),
    ]


def _equivalent(results: Results, group: list[str]) -> list[str]:
    """Returns the sentence on the equivalence of networks that do not differ significantly."""
    margin = results.comparison.protocol.get("margin")
    pairs = [
        (first, second, found.verdict)
        for first, second in itertools.combinations(group, 2)
        if (found := results.difference(first, second, results.scope)) and found.verdict
    ]
    if not numbers.defined(margin) or not pairs:
        return []
    given = results.comparison.protocol.get("margin_given")
    within = f"within {margin:g} AUROC" + ("" if given else " (the default margin)")
    equal = [(first, second) for first, second, verdict in pairs if verdict == "equivalent"]
    unknown = sum(verdict == "undecided" for _, _, verdict in pairs)
    if not equal:
        words = f"No two of them are shown to be equivalent {within}: no conclusion."
        return [words] if unknown else []
    if len(equal) == len(pairs):
        return [f"{'They' if len(group) == 2 else 'All of them'} are equivalent {within}."]
    listed = numbers.listed([f"{first} and {second}" for first, second in equal])
    rest = ""
    if unknown:
        several = "pair" if unknown == 1 else "pairs"
        rest = f"; for {numbers.spelled(unknown)} other {several} there is no conclusion"
    return [f"Equivalent {within}: {listed}{rest}."]


def _many(results: Results, group: list[str], untested: list[str], rest: list[str]) -> list[str]:
    """Names the best network and counts the others, if they are too many to list."""
    first, tied = group[0], len(group) - len(untested) - 1
    others = f"{tied} of the other {len(results.networks) - 1} networks"
    sentences = [
        f"{first} has the highest {quality(results)}, {_value(results, first)}, but does not "
        f"differ significantly from {others} on {sample(results)}."
    ]
    if rest:
        names = f": {numbers.listed(rest)}" if len(rest) <= MOST_NAMED else ""
        sentences.append(f"It is significantly better than {_networks(len(rest))}{names}.")
    if untested:
        sentences.append(f"It was not tested against {_networks(len(untested))}.")
    return sentences


def _networks(number: int) -> str:
    return f"{numbers.spelled(number)} {'network' if number == 1 else 'networks'}"


def _tied(results: Results, group: list[str], untested: list[str]) -> str:
    tested = [name for name in group if name not in untested]
    pairs = [pair for pair in itertools.combinations(tested, 2) if _is_better(results, *pair)]
    values = f"{quality(results)} "
    values += numbers.listed([f"{_point(results, name):.3f}" for name in tested])
    tail = _smallest(results, tested, bool(pairs))
    if untested and len(tested) == 1:
        return (
            f"{group[0]} has the highest {quality(results)}, {_value(results, group[0])}, but its "
            f"difference from {numbers.listed(untested)} was not tested or is not defined."
        )
    if not pairs:
        sentence = f"{numbers.listed(tested)} do not differ significantly on {sample(results)}"
    else:
        significant = numbers.listed(
            [
                f"{_better_than(better)} {worse}"
                for worse in tested
                if (better := [first for first, second in pairs if second == worse])
            ]
        )
        sentence = (
            f"{group[0]} does not differ significantly from {numbers.listed(tested[1:])} on "
            f"{sample(results)}, although {significant}"
        )
    sentence += f" ({values}; {tail})."
    if untested:
        sentence += f" {group[0]} was not tested against {numbers.listed(untested)}."
    return sentence


def _better_than(names: list[str]) -> str:
    return f"{numbers.listed(names)} {'is' if len(names) == 1 else 'are'} significantly better than"


def _smallest(results: Results, tested: list[str], any_significant: bool) -> str:
    """Returns the smallest adjusted p-value; if some pairs differ, that of the best network too."""
    p_values = {
        pair: difference.p_adjusted
        for pair in itertools.combinations(tested, 2)
        if (difference := results.difference(*pair, results.scope))
        and numbers.defined(difference.p_adjusted)
    }
    of_all = f"smallest adjusted {numbers.p_value(min(p_values.values(), default=None))}"
    if not any_significant:
        return of_all
    leading = min((p for pair, p in p_values.items() if tested[0] in pair), default=None)
    return (
        f"smallest adjusted {numbers.p_value(leading)} for pairs with {tested[0]}; {of_all} for "
        "all pairs"
    )


def _significantly_worse(results: Results, group: list[str], rest: list[str]) -> list[str]:
    """Returns which networks are significantly worse than all or some of the leading group."""
    than_all = [name for name in rest if all(_is_better(results, lead, name) for lead in group)]
    sentences = []
    if than_all:
        subject = "Both" if len(group) == 2 else f"All {numbers.spelled(len(group))}"
        sentences.append(f"{subject} are significantly better than {numbers.listed(than_all)}.")
    partly = [name for name in rest if name not in than_all]
    if len(partly) > 2:
        some = f"Only some of them are significantly better than {numbers.listed(partly)}"
        return [*sentences, f"{some}; see the matrix of differences for every pair."]
    for name in partly:
        better = [lead for lead in group if _is_better(results, lead, name)]
        others = [lead for lead in group if lead not in better]
        verb = "is" if len(others) == 1 else "are"
        sentences.append(f"{_better_than(better)} {name}; {numbers.listed(others)} {verb} not.")
    return sentences


def _resolution(results: Results) -> list[str]:
    """Returns the sentence on the minimum detectable difference and its limitations."""
    row = results.resolution(results.scope)
    if row is None:
        return []
    smallest = numbers.number(row.minimum_detectable_difference)
    power = row.power
    basis = f" with a nominal power of {numbers.percent(power)}" if numbers.defined(power) else ""
    basis += f" ({row.basis})" if text(row.basis) else ""
    if smallest >= difference_span(PRIMARY)[1]:
        return [f"The tests detect no possible difference in {quality(results)}{basis}."]
    return [
        f"The tests, corrected for multiple comparisons, detect a difference in {quality(results)} "
        f"of about {numbers.decimal(smallest)}{basis}. Smaller differences may exist."
    ]


def _is_better(results: Results, better: str, worse: str, finding: str | None = None) -> bool:
    return results.is_better(better, worse, finding or results.scope)


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
    ends = difference.simultaneous
    named = f"simultaneous interval {ends}; " if ends else ""
    return f"{difference.value:.3f} ({named}adjusted {numbers.p_value(difference.p_adjusted)})"

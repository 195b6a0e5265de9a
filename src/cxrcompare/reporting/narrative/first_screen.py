"""The first screen: the questions of someone who chooses a network, each answered in plain words.

Every statement follows from an adjusted test, a verdict or an interval of the comparison.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from cxrcompare.reporting.narrative import against_baselines, answer, next_steps
from cxrcompare.reporting.results import further_results, numbers, reader_table
from cxrcompare.reporting.results.lookup import Results

BEST = "Which network is best?"
REAL = "Is the difference real, and does it matter?"
READERS = "Better than our readers?"
GROUPS = "Safe for which groups?"
NEXT = "What to do next?"

_MOST_STEPS = 2


class Answer(NamedTuple):
    """A question and its answer.

    Attributes:
        question: The question.
        words: One to three sentences.
        section: The id of the section that has the details; empty if there is none.
    """

    question: str
    words: str
    section: str


def answers(results: Results, further: Sequence[Answer] = ()) -> list[Answer]:
    """Returns the answers in the order in which people ask.

    Args:
        results: The comparison.
        further: The answers of sections. They replace an answer to the same question.
    """
    scored = [name for name in results.networks if results.estimate(name, results.scope)]
    if not scored:
        found = [Answer(BEST, answer.answer(results)[0], "")]
    elif len(scored) == 1:
        found = [Answer("How good is it?", answer.answer(results)[0], "table")]
    else:
        group = answer.leading_group(results)
        found = [_best(results, group, scored), *_real(results, group, scored)]
    given = {one.question for one in further}
    found += [one for one in (*_readers(results), *_groups(results)) if one.question not in given]
    steps = next_steps.next_steps(results)[:_MOST_STEPS]
    found += further
    return found + ([Answer(NEXT, " ".join(steps), "next")] if steps else [])


def caveats(results: Results) -> list[str]:
    """Returns a sentence per baseline that a network is not shown to be better than."""
    scored = [name for name in results.networks if results.estimate(name, results.scope)]
    if not scored:
        return []
    tested = against_baselines.outcomes(results, scored)
    found = against_baselines.failures(results, scored, answer.quality(results))
    chance = [] if tested else against_baselines.chance(results, scored)
    return [*found, *chance, *against_baselines.worse_than_chance(results)]


def _best(results: Results, group: Sequence[str], scored: Sequence[str]) -> Answer:
    first, quality = group[0], answer.quality(results)
    estimate = results.estimate(first, results.scope)
    value = numbers.decimal(estimate.value if estimate else None)
    others = len(scored) - 1
    if len(group) == 1:
        rest = "the other network" if others == 1 else f"each of the other {others} networks"
        words = f"{first}. Its {quality}, {value}, is significantly higher than that of {rest}."
        return Answer(BEST, words, "differences")
    tied = numbers.alternatives(group[1:])
    if len(group) - 1 > answer.MOST_NAMED:
        some = "any" if len(group) - 1 == others else f"{len(group) - 1}"
        tied = f"{some} of the other {others} networks"
    words = (
        f"No network is shown to be the best. {first} has the highest {quality}, {value}, but is "
        f"not shown to be better than {tied}."
    )
    return Answer(BEST, words, "differences")


def _real(results: Results, group: Sequence[str], scored: Sequence[str]) -> list[Answer]:
    rest = [name for name in scored if name not in group]
    words = _size(results, group[0], rest) if len(group) == 1 else _undecided(results, group)
    if len(group) > 1 and rest:
        words = [*words, *_left_behind(results, group, rest)]
    return [Answer(REAL, " ".join(words), "differences")] if words else []


def _size(results: Results, first: str, rest: Sequence[str]) -> list[str]:
    """Returns the size of the smallest difference of the best network, beside the margin."""
    found = [one for name in rest if (one := results.difference(first, name, results.scope))]
    if not found:
        return []
    nearest = min(found, key=lambda one: one.value)
    low, high = nearest.simultaneous_low, nearest.simultaneous_high
    kind = ", corrected for all comparisons"
    if not numbers.defined(low):
        low, high, kind = nearest.low, nearest.high, ""
    words = [
        f"It is real: {first} is better than "
        + ("" if len(rest) == 1 else "the closest network, ")
        + f"{nearest.second}, by {numbers.decimal(nearest.value)} "
        f"({numbers.percent(results.level)} interval {numbers.interval(low, high)}{kind})."
    ]
    margin = results.comparison.protocol.get("margin")
    if not numbers.defined(margin):
        return words
    if low > margin:
        words.append(f"The interval lies above {_margin(results)}: it matters.")
    elif high < margin:
        words.append(f"The interval lies below {_margin(results)}: it is too small to matter.")
    else:
        words.append(f"Whether it is larger than {_margin(results)} is not shown.")
    return words


def _margin(results: Results) -> str:
    protocol = results.comparison.protocol
    source = "" if protocol.get("margin_given") else ", by default"
    return f"{protocol['margin']:g} AUROC (the smallest relevant difference{source})"


def _undecided(results: Results, group: Sequence[str]) -> list[str]:
    """Returns what is known about the networks of the leading group."""
    pairs = itertools.combinations(group, 2)
    verdicts = [one.verdict for pair in pairs if (one := results.difference(*pair, results.scope))]
    tested = [verdict for verdict in verdicts if verdict]
    if not tested or not numbers.defined(results.comparison.protocol.get("margin")):
        return []
    unknown, equal = tested.count("undecided"), tested.count("equivalent")
    if equal == len(tested):
        which = "the two networks" if len(group) == 2 else f"these {len(group)} networks"
        return [f"No: {which} are equivalent within {_margin(results)}."]
    if not unknown:
        return _within(results, group)
    which = f"{unknown} of the {len(tested)} pairs of them"
    if unknown == len(tested):
        which = "the two" if unknown == 1 else "any pair of them"
    neither = f"for {which} the tests show neither a difference nor equivalence"
    words = [f"Not known: {neither} within {_margin(results)}."]
    if equal:
        words = [
            f"No for {equal} pairs of these {len(group)} networks: they are equivalent within "
            f"{_margin(results)}. Not known for the rest: {neither}."
        ]
    row = results.resolution(results.scope)
    if row is not None:
        smallest = numbers.decimal(row.minimum_detectable_difference)
        words.append(f"The tests detect a difference of about {smallest}.")
    return words + _within(results, group)


def _within(results: Results, group: Sequence[str]) -> list[str]:
    """Returns which networks of the leading group are significantly better than others of it."""
    if len(group) > answer.MOST_NAMED:
        return []
    found = []
    for worse in group:
        better = [name for name in group if results.is_better(name, worse, results.scope)]
        if better:
            verb = "is" if len(better) == 1 else "are"
            names = numbers.listed(better)
            found.append(f"{names} {verb} significantly better than {worse}.")
    return found


def _left_behind(results: Results, group: Sequence[str], rest: Sequence[str]) -> list[str]:
    """Returns which networks are significantly worse than all of the leading group."""
    worse = [
        name for name in rest if all(results.is_better(lead, name, results.scope) for lead in group)
    ]
    if not worse:
        return []
    few = len(worse) <= answer.MOST_NAMED
    names = numbers.listed(worse) if few else f"{len(worse)} networks"
    lead = "Both" if len(group) == 2 else f"All {numbers.spelled(len(group))}"
    return [f"{lead} are significantly better than {names}."]


def _readers(results: Results) -> list[Answer]:
    tests = reader_table.tables(results).tests
    if not tests:
        return []
    lead = answer.leading_group(results)[:1] or results.networks[:1]
    own = [row for row in tests if row.model == lead[0]]
    decided = reader_table.verdicts(results, lead[0])
    signs = [reader_table.sign(row) for found in decided.values() for row in found]
    better, worse = signs.count(1), signs.count(-1)
    open_ = len(own) - better - worse
    words = (
        f"{lead[0]} is significantly better than a reader in {better} and worse in {worse} of "
        f"{len(own)} tests (one per reader and finding)"
    )
    words += f"; for the other {open_} there is no conclusion." if open_ else "."
    return [Answer(READERS, words, "readers")]


def _groups(results: Results) -> list[Answer]:
    if not further_results.gaps(results):
        return []
    found = [
        f"{name}, {line}"
        for name in results.networks
        for line in further_results.significant_gaps(results, name)
    ]
    if not found:
        words = "No group with a significantly lower AUROC. That does not show that there is none."
        return [Answer(GROUPS, words, "subgroups")]
    more = f" And {len(found) - 2} more." if len(found) > 2 else ""
    return [Answer(GROUPS, " ".join(found[:2]) + more, "subgroups")]

"""Sentences on networks against baselines and chance: which are significantly better or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cxrcompare.comparison.row_types.column_types import MEAN, METADATA, MICRO
from cxrcompare.reporting.narrative import beyond_metadata
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import PRIMARY, Results

_PROPER = "brier"
_SCOPES = {MEAN: "mean over findings", MICRO: "all findings pooled"}
_BETTER = "significantly better than"
_WORSE = "significantly worse than"
_NOT_BETTER = "not significantly better than"
_AFTER_SEMICOLON = re.compile(r"; (None of the|Neither network|Both networks|All \S+ networks)")
_METRICS = {
    PRIMARY: "AUROC",
    _PROPER: "Brier score",
    "log_loss": "log loss",
}


@dataclass(frozen=True)
class Outcome:
    """The adjusted tests of all networks against one baseline by one metric.

    Attributes:
        baseline: The baseline.
        metric: The metric.
        better: The networks that are significantly better than the baseline.
        undecided: The networks without a significant difference.
        worse: The networks that are significantly worse than the baseline.
    """

    baseline: str
    metric: str
    better: list[str]
    undecided: list[str]
    worse: list[str]

    @property
    def failing(self) -> list[str]:
        """The networks that are not significantly better than the baseline."""
        return [*self.undecided, *self.worse]


def outcomes(results: Results, networks: Sequence[str]) -> list[Outcome]:
    """Returns the outcome of each baseline by AUROC and by Brier score, for the headline scope.

    A baseline with the same value as an earlier one is redundant and is left out. So is that of
    metadata: a network that ranks better than metadata need not add to them, see `beyond_metadata`.
    """
    found: list[Outcome] = []
    for metric in (PRIMARY, _PROPER):
        seen: set[float] = set()
        for name in _tested_baselines(results):
            estimate = results.estimate(name, results.scope, metric)
            tested = [n for n in networks if results.difference(n, name, results.scope, metric)]
            if estimate is None or not tested or round(estimate.value, 9) in seen:
                continue
            seen.add(round(estimate.value, 9))
            better = [n for n in tested if results.is_better(n, name, results.scope, metric)]
            worse = [n for n in tested if results.is_better(name, n, results.scope, metric)]
            undecided = [n for n in tested if n not in better and n not in worse]
            found.append(Outcome(name, metric, better, undecided, worse))
    return found


def _tested_baselines(results: Results) -> list[str]:
    """Returns the baselines but that of metadata, which has a test of its own."""
    return [name for name in results.baselines if name != METADATA]


def sentences(results: Results, networks: Sequence[str], quality: str) -> list[str]:
    """Returns the sentences of the summary: each failure, or one sentence if there is none.

    Args:
        results: The comparison.
        networks: The networks whose AUROC is defined.
        quality: The name of the headline metric, as text.
    """
    found = outcomes(results, networks)
    failed = [one for one in found if one.failing]
    if found and not failed:
        words = _METRICS | {PRIMARY: quality}
        names = list(dict.fromkeys(one.baseline for one in found))
        metrics = list(dict.fromkeys(words[one.metric] for one in found))
        subject = _subject(networks, networks)
        better = f"{subject} {_BETTER} {_named(names)} in {numbers.listed(metrics)}."
        return [better, *beyond_metadata.sentences(results, quality)]
    return [
        *_failed(results, networks, quality, failed),
        *beyond_metadata.sentences(results, quality),
    ]


def failures(results: Results, networks: Sequence[str], quality: str) -> list[str]:
    """Returns the sentences on networks that are not shown to be better than a baseline.

    Args:
        results: The comparison.
        networks: The networks whose AUROC is defined.
        quality: The name of the headline metric, as text.
    """
    failed = [one for one in outcomes(results, networks) if one.failing]
    return [
        *_failed(results, networks, quality, failed),
        *beyond_metadata.sentences(results, quality, added=False),
    ]


def _failed(
    results: Results, networks: Sequence[str], quality: str, failed: Sequence[Outcome]
) -> list[str]:
    words = _METRICS | {PRIMARY: quality}
    sentences = []
    for name in dict.fromkeys(one.baseline for one in failed):
        same = [one for one in failed if one.baseline == name]
        if len(same) == 2 and same[0].failing == same[1].failing:
            where = " or ".join(_where(results, one, words) for one in same)
            subject = _negated_subject(same[0], networks)
            sentences.append(f"{subject} {_BETTER} {_named([name])} in {where}.")
            continue
        joined = "; ".join(
            _clause(results, one, networks, words, _named([name]) if number == 0 else "it")
            for number, one in enumerate(same)
        )
        sentences.append(_AFTER_SEMICOLON.sub(lambda found: found[0].lower(), joined) + ".")
    return sentences


def lines(results: Results, name: str) -> tuple[list[str], list[str]]:
    """Returns a network's strengths and limitations against the baselines, a sentence each."""
    scope = _SCOPES.get(results.scope, results.scope)
    found: dict[tuple[str, str], list[str]] = {}
    for metric, words in _METRICS.items():
        for verdict, names in _verdicts(results, name, metric).items():
            if names:
                found.setdefault((verdict, _named(names)), []).append(words)
    sentences = {
        verdict: [
            f"{verdict.capitalize()} {names} in {numbers.listed(metrics)}, {scope}."
            for (one, names), metrics in found.items()
            if one == verdict
        ]
        for verdict in (_BETTER, _WORSE, _NOT_BETTER)
    }
    adds, does_not = beyond_metadata.lines(results, name)
    return sentences[_BETTER] + adds, sentences[_WORSE] + sentences[_NOT_BETTER] + does_not


def _verdicts(results: Results, name: str, metric: str) -> dict[str, list[str]]:
    """Groups the baselines by test result; "not significantly better" for AUROC only."""
    scope = results.scope
    tested = [b for b in _tested_baselines(results) if results.difference(name, b, scope, metric)]
    better = [b for b in tested if results.is_better(name, b, scope, metric)]
    worse = [b for b in tested if results.is_better(b, name, scope, metric)]
    rest = [b for b in tested if b not in better and b not in worse]
    return {_BETTER: better, _WORSE: worse, _NOT_BETTER: rest if metric == PRIMARY else []}


def _named(baselines: Sequence[str]) -> str:
    return f"the {'baseline' if len(baselines) == 1 else 'baselines'} {numbers.listed(baselines)}"


def _clause(
    results: Results,
    outcome: Outcome,
    networks: Sequence[str],
    words: dict[str, str],
    baseline: str,
) -> str:
    if outcome.undecided:
        where = _where(results, outcome, words)
        return f"{_negated_subject(outcome, networks)} {_BETTER} {baseline} in {where}"
    where = f"{words[outcome.metric]} ({_value(results, outcome)})"
    return f"{_subject(outcome.worse, networks)} {_WORSE} {baseline} in {where}"


def _subject(chosen: Sequence[str], networks: Sequence[str]) -> str:
    """Returns the chosen networks with "is" or "are", "All" if they are all of several."""
    if len(chosen) == 1:
        return f"{chosen[0]} is"
    if len(chosen) < len(networks):
        return f"{numbers.listed(chosen)} are"
    if len(networks) == 2:
        return "Both networks are"
    return f"All {numbers.spelled(len(networks))} networks are"


def _negated_subject(outcome: Outcome, networks: Sequence[str]) -> str:
    failing = [name for name in networks if name in outcome.failing]
    if len(failing) == len(networks) == 2:
        return "Neither network is"
    if len(failing) == len(networks) > 1:
        return f"None of the {numbers.spelled(len(networks))} networks is"
    return f"{numbers.listed(failing)} {'is' if len(failing) == 1 else 'are'} not"


def _where(results: Results, outcome: Outcome, words: dict[str, str]) -> str:
    detail = _value(results, outcome)
    if outcome.worse:
        verb = "is" if len(outcome.worse) == 1 else "are"
        detail += f"; {numbers.listed(outcome.worse)} {verb} significantly worse"
    return f"{words[outcome.metric]} ({detail})"


def _value(results: Results, outcome: Outcome) -> str:
    estimate = results.estimate(outcome.baseline, results.scope, outcome.metric)
    return f"baseline: {numbers.decimal(estimate.value if estimate else None)}"


def chance(results: Results, scored: list[str]) -> list[str]:
    """Names networks whose interval is not above 0.5, if there are no tests against baselines."""
    unsure = [
        name
        for name in scored
        if (found := results.estimate(name, results.scope))
        and numbers.defined(found.low)
        and found.low <= 0.5
    ]
    if not unsure:
        return []
    verb, whose = ("is", "its interval is") if len(unsure) == 1 else ("are", "their intervals are")
    return [
        f"{numbers.listed(unsure)} {verb} not shown to rank better than chance: {whose} not "
        "entirely above 0.5."
    ]


def worse_than_chance(results: Results) -> list[str]:
    """Names networks that are significantly worse than chance, over all runs and findings."""
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

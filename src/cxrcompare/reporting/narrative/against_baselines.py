"""Networks against models that see no image: who is shown to beat them, and who is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import PRIMARY, Results

_PROPER = "brier"
_SCOPES = {"mean": "mean over findings", "micro": "all findings pooled"}
_BETTER, _WORSE, _UNSHOWN = "better than", "worse than", "not shown to beat"
_TOLD = {PRIMARY: "AUROC", "accuracy": "accuracy", _PROPER: "Brier score", "log_loss": "log loss"}


@dataclass(frozen=True)
class Outcome:
    """How the networks fare against one trivial model by one metric, after the adjusted tests.

    Attributes:
        trivial: The trivial model.
        metric: The metric.
        better: The networks that are shown to beat it.
        unshown: Those neither shown to beat it nor worse.
        worse: Those that it is shown to beat.
    """

    trivial: str
    metric: str
    better: list[str]
    unshown: list[str]
    worse: list[str]

    @property
    def failing(self) -> list[str]:
        """The networks that are not shown to beat it."""
        return [*self.unshown, *self.worse]


def outcomes(results: Results, networks: Sequence[str]) -> list[Outcome]:
    """Returns the headline's outcome of each trivial model, by AUROC and by Brier score.

    A trivial model whose number is that of one before it tells nothing new, and is left out.
    """
    found: list[Outcome] = []
    for metric in (PRIMARY, _PROPER):
        seen: set[float] = set()
        for name in results.trivial:
            estimate = results.estimate(name, results.scope, metric)
            tested = [n for n in networks if results.difference(n, name, results.scope, metric)]
            if estimate is None or not tested or round(estimate.value, 9) in seen:
                continue
            seen.add(round(estimate.value, 9))
            better = [n for n in tested if results.beats(n, name, results.scope, metric)]
            worse = [n for n in tested if results.beats(name, n, results.scope, metric)]
            unshown = [n for n in tested if n not in better and n not in worse]
            found.append(Outcome(name, metric, better, unshown, worse))
    return found


def sentences(results: Results, networks: Sequence[str], quality: str) -> list[str]:
    """Returns what the answer says of them: each failure, or that there is none.

    Args:
        results: The comparison.
        networks: The networks whose AUROC is defined.
        quality: What the headline measures, in words.
    """
    found = outcomes(results, networks)
    failed = [one for one in found if one.failing]
    words = _TOLD | {PRIMARY: quality}
    if found and not failed:
        names = list(dict.fromkeys(one.trivial for one in found))
        metrics = list(dict.fromkeys(words[one.metric] for one in found))
        who = {1: networks[0], 2: "Both networks"}.get(
            len(networks), f"All {numbers.spelled(len(networks))} networks"
        )
        verb = "beats" if len(networks) == 1 else "beat"
        return [f"{who} {verb} {numbers.listed(names)} in {numbers.listed(metrics)}."]
    told = []
    for name in dict.fromkeys(one.trivial for one in failed):
        of_it = [one for one in failed if one.trivial == name]
        if len(of_it) == 2 and of_it[0].failing == of_it[1].failing:
            where = " or ".join(_where(results, one, words) for one in of_it)
            told.append(f"{_who(of_it[0], networks)} shown to beat {name} in {where}.")
            continue
        clauses = [
            f"{_who(one, networks)} shown to beat {name if number == 0 else 'it'} in "
            f"{_where(results, one, words)}"
            for number, one in enumerate(of_it)
        ]
        told.append("; ".join(clauses).replace("; None of", "; none of") + ".")
    return told


def lines(results: Results, name: str) -> tuple[list[str], list[str]]:
    """Returns a network's strengths and limits against the trivial models, a sentence each."""
    scope = _SCOPES.get(results.scope, results.scope)
    found: dict[tuple[str, str], list[str]] = {}
    for metric, words in _TOLD.items():
        for verdict, names in _verdicts(results, name, metric).items():
            if names:
                found.setdefault((verdict, numbers.listed(names)), []).append(words)
    told = {
        verdict: [
            f"{verdict.capitalize()} {names} in {numbers.listed(metrics)}, {scope}."
            for (one, names), metrics in found.items()
            if one == verdict
        ]
        for verdict in (_BETTER, _WORSE, _UNSHOWN)
    }
    return told[_BETTER], told[_WORSE] + told[_UNSHOWN]


def _verdicts(results: Results, name: str, metric: str) -> dict[str, list[str]]:
    """The trivial models by what the tests say; "not shown" of AUROC only, as the answer does."""
    scope = results.scope
    tested = [t for t in results.trivial if results.difference(name, t, scope, metric)]
    better = [t for t in tested if results.beats(name, t, scope, metric)]
    worse = [t for t in tested if results.beats(t, name, scope, metric)]
    rest = [t for t in tested if t not in better and t not in worse]
    return {_BETTER: better, _WORSE: worse, _UNSHOWN: rest if metric == PRIMARY else []}


def _who(outcome: Outcome, networks: Sequence[str]) -> str:
    failing = [name for name in networks if name in outcome.failing]
    if len(failing) == len(networks) > 1:
        return f"None of the {numbers.spelled(len(networks))} networks is"
    return f"{numbers.listed(failing)} {'is' if len(failing) == 1 else 'are'} not"


def _where(results: Results, outcome: Outcome, words: dict[str, str]) -> str:
    estimate = results.estimate(outcome.trivial, results.scope, outcome.metric)
    inside = f"it reaches {numbers.decimal(estimate.value if estimate else None)}"
    if outcome.worse:
        worse = (
            "all do"
            if not (outcome.unshown or outcome.better)
            else (f"{numbers.listed(outcome.worse)} {'does' if len(outcome.worse) == 1 else 'do'}")
        )
        inside += f"; {worse} worse"
    return f"{words[outcome.metric]} ({inside})"

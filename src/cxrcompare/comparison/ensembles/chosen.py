"""Ensembles that the user asks for: their names and members, and the forward selection."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from cxrcompare.comparison.ensembles.combination import combine
from cxrcompare.errors import InputError
from cxrcompare.evaluation import metrics
from cxrcompare.predictions import Aligned

SEEDS = "seeds"
"""Asks for the ensemble of the seeds of every model that has several."""
BEST = "best"
"""Asks for the best subset of the models on validation."""


@dataclass(frozen=True)
class Ensemble:
    """An ensemble of models.

    Attributes:
        name: The name of the new model.
        members: The models that it combines.
        runs: The indices of the combined runs, one tuple per run of the ensemble.
        seeds: The seed of each run of the ensemble; empty for the only one.
        description: Rule, members and how they were chosen.
    """

    name: str
    members: tuple[str, ...]
    runs: tuple[tuple[int, ...], ...]
    seeds: tuple[str, ...]
    description: str


def choose(
    asked: Sequence[str], test: Aligned, validation: Aligned | None, rule: str
) -> list[Ensemble]:
    """Returns the ensembles that are asked for.

    Models with the same two seeds or more are combined seed by seed, so that the ensemble has the
    same seeds. Otherwise all runs of all members are combined in one run.

    Args:
        asked: "a,b,c" (models), "name=a,b,c", "a" (the seeds of a), "seeds" (the seeds of every
            model) or "best" (the best subset on validation).
        test: The test set; only the names of its runs are used.
        validation: The same runs on other patients, or None.
        rule: "probabilities", "logits" or "ranks".

    Raises:
        InputError: A model does not exist, there is nothing to combine, "best" has no validation,
            or two models would have one name.
    """
    runs = _by_model(test.runs)
    found: list[Ensemble] = []
    for text in asked:
        if text == BEST and BEST not in runs:
            found += _best(test.runs, validation, rule)
        else:
            found += _by_name(text, test.runs, rule)
    _check_different(runs, found)
    return found


def check_names(asked: Sequence[str], runs: Sequence[tuple[str, str]]) -> None:
    """Checks ensembles before there are predictions.

    Args:
        asked: See `choose`.
        runs: The model and the seed of each run.

    Raises:
        InputError: A model does not exist, there is nothing to combine, or two models would have
            one name.
    """
    models = _by_model(runs)
    by_name = [text for text in asked if text != BEST or BEST in models]
    _check_different(models, [one for text in by_name for one in _by_name(text, runs, "ranks")])


def _by_name(text: str, runs: Sequence[tuple[str, str]], rule: str) -> list[Ensemble]:
    models = _by_model(runs)
    if text != SEEDS or SEEDS in models:
        return [_named(text, runs, rule)]
    several = [name for name in models if len(models[name]) > 1]
    if not several:
        raise InputError(
            "`ensemble` must be models with several seeds for seeds. Received: one run of each "
            "model"
        )
    return [_made(f"{name} seeds", [name], runs, rule) for name in several]


def _check_different(runs: Iterable[str], found: Sequence[Ensemble]) -> None:
    names = [*runs, *(one.name for one in found)]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputError(
            f"`ensemble` must give each ensemble a name of its own, as in name=a,b. Received: "
            f"{', '.join(twice)} twice"
        )


def forward_selection(
    candidates: Sequence[str], value: Callable[[Sequence[str]], float]
) -> list[str]:
    """Returns the set of candidates that grows by the best one until the value grows no more.

    Args:
        candidates: Names; of ties the first is chosen.
        value: Returns the value of a set, higher is better.

    Source: without replacement, after Caruana et al. 2004, doi 10.1145/1015330.1015432.
    """
    kept: list[str] = []
    highest = -np.inf
    while len(kept) < len(candidates):
        rest = [name for name in candidates if name not in kept]
        values = [value([*kept, name]) for name in rest]
        best = int(np.nanargmax(values)) if not np.isnan(values).all() else -1
        if best < 0 or values[best] <= highest:
            break
        highest = values[best]
        kept.append(rest[best])
    return kept


def _by_model(runs: Sequence[tuple[str, str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, (name, _) in enumerate(runs):
        found.setdefault(name, []).append(index)
    return found


def _named(text: str, runs: Sequence[tuple[str, str]], rule: str) -> Ensemble:
    name, equals, listed = text.rpartition("=")
    members = [part.strip() for part in listed.split(",")]
    models = _by_model(runs)
    unknown = [one for one in members if one not in models]
    if unknown or (equals and not name.strip()):
        raise InputError(
            f"`ensemble` must name models, of {', '.join(models)}, or be {SEEDS} or {BEST}. "
            f"Received: {text}"
        )
    if len(set(members)) < len(members) or sum(len(models[one]) for one in members) < 2:
        raise InputError(
            "`ensemble` must be two different models or more, or one model with several seeds. "
            f"Received: {text}"
        )
    default = f"{members[0]} seeds" if len(members) == 1 else "+".join(members)
    return _made(name.strip() or default, members, runs, rule)


def _made(
    name: str, members: Sequence[str], runs: Sequence[tuple[str, str]], rule: str, how: str = ""
) -> Ensemble:
    indices = _by_model(runs)
    seeds = [tuple(runs[m][1] for m in indices[one]) for one in members]
    listed = ", ".join(members)
    if len(members) > 1 and len(seeds[0]) > 1 and len(set(seeds)) == 1:
        groups = tuple(zip(*(indices[one] for one in members), strict=True))
        text = f"ensemble, mean of {rule} of {listed}, seed by seed{how}"
        return Ensemble(name, tuple(members), groups, seeds[0], text)
    together = tuple(m for one in members for m in indices[one])
    text = f"ensemble, mean of {rule} of {len(together)} runs of {listed}{how}"
    return Ensemble(name, tuple(members), (together,), ("",), text)


def _best(runs: Sequence[tuple[str, str]], validation: Aligned | None, rule: str) -> list[Ensemble]:
    """Returns the best subset on validation; empty if one model alone is best."""
    if validation is None:
        raise InputError(
            f"`ensemble` {BEST} needs `validation`, because the subset is never chosen on the test "
            "set. Received: no validation predictions"
        )
    scores, labels = validation.scores, validation.labels

    def value(members: Sequence[str]) -> float:
        groups = _made("", members, runs, rule).runs
        found = [combine(scores[list(one)], rule, scores[list(one)]) for one in groups]
        return float(
            np.mean(
                [
                    np.nanmean([_auroc(labels[:, f], one[:, f]) for f in _defined(labels)])
                    for one in found
                ]
            )
        )

    if not _defined(labels):
        raise InputError(
            f"`ensemble` {BEST} needs a finding with both classes in validation. Received: none"
        )
    members = forward_selection([*_by_model(runs)], value)
    if len(members) < 2:
        return []
    how = f"; chosen by forward selection on validation (mean AUROC {value(members):.3f} there)"
    return [_made("best ensemble", members, runs, rule, how)]


def _defined(labels: np.ndarray) -> list[int]:
    return [f for f in range(labels.shape[1]) if {0.0, 1.0} <= set(np.unique(labels[:, f]))]


def _auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    return float(metrics.auroc(labels, scores))

"""Ensembles that the user asks for: their names and members, and the forward selection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    runs = _by_model(test)
    found: list[Ensemble] = []
    for text in asked:
        if text == SEEDS and SEEDS not in runs:
            several = [name for name in runs if len(runs[name]) > 1]
            if not several:
                raise InputError(
                    "`ensemble` must be models with several seeds for seeds. Received: one run of "
                    "each model"
                )
            found += [_made(f"{name} seeds", [name], test, rule) for name in several]
        elif text == BEST and BEST not in runs:
            found += _best(test, validation, rule)
        else:
            found.append(_named(text, test, rule))
    names = [*runs, *(one.name for one in found)]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise InputError(
            f"`ensemble` must give each ensemble a name of its own, as in name=a,b. Received: "
            f"{', '.join(twice)} twice"
        )
    return found


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


def _by_model(test: Aligned) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for index, (name, _) in enumerate(test.runs):
        found.setdefault(name, []).append(index)
    return found


def _named(text: str, test: Aligned, rule: str) -> Ensemble:
    name, equals, listed = text.rpartition("=")
    members = [part.strip() for part in listed.split(",")]
    runs = _by_model(test)
    unknown = [one for one in members if one not in runs]
    if unknown or (equals and not name.strip()):
        raise InputError(
            f"`ensemble` must name models, of {', '.join(runs)}, or be {SEEDS} or {BEST}. "
            f"Received: {text}"
        )
    if len(set(members)) < len(members) or sum(len(runs[one]) for one in members) < 2:
        raise InputError(
            "`ensemble` must be two different models or more, or one model with several seeds. "
            f"Received: {text}"
        )
    default = f"{members[0]} seeds" if len(members) == 1 else "+".join(members)
    return _made(name.strip() or default, members, test, rule)


def _made(name: str, members: Sequence[str], test: Aligned, rule: str, how: str = "") -> Ensemble:
    indices = _by_model(test)
    seeds = [tuple(test.runs[m][1] for m in indices[one]) for one in members]
    listed = ", ".join(members)
    if len(members) > 1 and len(seeds[0]) > 1 and len(set(seeds)) == 1:
        groups = tuple(zip(*(indices[one] for one in members), strict=True))
        text = f"ensemble, mean of {rule} of {listed}, seed by seed{how}"
        return Ensemble(name, tuple(members), groups, seeds[0], text)
    together = tuple(m for one in members for m in indices[one])
    text = f"ensemble, mean of {rule} of {len(together)} runs of {listed}{how}"
    return Ensemble(name, tuple(members), (together,), ("",), text)


def _best(test: Aligned, validation: Aligned | None, rule: str) -> list[Ensemble]:
    """Returns the best subset on validation; empty if one model alone is best."""
    if validation is None:
        raise InputError(
            f"`ensemble` {BEST} needs `validation`, because the subset is never chosen on the test "
            "set. Received: no validation predictions"
        )
    scores, labels = validation.scores, validation.labels

    def value(members: Sequence[str]) -> float:
        groups = _made("", members, test, rule).runs
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
    members = forward_selection([*_by_model(test)], value)
    if len(members) < 2:
        return []
    how = f"; chosen by forward selection on validation (mean AUROC {value(members):.3f} there)"
    return [_made("best ensemble", members, test, rule, how)]


def _defined(labels: np.ndarray) -> list[int]:
    return [f for f in range(labels.shape[1]) if {0.0, 1.0} <= set(np.unique(labels[:, f]))]


def _auroc(labels: np.ndarray, scores: np.ndarray) -> float:
    return float(metrics.auroc(labels, scores))

"""Adds the runs of ensembles to the aligned inputs of a comparison."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from cxrcompare.comparison.ensembles import chosen
from cxrcompare.comparison.ensembles.chosen import Ensemble
from cxrcompare.comparison.ensembles.combination import combine
from cxrcompare.errors import InputError
from cxrcompare.predictions import Aligned, Note, Predictions, Rows


class Added(NamedTuple):
    """The inputs with the runs of ensembles at the end.

    Attributes:
        files: One table per run; those of ensembles are in memory.
        test: The test set.
        validation: The same runs on other patients, or None.
        ensembles: The ensembles.
        notes: Warnings.
    """

    files: list[Predictions]
    test: Aligned
    validation: Aligned | None
    ensembles: tuple[Ensemble, ...]
    notes: tuple[Note, ...]


def add(
    files: Sequence[Predictions],
    test: Aligned,
    validation: Aligned | None,
    asked: Sequence[str],
    rule: str,
) -> Added:
    """Returns the inputs with the runs of the ensembles that are asked for.

    The scores of a unit are combined after those of its views. Ranks are those among the units of
    validation, for test too; without validation, those among the units of the test set.

    Args:
        files: The tables of the test set, one per run, in the order of `test.runs`.
        test: The test set.
        validation: The same runs on other patients, or None.
        asked: See `chosen.choose`.
        rule: "probabilities", "logits" or "ranks".

    Raises:
        InputError: An ensemble is not valid, or its members have scores that are not probabilities.
    """
    if not asked:
        return Added(list(files), test, validation, (), ())
    _check_probabilities(files, asked, rule)
    found = tuple(chosen.choose(asked, test, validation, rule))
    added: list[Predictions] = []
    for ensemble in found:
        for seed, members in zip(ensemble.seeds, ensemble.runs, strict=True):
            known = (test if validation is None else validation).scores[list(members)]
            values = combine(test.scores[list(members)], rule, known)
            added.append(_table(ensemble.name, seed, test, values, rule != "ranks"))
    more = np.stack([one.values for one in added]) if added else test.scores[:0]
    if validation is not None:
        parts = [
            combine(validation.scores[list(m)], rule, validation.scores[list(m)])
            for one in found
            for m in one.runs
        ]
        validation = _extended(validation, added, np.stack(parts) if parts else None)
    return Added(
        [*files, *added],
        _extended(test, added, more),
        validation,
        found,
        _notes(found, asked, rule, validation is not None),
    )


def _check_probabilities(files: Sequence[Predictions], asked: Sequence[str], rule: str) -> None:
    """Raises InputError if scores of different ranges would be averaged."""
    raw = list(dict.fromkeys(one.name for one in files if not one.probabilities))
    named = {part for text in asked for part in text.rpartition("=")[2].split(",")}
    concerned = raw if named & {chosen.SEEDS, chosen.BEST} else [one for one in raw if one in named]
    if concerned and rule != "ranks":
        raise InputError(
            "`ensemble_rule` must be ranks for models whose scores are not probabilities. "
            f"Received: {rule}, for {', '.join(concerned)}"
        )


def _table(
    name: str, seed: str, test: Aligned, values: np.ndarray, probabilities: bool
) -> Predictions:
    unknown = np.full(len(test.units), "")
    rows = Rows(test.unit, test.units, test.studies, unknown)
    return Predictions(
        Path(f"<{name}>"),
        name,
        seed,
        rows,
        test.findings,
        values,
        stored=False,
        probabilities=probabilities,
    )


def _extended(one: Aligned, added: Sequence[Predictions], scores: np.ndarray | None) -> Aligned:
    if not added or scores is None:
        return one
    runs = tuple((table.name, table.seed) for table in added)
    return dataclasses.replace(
        one, runs=one.runs + runs, scores=np.concatenate([one.scores, scores])
    )


def _notes(
    found: Sequence[Ensemble], asked: Sequence[str], rule: str, validated: bool
) -> tuple[Note, ...]:
    notes = []
    if found:
        names = ", ".join(one.name for one in found)
        text = (
            f"ensembles ({names}) are compared with all models: every family of tests contains "
            "their pairs too, so the adjustment is stricter than without them"
        )
        notes.append(Note("ensembles", text))
    if chosen.BEST in asked and not any("forward selection" in one.description for one in found):
        text = "no set of models has a higher mean AUROC on validation than the best model alone"
        notes.append(Note("no_best_ensemble", f"{text}: there is no best ensemble"))
    if found and rule == "ranks" and not validated:
        text = "ranks of an ensemble are those within the test set, because there is no validation"
        notes.append(Note("ensemble_ranks", text))
    return tuple(notes)

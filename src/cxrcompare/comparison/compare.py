"""Compares prediction files, whoever made them: who differs, by how much, what cannot be told."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare import environment
from cxrcompare.comparison import (
    architectures,
    checks,
    cost,
    curves,
    differences,
    estimates,
    ranks,
    resolution,
    scoring,
    thresholds,
    trivial,
)
from cxrcompare.comparison.options import Options
from cxrcompare.comparison.panel import Panel, Run
from cxrcompare.comparison.result import Comparison, table
from cxrcompare.errors import InputError
from cxrcompare.evaluation import bootstrap, metrics
from cxrcompare.evaluation.resampling import draw
from cxrcompare.predictions import (
    Aligned,
    Note,
    Predictions,
    Reference,
    align,
    read_predictions,
    read_reference,
)

__all__ = ["Options", "compare"]


def compare(
    predictions: Sequence[Path],
    reference: Path,
    *,
    validation: Sequence[Path] = (),
    validation_reference: Path | None = None,
    readers: Sequence[Path] = (),
    subgroups: Path | None = None,
    options: Options = Options(),  # noqa: B008
    context: Mapping[str, Any] | None = None,
) -> Comparison:
    """Compares models on one test set.

    Args:
        predictions: A file per run; files `name__seed0`, `name__seed1` are seeds of `name`.
        reference: The reference standard of the test set.
        validation: Predictions of the same runs on other patients, to choose thresholds on.
        validation_reference: Their reference standard.
        readers: A file per human reader of the test set.
        subgroups: A table of sex, age, view, ... of the test set and, for the model of metadata
            alone, of validation.
        options: See `Options`.
        context: What only the caller knows: data, split, synthetic, uncertainty_policy,
            blank_rule, command, title, training_prevalence ({finding: share}).

    Raises:
        InputError: A file or a choice is wrong; the message says where.
    """
    known = dict(context or {})
    files = [read_predictions(path, options.scores) for path in predictions]
    standard = read_reference(reference)
    test = align(files, standard, options.unit, options.views_rule, options.findings)
    order = _by_architecture(test)
    files, test = [files[place] for place in order], _reorder(test, order)
    held_out = _validation(test, validation, validation_reference, options)
    rng = np.random.default_rng(options.seed)
    panel, models, chosen, notes = _panel(test, held_out, files, options, known, rng)
    notes = [*test.notes, *notes]

    wanted = _wanted(options)
    runs = scoring.score_runs(panel, wanted, options.bins)
    notes += checks.check(panel, runs["auroc"])
    if not (options.scores and held_out is None):
        runs |= scoring.rate_runs(panel)
    weights = architectures.seed_weights(panel, rng)
    averaged = {name: architectures.average(panel, runs[name], weights) for name in runs}
    tables = {name: scored for name, (scored, _) in averaged.items()}
    networks = panel.networks
    compared = differences.differences(networks, panel.findings, tables, options)
    ranked = ranks.ranks(networks, tables, compared, 1 - options.level)
    return Comparison(
        protocol=_protocol(panel, test, standard, held_out, options, known),
        models=_models(models, ranked),
        findings=panel.findings,
        metrics=table(
            "metrics",
            estimates.rows_of_architectures(panel, averaged, options)
            + estimates.rows_of_runs(panel, runs, options),
        ),
        differences=table("differences", compared),
        ranks=table("ranks", ranked),
        readers=table("readers", []),
        agreement=table("agreement", []),
        counts=table("counts", _counts(panel)),
        resolution=table(
            "resolution",
            resolution.resolution(
                len(networks), panel.findings, {"auroc": tables["auroc"]}, options
            ),
        ),
        thresholds=table("thresholds", chosen),
        confusion=table("confusion", curves.two_by_two(panel)),
        warnings=_warnings(notes),
        curves=curves.draw(panel, options),
        multilabel_confusion=curves.multilabel(panel),
        training=_training(files),
    )


def _wanted(options: Options) -> tuple[str, ...]:
    return ("auroc", "auprc") if options.scores else metrics.SCORE_METRICS


def _by_architecture(test: Aligned) -> list[int]:
    """Returns the runs in order of their architectures' first files, seeds in numeric order."""
    first: dict[str, int] = {}
    for place, (name, _) in enumerate(test.runs):
        first.setdefault(name, place)
    return sorted(
        range(len(test.runs)), key=lambda m: (first[test.runs[m][0]], int(test.runs[m][1] or 0))
    )


def _reorder(test: Aligned, order: list[int]) -> Aligned:
    return dataclasses.replace(
        test, runs=tuple(test.runs[place] for place in order), scores=test.scores[order]
    )


def _validation(
    test: Aligned, paths: Sequence[Path], reference: Path | None, options: Options
) -> Aligned | None:
    """Reads the validation set of the same runs, in the same order; refuses the test set itself."""
    if bool(paths) != (reference is not None):
        lacks = "`validation_reference`" if paths else "`validation`"
        raise InputError(
            f"{lacks} must be given beside the other: thresholds need both validation predictions "
            "and their reference standard. Received: one of them"
        )
    if reference is None:
        return None
    files = {
        (one.name, one.seed): one for one in (read_predictions(p, options.scores) for p in paths)
    }
    missing = [run for run in test.runs if run not in files]
    spare = [run for run in files if run not in test.runs]
    if missing or spare or len(files) != len(paths):
        wrong = ", ".join(_file_name(run) for run in (missing or spare or files))
        problem = (
            "none for" if missing else "one that is not compared," if spare else "two files of"
        )
        raise InputError(
            "`validation` must be one file for each file of predictions, of the same name. "
            f"Received: {problem} {wrong}"
        )
    standard = read_reference(reference)
    held_out = align(
        [files[run] for run in test.runs], standard, options.unit, options.views_rule, test.findings
    )
    places = [held_out.findings.index(finding) for finding in test.findings]
    held_out = dataclasses.replace(
        held_out,
        findings=test.findings,
        labels=held_out.labels[:, places],
        scores=held_out.scores[:, :, places],
    )
    shared = np.intersect1d(held_out.units.astype(str), test.units.astype(str))
    if len(shared):
        raise InputError(
            f"{reference}: validation must be on other studies than the test set. Received: "
            f"{len(shared)} of both, the first {shared[0]}"
        )
    return held_out


def _file_name(run: tuple[str, str]) -> str:
    return f"{run[0]}__seed{run[1]}" if run[1] else run[0]


def _panel(
    test: Aligned,
    held_out: Aligned | None,
    files: list[Predictions],
    options: Options,
    known: dict[str, Any],
    rng: np.random.Generator,
) -> tuple[Panel, list[dict[str, Any]], list[dict[str, Any]], list[Note]]:
    """Returns the panel, the networks and trivial models, the thresholds' rows, and warnings."""
    chosen, rows, notes = thresholds.choose(test, held_out, options)
    constant, more = trivial.prevalence(test, held_out, known.get("training_prevalence"))
    notes += more
    plain = [constant, trivial.nothing_positive(test)]
    for one in plain:
        if one.name in {run[0] for run in test.runs}:
            raise InputError(f"a model must not be named {one.name!r}, as a trivial model is")
    scores = np.concatenate([test.scores, np.stack([one.scores for one in plain])])
    chosen = np.concatenate([chosen, np.stack([one.thresholds for one in plain])])
    runs = [Run(name, seed, "network") for name, seed in test.runs]
    runs += [Run(one.name, "", "trivial") for one in plain]
    panel = Panel(
        test.findings, test.labels, test.patients, tuple(runs), scores, chosen,
        scores >= chosen[:, None, :],  # never, where the threshold is NaN
        draw(test.patients.astype(str), options.replicates, rng), not options.scores,
    )  # fmt: skip
    models = []
    for name, places in panel.architectures.items():
        if name in panel.networks:
            spent, doubts = cost.cost([files[place] for place in places])
            notes += doubts
            seeds = [panel.runs[place].seed for place in places if panel.runs[place].seed]
            models.append(_model(name, "network", seeds, _described(spent), spent))
    models += [_model(one.name, "trivial", [], one.description, None) for one in plain]
    for row in rows:
        row["seed"] = row["seed"] or "all"
    return panel, models, rows, notes


def _described(spent: dict[str, Any] | None) -> str:
    if spent is None:
        return "predictions from a file"
    return f"{spent['recipe'] or 'own'} recipe, weights: {spent['weights'] or 'not stated'}"


def _model(
    name: str, kind: str, seeds: list[str], description: str, spent: dict[str, Any] | None
) -> dict[str, Any]:
    return {
        "name": name, "kind": kind, "seeds": seeds, "description": description, "cost": spent,
    }  # fmt: skip


def _models(models: list[dict[str, Any]], ranked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    place = {row["model"]: row["rank"] for row in ranked if row["metric"] == "auroc"}
    return sorted(models, key=lambda one: (one["kind"] != "network", place.get(one["name"], 10**9)))


def _counts(panel: Panel) -> list[dict[str, Any]]:
    positives, negatives, unknown = metrics.class_counts(panel.labels)
    return [
        {"finding": finding, "positives": int(p), "negatives": int(n), "unknown": int(u)}
        for finding, p, n, u in zip(panel.findings, positives, negatives, unknown, strict=True)
    ]


def _warnings(notes: list[Note]) -> pd.DataFrame:
    return table("warnings", [dataclasses.asdict(note) for note in dict.fromkeys(notes)])


def _training(files: list[Predictions]) -> dict[str, dict[str, dict[str, list[Any]]]]:
    found: dict[str, dict[str, dict[str, list[Any]]]] = {}
    for one in files:
        history = cost.history(one)
        if history:
            found.setdefault(one.name, {})[one.seed or "0"] = history
    return found


def _protocol(
    panel: Panel,
    test: Aligned,
    standard: Reference,
    held_out: Aligned | None,
    options: Options,
    known: dict[str, Any],
) -> dict[str, Any]:
    positives, negatives = bootstrap.class_totals(panel.labels, panel.resamples)
    one_class = ((positives == 0) | (negatives == 0)).any(axis=1)
    seeds = {
        name: [panel.runs[place].seed for place in places if panel.runs[place].seed]
        for name, places in panel.architectures.items()
        if name in panel.networks
    }
    stated = (
        "title", "data", "split", "synthetic", "uncertainty_policy", "blank_rule", "command",
    )  # fmt: skip
    return {name: known.get(name) for name in stated} | {
        "synthetic": bool(known.get("synthetic", False)),
        "unit": options.unit,
        "views_rule": options.views_rule,
        "reference": standard.path.name,
        "images": test.images,
        "studies": len(set(test.studies.tolist())),
        "patients": len(set(test.patients.tolist())),
        "thresholds_rule": "fixed" if held_out is None else options.threshold_rule,
        "thresholds_source": "fixed" if held_out is None else "validation",
        "seeds": seeds,
        "replicates": options.replicates,
        "degenerate_replicates": int(one_class.sum()),
        "level": options.level,
        "interval": options.interval,
        "resampled": "patients",
        "correction": options.correction,
        "random_seed": options.seed,
        "non_inferiority_margin": options.margin,
        "ece_bins": None if options.scores else f"{options.bins} of equal width",
        "scores": "scores" if options.scores else "probabilities",
        "versions": environment.versions(),
        "hardware": environment.hardware(),
        "commit": environment.commit(),
    }

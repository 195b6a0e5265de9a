"""Combines networks and baselines in one panel and describes each model."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs import run_costs
from cxrcompare.comparison.inputs.baselines import constant_baselines, metadata_baseline
from cxrcompare.comparison.inputs.baselines.constant_baselines import Baseline
from cxrcompare.comparison.inputs.baselines.metadata_baseline import FittedMetadata
from cxrcompare.comparison.inputs.panel import CHOSEN, GIVEN, Panel, Run
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.inputs.thresholds import chosen_thresholds
from cxrcompare.comparison.inputs.thresholds.chosen_thresholds import Thresholds
from cxrcompare.comparison.result.content_types import Cost, ModelRow
from cxrcompare.comparison.row_types.column_types import ALL_SEEDS
from cxrcompare.comparison.row_types.main_rows import ThresholdRow
from cxrcompare.errors import InputError
from cxrcompare.evaluation.bootstrap.resampling import Resamples, draw
from cxrcompare.predictions import Note


class Assembled(NamedTuple):
    """The panel and what describes it.

    Attributes:
        panel: Networks and baselines on the same units.
        models: The descriptions of the models.
        thresholds: The rows of the thresholds.
        notes: Warnings.
        metadata: The fitted metadata baseline, or None.
    """

    panel: Panel
    models: list[ModelRow]
    thresholds: list[ThresholdRow]
    notes: list[Note]
    metadata: FittedMetadata | None


def assemble(
    inputs: Inputs, options: Options, context: dict[str, Any], rng: np.random.Generator
) -> Assembled:
    """Returns the panel of networks and baselines, and what describes it.

    Args:
        inputs: The files that were read.
        options: Threshold rule and replicates.
        context: Facts that the files do not contain; see `compare`.
        rng: The random number generator.

    Raises:
        InputError: A network has the name of a baseline.
    """
    test = inputs.test
    probabilities = np.array([one.probabilities for one in inputs.predictions])
    held_out = chosen_thresholds.draw_validation(inputs.validation, options, rng.spawn(1)[0])
    networks, notes = chosen_thresholds.of_networks(
        test, inputs.validation, inputs.thresholds, probabilities, options, held_out
    )
    computed, fitted, more = _baselines(inputs, context)
    notes += more
    taken = {name for name, _ in test.runs} & {one.name for one in computed}
    if taken:
        raise InputError(
            f"a model must not have the name of a baseline. Received: {', '.join(taken)}"
        )
    scores = np.concatenate([test.scores, np.stack([one.scores for one in computed])])
    applied = _with_baselines(networks, computed, inputs, options, held_out)
    runs = [
        Run(name, seed, "network", bool(calibrated))
        for (name, seed), calibrated in zip(test.runs, probabilities, strict=True)
    ]
    runs += [Run(one.name, "", "trivial") for one in computed]
    patients = test.patients.astype(str)
    panel = Panel(
        test.findings,
        test.labels,
        patients,
        tuple(runs),
        scores,
        applied.values,
        scores >= applied.values[:, None, :],  # False where the threshold is NaN
        draw(patients, options.replicates, rng),
        threshold_replicates=applied.replicates,
        minimum_patients=options.min_patients,
        threshold_sources=applied.sources,
        few_validation=_few_validation(inputs, options),
        roc_points=options.roc_points,
    )
    models, more = _networks(panel, inputs)
    models += [
        {
            "name": one.name,
            "kind": "trivial",
            "seeds": [],
            "description": one.description,
            "cost": None,
        }
        for one in computed
    ]
    return Assembled(panel, models, _rows(panel, options), [*notes, *more], fitted)


def _few_validation(inputs: Inputs, options: Options) -> np.ndarray | None:
    """Returns the findings with too few validation patients; None if thresholds are not chosen."""
    if inputs.validation is None or inputs.thresholds is not None:
        return None
    return chosen_thresholds.few_patients(inputs.validation, options)


def _with_baselines(
    networks: Thresholds,
    computed: list[Baseline],
    inputs: Inputs,
    options: Options,
    held_out: Resamples | None,
) -> Thresholds:
    """Appends the thresholds of the baselines, chosen on validation where they have scores there.

    A finding for which none can be chosen has the baseline's own threshold, which is frozen.
    """
    parts = [networks]
    for one in computed:
        values = one.thresholds[None]
        replicates = np.broadcast_to(values, (options.replicates, *values.shape))
        sources = np.full(values.shape, GIVEN, dtype=object)
        if one.on_validation is not None and inputs.validation is not None and held_out is not None:
            labels = inputs.validation.labels
            chosen, drawn = chosen_thresholds.choose(
                labels, one.on_validation[None], held_out, options
            )
            usable = ~np.isnan(chosen)
            values = np.where(usable, chosen, values)
            replicates = np.where(usable, drawn, replicates)
            sources[usable] = CHOSEN
        parts.append(Thresholds(values, sources, replicates))
    return Thresholds(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.sources for part in parts]),
        np.concatenate([part.replicates for part in parts], axis=1),
    )


def _rows(panel: Panel, options: Options) -> list[ThresholdRow]:
    return [
        ThresholdRow(
            model=run.model,
            seed=run.seed or ALL_SEEDS,
            finding=finding,
            threshold=panel.thresholds[m, f],
            rule=options.chosen_rule if source == CHOSEN else str(source),
            source=str(source),
        )
        for m, run in enumerate(panel.runs)
        if run.kind == "network"
        for f, (finding, source) in enumerate(zip(panel.findings, panel.sources[m], strict=True))
    ]


def _baselines(
    inputs: Inputs, context: dict[str, Any]
) -> tuple[list[Baseline], FittedMetadata | None, list[Note]]:
    constant, notes = constant_baselines.prevalence(
        inputs.test, inputs.validation, context.get("training_prevalence")
    )
    found = [constant, constant_baselines.nothing_positive(inputs.test)]
    if not inputs.test_metadata:
        return found, None, notes
    fitted, more = metadata_baseline.fit(inputs)
    return ([fitted.baseline] if fitted else []) + found, fitted, [*notes, *more]


def _networks(panel: Panel, inputs: Inputs) -> tuple[list[ModelRow], list[Note]]:
    models: list[ModelRow] = []
    notes: list[Note] = []
    ensembles = {one.name: one for one in inputs.ensembles}
    for name in panel.networks:
        indices = panel.architectures[name]
        ensemble = ensembles.get(name)
        if ensemble is None:
            cost, more = run_costs.cost([inputs.predictions[index] for index in indices])
            notes += more
        else:
            cost = run_costs.total(
                [[inputs.predictions[index] for index in members] for members in ensemble.runs]
            )
        seeds: list[int | str] = [
            panel.runs[index].seed for index in indices if panel.runs[index].seed
        ]
        models.append(
            {
                "name": name,
                "kind": "network" if ensemble is None else "ensemble",
                "seeds": seeds,
                "description": _description(cost) if ensemble is None else ensemble.description,
                "cost": cost,
            }
        )
    return models, [*notes, *_seed_notes(panel)]


def _description(cost: Cost | None) -> str:
    if cost is None:
        return "predictions from a file"
    return f"recipe {cost['recipe'] or 'not stated'}, weights {cost['weights'] or 'not stated'}"


def _seed_notes(panel: Panel) -> list[Note]:
    """Warns about architectures with one run: their intervals do not cover seed variation."""
    counts = {name: len(panel.architectures[name]) for name in panel.networks}
    single = [name for name, count in counts.items() if count == 1]
    if not single:
        return []
    text = (
        f"one run each of {', '.join(single)}: their intervals cover the sampling of patients, but "
        "not the variation between trainings (seeds)"
    )
    return [Note("one_seed", text)]

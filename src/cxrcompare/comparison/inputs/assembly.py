"""Combines networks and baselines in one panel and describes each model."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs import baselines, metadata_baseline, run_costs, thresholds
from cxrcompare.comparison.inputs.baselines import Baseline
from cxrcompare.comparison.inputs.metadata_baseline import FittedMetadata
from cxrcompare.comparison.inputs.panel import Panel, Run
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.result.content import Cost, ModelRow
from cxrcompare.comparison.result.rows import ThresholdRow
from cxrcompare.errors import InputError
from cxrcompare.evaluation.bootstrap.resampling import draw
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
    chosen, rows, notes = thresholds.choose(test, inputs.validation, options)
    computed, fitted, more = _baselines(inputs, options, context)
    notes += more
    taken = {name for name, _ in test.runs} & {one.name for one in computed}
    if taken:
        raise InputError(
            f"a model must not have the name of a baseline. Received: {', '.join(taken)}"
        )
    scores = np.concatenate([test.scores, np.stack([one.scores for one in computed])])
    chosen = np.concatenate([chosen, np.stack([one.thresholds for one in computed])])
    runs = [Run(name, seed, "network") for name, seed in test.runs]
    runs += [Run(one.name, "", "trivial") for one in computed]
    patients = test.patients.astype(str)
    panel = Panel(
        test.findings,
        test.labels,
        patients,
        tuple(runs),
        scores,
        chosen,
        scores >= chosen[:, None, :],  # False where the threshold is NaN
        draw(patients, options.replicates, rng),
        not options.scores,
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
    return Assembled(panel, models, rows, [*notes, *more], fitted)


def _baselines(
    inputs: Inputs, options: Options, context: dict[str, Any]
) -> tuple[list[Baseline], FittedMetadata | None, list[Note]]:
    constant, notes = baselines.prevalence(
        inputs.test, inputs.validation, context.get("training_prevalence")
    )
    found = [constant, baselines.nothing_positive(inputs.test)]
    if not inputs.test_metadata:
        return found, None, notes
    fitted, more = metadata_baseline.fit(inputs, options)
    return ([fitted.baseline] if fitted else []) + found, fitted, [*notes, *more]


def _networks(panel: Panel, inputs: Inputs) -> tuple[list[ModelRow], list[Note]]:
    models: list[ModelRow] = []
    notes: list[Note] = []
    for name in panel.networks:
        indices = panel.architectures[name]
        cost, more = run_costs.cost([inputs.predictions[index] for index in indices])
        notes += more
        seeds: list[int | str] = [
            panel.runs[index].seed for index in indices if panel.runs[index].seed
        ]
        models.append(
            {
                "name": name,
                "kind": "network",
                "seeds": seeds,
                "description": _description(cost),
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

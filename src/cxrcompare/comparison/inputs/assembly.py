"""Puts networks and trivial models into one panel, and says what each of them is."""

from __future__ import annotations

from typing import Any

import numpy as np

from cxrcompare.comparison.inputs import baselines, metadata_baseline, run_costs, thresholds
from cxrcompare.comparison.inputs.baselines import Trivial
from cxrcompare.comparison.inputs.panel import Panel, Run
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.options import Options
from cxrcompare.errors import InputError
from cxrcompare.evaluation.resampling import draw
from cxrcompare.predictions import Note


def assemble(
    told: Inputs, options: Options, known: dict[str, Any], rng: np.random.Generator
) -> tuple[Panel, list[dict[str, Any]], list[dict[str, Any]], list[Note]]:
    """Returns the panel, what each model is, the rows of the thresholds, and warnings.

    Args:
        told: What was read.
        options: Threshold rule and replicates.
        known: What only the caller knows; see `compare`.
        rng: The generator of random numbers.
    """
    test = told.test
    chosen, rows, notes = thresholds.choose(test, told.validation, options)
    for row in rows:
        row["seed"] = row["seed"] or "all"
    plain, more = _trivial(told, options, known)
    notes += more
    taken = {name for name, _ in test.runs} & {one.name for one in plain}
    if taken:
        raise InputError(
            f"a model must not be named as a trivial model is. Received: {', '.join(taken)}"
        )
    scores = np.concatenate([test.scores, np.stack([one.scores for one in plain])])
    chosen = np.concatenate([chosen, np.stack([one.thresholds for one in plain])])
    runs = [Run(name, seed, "network") for name, seed in test.runs]
    runs += [Run(one.name, "", "trivial") for one in plain]
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
    models, doubts = _networks(panel, told)
    models += [
        {
            "name": one.name,
            "kind": "trivial",
            "seeds": [],
            "description": one.description,
            "cost": None,
        }
        for one in plain
    ]
    return panel, models, rows, [*notes, *doubts]


def _trivial(
    told: Inputs, options: Options, known: dict[str, Any]
) -> tuple[list[Trivial], list[Note]]:
    constant, notes = baselines.prevalence(
        told.test, told.validation, known.get("training_prevalence")
    )
    plain = [constant, baselines.nothing_positive(told.test)]
    if not told.test_metadata:
        return plain, notes
    if told.validation is None or not told.validation_metadata:
        lacks = "no validation" if told.validation is None else "no metadata of validation"
        text = f"{lacks}: no model of metadata alone can be fitted"
        return plain, [*notes, Note("no_metadata_model", text, metadata_baseline.NAME)]
    alone, more = metadata_baseline.alone(
        told.test_metadata, told.validation_metadata, told.validation, options
    )
    return [alone, *plain], [*notes, *more]


def _networks(panel: Panel, told: Inputs) -> tuple[list[dict[str, Any]], list[Note]]:
    models, notes = [], []
    for name in panel.networks:
        places = panel.architectures[name]
        spent, doubts = run_costs.cost([told.predictions[place] for place in places])
        notes += doubts
        seeds = [panel.runs[place].seed for place in places if panel.runs[place].seed]
        models.append(
            {
                "name": name,
                "kind": "network",
                "seeds": seeds,
                "description": _described(spent),
                "cost": spent,
            }
        )
    return models, [*notes, *_seed_notes(panel)]


def _described(spent: dict[str, Any] | None) -> str:
    if spent is None:
        return "predictions from a file"
    return f"recipe {spent['recipe'] or 'not stated'}, weights {spent['weights'] or 'not stated'}"


def _seed_notes(panel: Panel) -> list[Note]:
    """Says which architectures' intervals cannot carry what another training would give."""
    counts = {name: len(panel.architectures[name]) for name in panel.networks}
    single = [name for name, count in counts.items() if count == 1]
    if not single:
        return []
    text = (
        f"one run each of {', '.join(single)}: their intervals say what other patients would give, "
        "not what another training would"
    )
    return [Note("one_seed", text)]

"""The protocol of a comparison: data, options, versions and hardware behind the numbers."""

from __future__ import annotations

from typing import Any, cast

from cxrcompare import environment
from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs.baselines.metadata_baseline import FittedMetadata
from cxrcompare.comparison.inputs.panel import CHOSEN, FIXED, GIVEN, NO_THRESHOLD, Panel
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.result.content_types import Hardware, Protocol
from cxrcompare.evaluation.bootstrap.one_class import one_class
from cxrcompare.filesystem import files


def protocol(
    panel: Panel,
    inputs: Inputs,
    options: Options,
    context: dict[str, Any],
    metadata: FittedMetadata | None = None,
) -> Protocol:
    """Returns the protocol.

    Args:
        panel: The runs that are compared.
        inputs: The files that were read.
        options: The options of the comparison.
        context: Facts that the files do not contain; a missing key becomes None.
        metadata: The metadata baseline, if there is one.
    """
    degenerate = one_class(panel.labels, panel.resamples).any(axis=1)
    patients = _patients(inputs)
    source = _thresholds_source(panel)
    return {
        "title": context.get("title"),
        "data": context.get("data"),
        "split": context.get("split"),
        "patients_source": context.get("patients_source"),
        "finding_columns": context.get("finding_columns"),
        "rejected_files": context.get("rejected_files"),
        "near_duplicates": context.get("near_duplicates"),
        "starting_weights": context.get("starting_weights"),
        "device": context.get("device"),
        "uncertainty_policy": context.get("uncertainty_policy"),
        "blank_rule": context.get("blank_rule"),
        "command": context.get("command"),
        "synthetic": context.get("synthetic", _synthetic(inputs)),
        "unit": "study" if options.unit == "study" else "image",
        "views_rule": options.views_rule,
        "reference": inputs.standard.path.name,
        "images": inputs.test.images,
        "studies": len(set(inputs.test.studies.tolist())),
        "patients": patients,
        "thresholds_rule": options.chosen_rule if source == CHOSEN else source,
        "thresholds_source": source,
        "thresholds_noise": bool(panel.noisy.any()),
        "metadata_source": None if metadata is None else metadata.source,
        "seeds": {
            name: [panel.runs[index].seed for index in indices if panel.runs[index].seed]
            for name, indices in panel.architectures.items()
            if name in panel.networks
        },
        "replicates": options.replicates,
        "degenerate_replicates": int(degenerate.sum()),
        "level": options.level,
        "interval": "percentile",
        "resampled": "patients" if patients is not None else "studies",
        "correction": options.correction,
        "random_seed": options.seed,
        "non_inferiority_margin": options.margin,
        "margin": options.chosen_margin,
        "min_patients": options.min_patients,
        "margin_given": options.margin is not None,
        "roc_points": {
            "specificity": options.fixed_specificity,
            "sensitivity": options.fixed_sensitivity,
            "false_positive_rate": options.partial_rate,
        },
        "ece_bins": f"{options.bins} of equal width" if _scores(panel) != "scores" else None,
        "scores": _scores(panel),
        "versions": environment.versions(),
        "hardware": cast(Hardware, environment.hardware()),
        "commit": environment.commit(),
    }


def _thresholds_source(panel: Panel) -> str:
    """Returns where the thresholds of the networks come from; the most informative if they vary."""
    found = panel.sources[[run.kind == "network" for run in panel.runs]]
    order = (GIVEN, CHOSEN, FIXED)
    return next((source for source in order if (found == source).any()), NO_THRESHOLD)


def _scores(panel: Panel) -> str:
    """Returns the kind of the scores: scores, probabilities, or which models have which."""
    kinds = {run.model: run.probabilities for run in panel.runs if run.kind == "network"}
    if all(kinds.values()):
        return "probabilities"
    names = [name for name, calibrated in kinds.items() if not calibrated]
    if len(names) == len(kinds):
        return "scores"
    return f"scores of {', '.join(names)}; probabilities of the other models"


def _patients(inputs: Inputs) -> int | None:
    """Returns the number of patients of the test set; None if no file names them."""
    rows = [inputs.standard.rows, *(one.rows for one in inputs.predictions)]
    named = any((one.patients != "").any() for one in rows)
    return len(set(inputs.test.patients.tolist())) if named else None


def _synthetic(inputs: Inputs) -> bool | None:
    """Returns True if `sample.json` in the reference's folder marks synthetic data, else None."""
    path = inputs.standard.path.parent / "sample.json"
    content = files.read_json(path) if inputs.standard.stored and path.is_file() else None
    return True if isinstance(content, dict) and content.get("synthetic") is True else None

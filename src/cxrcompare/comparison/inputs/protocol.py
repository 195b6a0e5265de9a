"""The protocol of a comparison: data, options, versions and hardware behind the numbers."""

from __future__ import annotations

from typing import Any, cast

from cxrcompare import environment
from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs.metadata_baseline import FittedMetadata
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.result.content import Hardware, Protocol
from cxrcompare.evaluation.bootstrap import metric_replicates
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
    positives, negatives = metric_replicates.class_totals(panel.labels, panel.resamples)
    one_class = ((positives == 0) | (negatives == 0)).any(axis=1)
    patients = _patients(inputs)
    without = "none" if options.scores else "fixed"
    return {
        "title": context.get("title"),
        "data": context.get("data"),
        "split": context.get("split"),
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
        "thresholds_rule": options.chosen_rule if inputs.validation is not None else without,
        "thresholds_source": "validation" if inputs.validation is not None else without,
        "metadata_source": None if metadata is None else metadata.source,
        "seeds": {
            name: [panel.runs[index].seed for index in indices if panel.runs[index].seed]
            for name, indices in panel.architectures.items()
            if name in panel.networks
        },
        "replicates": options.replicates,
        "degenerate_replicates": int(one_class.sum()),
        "level": options.level,
        "interval": "percentile",
        "resampled": "patients" if patients is not None else "studies",
        "correction": options.correction,
        "random_seed": options.seed,
        "non_inferiority_margin": options.margin,
        "ece_bins": None if options.scores else f"{options.bins} of equal width",
        "scores": "scores" if options.scores else "probabilities",
        "versions": environment.versions(),
        "hardware": cast(Hardware, environment.hardware()),
        "commit": environment.commit(),
    }


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

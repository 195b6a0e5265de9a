"""The protocol of a comparison: what every number rests on."""

from __future__ import annotations

from typing import Any

from cxrcompare import environment, files
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.options import Options
from cxrcompare.evaluation import bootstrap

_STATED = (
    "title",
    "data",
    "split",
    "synthetic",
    "uncertainty_policy",
    "blank_rule",
    "command",
)


def protocol(panel: Panel, told: Inputs, options: Options, known: dict[str, Any]) -> dict[str, Any]:
    """Returns the protocol with the keys that `Comparison.protocol` lists.

    Args:
        panel: What is compared.
        told: What was read.
        options: What was chosen.
        known: What only the caller knows; None where it does not say.
    """
    positives, negatives = bootstrap.class_totals(panel.labels, panel.resamples)
    one_class = ((positives == 0) | (negatives == 0)).any(axis=1)
    patients = _patients(told)
    without = "none" if options.scores else "fixed"
    return {name: known.get(name) for name in _STATED} | {
        "synthetic": known.get("synthetic", _synthetic(told)),
        "unit": options.unit,
        "views_rule": options.views_rule,
        "reference": told.standard.path.name,
        "images": told.test.images,
        "studies": len(set(told.test.studies.tolist())),
        "patients": patients,
        "thresholds_rule": options.chosen_rule if told.validation is not None else without,
        "thresholds_source": "validation" if told.validation is not None else without,
        "seeds": {
            name: [panel.runs[place].seed for place in places if panel.runs[place].seed]
            for name, places in panel.architectures.items()
            if name in panel.networks
        },
        "replicates": options.replicates,
        "degenerate_replicates": int(one_class.sum()),
        "level": options.level,
        "interval": options.interval,
        "resampled": "patients" if patients is not None else "studies",
        "correction": options.correction,
        "random_seed": options.seed,
        "non_inferiority_margin": options.margin,
        "ece_bins": None if options.scores else f"{options.bins} of equal width",
        "scores": "scores" if options.scores else "probabilities",
        "versions": environment.versions(),
        "hardware": environment.hardware(),
        "commit": environment.commit(),
    }


def _patients(told: Inputs) -> int | None:
    """Returns how many patients the test set has; None where no file names them."""
    rows = [told.standard.rows, *(one.rows for one in told.predictions)]
    known = any((one.patients != "").any() for one in rows)
    return len(set(told.test.patients.tolist())) if known else None


def _synthetic(told: Inputs) -> bool | None:
    """Returns True where the reference lies in a folder that says so, else None: not stated."""
    mark = told.standard.path.parent / "sample.json"
    said = files.read_json(mark) if mark.is_file() else None
    return True if isinstance(said, dict) and said.get("synthetic") is True else None

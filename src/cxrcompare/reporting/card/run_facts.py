"""The facts of a run that its card states, from the JSON files of its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from cxrcompare.errors import InputError
from cxrcompare.filesystem import files
from cxrcompare.predictions import split_name
from cxrcompare.reporting.results import numbers


class RunFacts(NamedTuple):
    """The facts of a run.

    Attributes:
        name: The name of its model in a comparison.
        seed: Its seed, as text.
        config: The content of config.json.
        summary: The content of summary.json.
        environment: The content of environment.json; empty if there is none.
        folder: The name of the run's folder, the name of its model if its predictions are compared
            in place.
    """

    name: str
    seed: str
    config: dict[str, Any]
    summary: dict[str, Any]
    environment: dict[str, Any]
    folder: str = ""

    @property
    def findings(self) -> list[str]:
        """The findings that the network predicts, in order."""
        return [str(one) for one in self.config.get("findings") or []]


def read(run: Path) -> RunFacts:
    """Reads the facts of a finished run.

    Args:
        run: The folder of the run.

    Raises:
        InputError: It is not the folder of a finished run.
    """
    for name in ("config.json", "summary.json"):
        if not (run / name).is_file():
            raise InputError(f"{run}: must be the folder of a finished run. Received: no {name}")
    config = _content(run / "config.json")
    stem, seed = split_name(run.resolve().name)
    return RunFacts(
        stem if seed else str(config.get("model", stem)),
        str(config.get("seed", seed)),
        config,
        _content(run / "summary.json"),
        _content(run / "environment.json") if (run / "environment.json").is_file() else {},
        stem,
    )


def _content(path: Path) -> dict[str, Any]:
    found = files.read_json(path)
    if not isinstance(found, dict):
        raise InputError(f"{path}: must be a JSON object. Received: {type(found).__name__}")
    return found


def lines(facts: RunFacts) -> dict[str, list[tuple[str, str]]]:
    """Returns terms and values by section; what the run does not state is left out."""
    config, summary = facts.config, facts.summary
    versions = facts.environment.get("versions") or {}
    labels = config.get("labels") or {}
    sections = {
        "Network": [
            ("Architecture", config.get("model")),
            ("Parameters", _count(summary.get("parameters"))),
            ("Image size in pixels", config.get("image_size")),
            ("Findings, one output each", facts.findings),
            ("Output", config.get("outputs")),
            ("Initial weights", config.get("weights_loaded", config.get("weights"))),
        ],
        "Training": [
            ("Data set", config.get("dataset")),
            ("Hash of the image store", config.get("store_content_hash")),
            ("Uncertain labels", labels.get("uncertain", config.get("policy"))),
            ("Blank labels", labels.get("blank", config.get("blank"))),
            ("Recipe", config.get("recipe")),
            ("Loss", config.get("loss")),
            ("Seed", config.get("seed")),
            ("Epochs trained", summary.get("epochs")),
            ("Best epoch", summary.get("best_epoch")),
            ("Best AUROC on validation", _decimal(summary.get("best_valid_auroc"))),
            ("Training time", _duration(summary.get("train_seconds"))),
            ("Precision", config.get("precision")),
            ("Versions", versions),
            ("Commit", facts.environment.get("commit")),
        ],
    }
    return {
        section: [
            (term, text) for term, value in terms if (text := numbers.stated(value)) != "not stated"
        ]
        for section, terms in sections.items()
    }


def _count(value: Any) -> str | None:
    return numbers.count(value) if numbers.defined(value) else None


def _decimal(value: Any) -> str | None:
    return numbers.decimal(value) if numbers.defined(value) else None


def _duration(value: Any) -> str | None:
    return numbers.duration(value) if numbers.defined(value) else None

"""Output files of a run: config, environment, history, predictions and TensorBoard logs."""

from __future__ import annotations

import csv
import importlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxrcompare import environment, extras
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files
from cxrcompare.findings import select
from cxrcompare.images.prepare import ImageStore, open_store
from cxrcompare.predictions import write_predictions
from cxrcompare.training.run_config import RunConfig, Settings

if TYPE_CHECKING:
    from cxrcompare.training.feeding.run_data import Data, Part

HISTORY = (
    "epoch",
    "phase",
    "loss",
    "valid_loss",
    "valid_auroc",
    "learning_rate",
    "seconds",
    "images_per_second",
)
_MAY_DIFFER = ("store", "tensorboard", "checkpoint_seconds")


def write_config(
    out: Path, config: RunConfig, settings: Settings, data: Data, resolved: dict[str, Any]
) -> None:
    """Writes `config.json`; if the run has started, checks the existing file instead.

    Args:
        out: The run folder.
        config: The configuration of the run.
        settings: Every setting, resolved.
        data: The store and the findings.
        resolved: Values that are only known when the run starts: image_size, weights_loaded, ...

    Raises:
        InputError: The folder holds a run with other settings or of another store.
    """
    content = {
        **_requested(config, settings, data.findings, data.store),
        **resolved,
        "outputs": "model.keras gives logits; predictions hold their sigmoid",
    }
    path = out / "config.json"
    if path.exists() and has_started(out):
        _compare(path, content)
    else:
        files.write_json(path, content)


def has_started(out: Path) -> bool:
    """Returns whether the run has trained an epoch; before that, its settings may change."""
    return any((out / name).exists() for name in ("checkpoint/last.npz", "history.csv"))


def check_finished(out: Path, config: RunConfig) -> None:
    """Checks that a finished run has the requested configuration; no framework needed.

    Raises:
        InputError: The folder holds a run with other settings or of another store.
    """
    path = out / "config.json"
    before = files.read_json(path)
    store = open_store(config.store)
    findings = select(config.findings or "all", store.table.findings)
    loaded = not str(before.get("weights_loaded", "none")).startswith("none")
    pretrained = bool(before.get("pretrained", loaded))  # earlier versions wrote no "pretrained"
    requested = _requested(config, config.settings(pretrained), findings, store)
    kept = {key: before.get(key) for key in ("precision",)}  # "auto" depends on the hardware
    _compare(path, {**before, **requested, **kept})


def _requested(
    config: RunConfig, settings: Settings, findings: Sequence[str], store: ImageStore
) -> dict[str, Any]:
    return {
        "model": config.model,
        "seed": config.seed,
        "recipe": config.recipe,
        "weights": config.weights,
        "findings": list(findings),
        "policy": config.policy.uncertain,
        "blank": config.policy.blank,
        "labels": config.policy.model_dump(mode="json"),
        "store": str(config.store),
        "dataset": store.description["dataset"],
        "store_content_hash": store.description["content_hash"],
        "deterministic": config.deterministic,
        "tensorboard": config.tensorboard,
        "checkpoint_seconds": config.checkpoint_seconds,
        **settings.model_dump(mode="json"),
        "image_size": config.image_size or store.pixels.shape[1],
    }


def _compare(path: Path, content: Mapping[str, Any]) -> None:
    before = files.read_json(path)
    keys = [key for key in {**before, **content} if key not in _MAY_DIFFER]
    changed = [key for key in keys if before.get(key) != content.get(key)]
    if changed:
        key = changed[0]
        raise InputError(
            f"{path}: must be of a run with the same settings; `{key}` was {before.get(key)!r}. "
            f"Received: {content.get(key)!r}; choose another folder, or remove this one"
        )


def write_environment(out: Path, backend: str, gpu: str) -> None:
    """Writes `environment.json` once, with the environment at the start of the run."""
    if not (has_started(out) and (out / "environment.json").exists()):
        content = environment.describe()
        content["hardware"]["gpu"] = gpu or None
        files.write_json(out / "environment.json", {**content, "backend": backend})


def write_history(out: Path, rows: list[dict[str, Any]]) -> None:
    """Writes the complete `history.csv`, one row per epoch."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HISTORY, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    files.write_text(out / "history.csv", text.getvalue())


def write_split(path: Path, part: Part, findings: tuple[str, ...], logits: np.ndarray) -> None:
    """Writes the probabilities of a split."""
    rows = part.table.rows
    write_predictions(
        path,
        findings,
        probabilities(logits),
        image_ids=_texts(rows["image_id"]),
        study_ids=_texts(rows["study_id"]),
        patient_ids=_texts(rows["patient_id"]) if part.table.patients_known else None,
    )


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Returns the sigmoid of logits, as float32."""
    with np.errstate(over="ignore"):
        return (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)


def _texts(column: pd.Series) -> list[str]:
    return [str(text) for text in column]


class Logs:
    """Logs for TensorBoard in the folder `tensorboard/` of a run, if enabled."""

    def __init__(self, out: Path, enabled: bool) -> None:
        self._writer: Any = None
        if enabled:
            try:
                writer = importlib.import_module("tensorboard.summary").Writer
            except ImportError as error:
                raise InputError(
                    "`tensorboard` needs the package tensorboard. Received: not installed; "
                    f"{extras.install('tensorboard')}"
                ) from error
            self._writer = writer(str(out / "tensorboard"))

    def write(self, row: dict[str, Any]) -> None:
        """Logs the metrics of one row of the history."""
        if self._writer is not None:
            for name in HISTORY[2:]:
                self._writer.add_scalar(name, row[name], step=row["epoch"])
            self._writer.flush()

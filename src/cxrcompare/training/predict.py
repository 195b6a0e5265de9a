"""predict: probabilities of a finished run for a split of a store, or for image or DICOM files."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare import models, progress
from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import files, output_checks
from cxrcompare.images.store import csv_text
from cxrcompare.options.declaration import check
from cxrcompare.options.image_commands import Predict
from cxrcompare.predictions import write_predictions
from cxrcompare.training.feeding.image_source import open_source
from cxrcompare.training.steps import device

logger = logging.getLogger(__name__)


def predict(
    run: str | os.PathLike[str],
    input: str | os.PathLike[str],
    out: str | os.PathLike[str],
    split: str = Predict.split,
    *,
    max_rejected: float = Predict.max_rejected,
    strict: bool = Predict.strict,
    follow_links: bool = Predict.follow_links,
) -> None:
    """Writes a CSV of probabilities, one row per image.

    Files of a folder that cannot be decoded are left out and listed, with the reasons, in
    `<out stem>.rejected.csv`. If there are too many of them, both files are still written before
    the error is raised: the predictions of the other files are valid.

    Args:
        run: The folder of a finished training.
        input: An image store, an image or DICOM file, or a folder of such files.
        out: The CSV file to write; it must not exist, and neither must the list of rejected files.
        split: The split to predict, if `input` is a store.
        max_rejected: The share of a folder's files, 0 to 1, that may be rejected.
        strict: Whether the first rejected file is an error, and nothing is written.
        follow_links: Whether links may lead out of a folder; if not, such files are rejected.

    Raises:
        InputError: `out` exists, `run` is not a finished run, no file of `input` can be decoded,
            or with `strict` any file cannot be decoded.
        JobError: More files are rejected than `max_rejected` allows.
    """
    check(Predict, split=split, max_rejected=max_rejected)
    run, input, out = Path(run), Path(input), Path(out)
    rejected_file = out.with_name(f"{out.stem}.rejected.csv")
    output_checks.check_new_file(out)
    output_checks.check_new_file(rejected_file, "the list of rejected files")
    config = finished_config(run)
    size, findings = int(config["image_size"]), tuple(config["findings"])
    source = open_source(input, split, strict, follow_links)  # before the framework is imported
    device.start()
    model = models.load(run / "model.keras")
    values = _probabilities(model, source.batches(size), len(source))
    _write_rejected(rejected_file, source.found.rejected)
    ids = source.ids()
    if not ids["image_ids"]:
        raise InputError(
            f"{input}: must hold JPEG, PNG or DICOM files. Received: {len(source)} files, "
            f"none of which can be decoded ({_first(source.found.rejected)}); "
            f"reasons: {rejected_file}"
        )
    write_predictions(out, findings, values[: len(ids["image_ids"])], **ids)
    _report(source.found.rejected, len(source), max_rejected, out, rejected_file)


def _write_rejected(rejected_file: Path, rejected: dict[str, str]) -> None:
    if rejected:
        columns = {"path": [*rejected], "reason": [*rejected.values()]}
        files.write_text(rejected_file, csv_text(columns))


def _report(
    rejected: dict[str, str], count: int, max_rejected: float, out: Path, rejected_file: Path
) -> None:
    """Logs the number of rejected files.

    Raises:
        JobError: More files are rejected than `max_rejected` allows.
    """
    if not rejected:
        return
    summary = f"{len(rejected):,} of {count:,} files ({_first(rejected)}); reasons: {rejected_file}"
    if len(rejected) > max_rejected * count:
        raise JobError(
            f"at most {max_rejected:.2%} of the files may be rejected (`--max-rejected`). "
            f"Received: {summary}; predictions of the others: {out}"
        )
    logger.warning("rejected: %s", summary)


def _first(rejected: dict[str, str]) -> str:
    return "first: " + next(f"{name}: {reason}" for name, reason in rejected.items())


def finished_config(run: Path) -> dict[str, Any]:
    """Returns the configuration of a finished run.

    Args:
        run: The folder of the run.

    Raises:
        InputError: It is not the folder of a finished training.
    """
    if not (run / "summary.json").is_file():
        raise InputError(f"{run}: must be the folder of a finished training, with summary.json")
    config: dict[str, Any] = files.read_json(run / "config.json")
    return config


def _probabilities(model: Any, batches: Iterator[np.ndarray], count: int) -> np.ndarray:
    """Returns (count, F) probabilities; fewer rows if `batches` has fewer images."""
    from cxrcompare.training.running.predicting import predict_batches, prediction_step
    from cxrcompare.training.running.record import probabilities

    step = prediction_step(model)
    with progress.track("predict", count, "images") as advance:
        return probabilities(predict_batches(step, batches, count, advance).values)

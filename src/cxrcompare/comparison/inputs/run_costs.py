"""Training cost and history of networks whose prediction files are in a run folder."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from cxrcompare.comparison.result.content_types import Cost, History
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files
from cxrcompare.predictions import Note, Predictions

_NUMBERS = (
    "parameters",
    "train_seconds",
    "images_per_second",
    "prediction_images_per_second",
    "epochs",
)
_CHOICES = ("weights", "recipe", "image_size", "policy", "blank")


def run_folder(run: Predictions) -> Path | None:
    """Returns the run folder that contains a file of predictions, or None."""
    if not run.stored:
        return None
    path = run.path
    folder = path.resolve().parent.parent
    inside = path.resolve().parent.name == "predictions" and (folder / "config.json").is_file()
    return folder if inside else None


def cost(runs: Sequence[Predictions]) -> tuple[Cost | None, list[Note]]:
    """Returns the cost of an architecture as means over its seeds, and warnings.

    Args:
        runs: The architecture's files.

    Returns:
        The cost, None if no file is in a run folder; and the warnings.
    """
    folders = [folder for one in runs if (folder := run_folder(one)) is not None]
    if not folders:
        return None, []
    described, notes = [], []
    for folder in folders:
        content = _read(folder / "config.json") | _read(folder / "summary.json")
        if not (folder / "summary.json").is_file():
            text = f"{folder.name}: no summary.json: the training did not finish"
            notes.append(Note("unfinished", text, runs[0].name))
        described.append(content)
    result: dict[str, Any] = {}
    for name in _NUMBERS:
        values = [one[name] for one in described if isinstance(one.get(name), int | float)]
        result[name] = sum(values) / len(values) if values else None
    for name in _CHOICES:
        distinct = list(dict.fromkeys(_text(one[name]) for one in described if one.get(name)))
        result[name] = ", ".join(distinct) if distinct else None
        if len(distinct) > 1:
            text = f"its seeds differ in {name}: {', '.join(distinct)}"
            notes.append(Note("seeds_differ", text, runs[0].name))
    return cast(Cost, result), notes


def total(groups: Sequence[Sequence[Predictions]]) -> Cost | None:
    """Returns the cost of an ensemble: the sum over the combined runs, as a mean over its seeds.

    Args:
        groups: The combined files of each run of the ensemble.

    Returns:
        The cost; a number is None if one of the files has none. None if no file has a cost.
    """
    costs = [[cost([one])[0] for one in group] for group in groups]
    if not any(one is not None for group in costs for one in group):
        return None

    def summed(name: str, inverse: bool = False) -> float | None:
        sums = []
        for group in costs:
            values = [float(cast("dict[str, Any]", one or {}).get(name) or 0) for one in group]
            if not all(values):
                return None
            sums.append(sum(1 / value if inverse else value for value in values))
        mean = sum(sums) / len(sums)
        return float(1 / mean if inverse else mean)

    return {
        "parameters": summed("parameters"),
        "train_seconds": summed("train_seconds"),
        "prediction_images_per_second": summed("prediction_images_per_second", inverse=True),
    }


def history(run: Predictions) -> History:
    """Returns the columns of a run's `history.csv`, numbers parsed; empty if there is no file.

    Raises:
        InputError: A row has another number of cells than the header.
    """
    folder = run_folder(run)
    path = folder / "history.csv" if folder is not None else None
    if path is None or not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    wrong = [number for number, row in enumerate(rows, start=2) if len(row) != len(header)]
    if wrong:
        raise InputError(
            f"{path}: row {wrong[0]}: must have {len(header)} cells. "
            f"Received: {len(rows[wrong[0] - 2])}"
        )
    return {name: [_number(row[column]) for row in rows] for column, name in enumerate(header)}


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    content = files.read_json(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: must contain a JSON object. Received: {type(content).__name__}")
    return content


def _number(cell: str) -> float | str | None:
    try:
        return float(cell) if cell else None
    except ValueError:
        return cell


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} {item}" for key, item in value.items())
    return str(value)

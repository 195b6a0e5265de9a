"""What each network cost, and how its training went, where its predictions lie in a run folder."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cxrcompare import files
from cxrcompare.errors import InputError
from cxrcompare.predictions import Note, Predictions

_NUMBERS = (
    "parameters",
    "train_seconds",
    "images_per_second",
    "prediction_images_per_second",
    "epochs",
)
_CHOICES = ("weights", "recipe", "image_size", "policy", "blank")


def run_folder(path: Path) -> Path | None:
    """Returns the run folder that a file of predictions lies in, or None."""
    folder = path.resolve().parent.parent
    inside = path.resolve().parent.name == "predictions" and (folder / "config.json").is_file()
    return folder if inside else None


def cost(runs: Sequence[Predictions]) -> tuple[dict[str, Any] | None, list[Note]]:
    """Returns what the runs of an architecture cost, as means over seeds; None where not known.

    Args:
        runs: The architecture's files.
    """
    folders = [run_folder(one.path) for one in runs]
    known = [folder for folder in folders if folder is not None]
    if not known:
        return None, []
    described, notes = [], []
    for folder in known:
        content = _read(folder / "config.json") | _read(folder / "summary.json")
        if not (folder / "summary.json").is_file():
            text = f"{folder.name}: has no summary.json: its training did not finish"
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
    return result, notes


def history(run: Predictions) -> dict[str, list[Any]]:
    """Returns `history.csv` of a run by column, numbers where they are; empty where there is none.

    Raises:
        InputError: A row has not as many cells as the header.
    """
    folder = run_folder(run.path)
    path = folder / "history.csv" if folder is not None else None
    if path is None or not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    wrong = [place for place, row in enumerate(rows, start=2) if len(row) != len(header)]
    if wrong:
        raise InputError(f"{path}: row {wrong[0]}: must have {len(header)} cells")
    return {name: [_number(row[place]) for row in rows] for place, name in enumerate(header)}


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    content = files.read_json(path)
    if not isinstance(content, dict):
        raise InputError(f"{path}: must hold an object. Received: {type(content).__name__}")
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

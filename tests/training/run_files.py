"""The files of a run folder, read back."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any


def history(run: Path) -> list[dict[str, str]]:
    """Returns the rows of `history.csv`."""
    with (run / "history.csv").open() as file:
        return list(csv.DictReader(file))


def summary(run: Path) -> dict[str, Any]:
    """Returns `summary.json`."""
    return json.loads((run / "summary.json").read_text())

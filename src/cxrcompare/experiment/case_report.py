"""Writes the report of an experiment again, with cases that are selected again."""

from __future__ import annotations

import os
from pathlib import Path

from cxrcompare.cases import CASES
from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.errors import InputError
from cxrcompare.experiment.case_images import add_cases
from cxrcompare.experiment.checking import run_folder
from cxrcompare.filesystem import files
from cxrcompare.images.prepare import open_store
from cxrcompare.reporting.report import rewrite


def rewrite_with_cases(folder: str | os.PathLike[str], at_most: int) -> None:
    """Writes the report of a comparison of `cxrcompare run` again, with other cases.

    Args:
        folder: The folder `comparison` in the output folder of `run`.
        at_most: Cases of each rule and finding; 0 for none.

    Raises:
        InputError: The folder is not that of an experiment, or its store or a run is missing.
    """
    folder = Path(folder)
    out = folder.resolve().parent
    if not (out / "experiment.json").is_file():
        raise InputError(
            f"{folder}: must be the folder of a comparison of `cxrcompare run`, beside its runs, "
            f"for cases. Received: no experiment.json in {out}"
        )
    settings = files.read_json(out / "experiment.json")
    store = open_store(settings.get("store") or out / "store")
    runs = [
        run_folder(out, model, seed) for model in settings["models"] for seed in settings["seeds"]
    ]

    def add(comparison: Comparison, partial: Path) -> None:
        (partial / CASES).unlink(missing_ok=True)
        add_cases(comparison, store, runs, partial, at_most)

    rewrite(folder, add)

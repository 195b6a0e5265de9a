"""Writes the example reports of the documentation: demo, twelve NIH prediction files, 60 models.

Reports are built with the website, so that they always show the program as it is. A report whose
data are not on this machine is replaced by a page that says so; links to it stay valid.

    python benchmarks/example_pages.py build/site/examples
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent))
from page import split, synthetic

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result.comparison import Comparison, read
from cxrcompare.findings import NIH
from cxrcompare.reporting import write_report

_ROOT = Path(__file__).parents[1]
_DEMO = _ROOT / "runs" / "demo" / "comparison" / "comparison.json"
_PREDICTIONS = _ROOT.parent / "shared" / "data" / "nih-test-predictions"
_SYNTHETIC = "synthetic scores, no real network"


def demo(result: Path = _DEMO) -> Comparison:
    """Returns the comparison of `make demo`; without it, one of five models on synthetic scores."""
    if result.is_file():
        return read(result)
    return _of_scores(5, 500, "Five synthetic models (make demo has not run)")


def sixty_models(models: int = 60, studies: int = 2000) -> Comparison:
    """Returns the comparison of many models on synthetic scores."""
    return _of_scores(models, studies, f"{models} synthetic models")


def _of_scores(models: int, studies: int, title: str) -> Comparison:
    (test, reference), (valid, known) = split(*synthetic(models, 2 * studies))
    return compare(
        test,
        reference,
        validation=valid,
        validation_reference=known,
        options=Options(replicates=200),
        context={"title": title, "data": _SYNTHETIC},
    )


def nih(folder: Path = _PREDICTIONS) -> Comparison | None:
    """Returns the comparison of the prediction files on the NIH test list, None without them.

    One third of the patients is validation, and the mean of the seeds is a further row of each
    network, as in `docs/results/nih-test-predictions.md`.
    """
    sources = sorted(folder.glob("*.npz"))
    if not sources:
        return None
    files = {source.stem.replace("_seed", "__seed"): np.load(source) for source in sources}
    first = next(iter(files.values()))
    ids = {
        "image_id": [f"row{n:05d}" for n in range(len(first["test_labels"]))],
        "patient_id": first["test_patient"],
    }
    reference = pd.DataFrame(ids | dict(zip(NIH, first["test_labels"].T, strict=True)))
    patients = np.unique(first["test_patient"])
    chosen = np.random.default_rng(0).permutation(patients)[: len(patients) // 3]
    validation = reference["patient_id"].isin(chosen)
    with tempfile.TemporaryDirectory() as temporary:
        paths: dict[bool, list[Path]] = {True: [], False: []}
        for name, data in files.items():
            scores = 1 / (1 + np.exp(-data["test_logits"].astype(np.float64)))
            table = pd.DataFrame(ids | dict(zip(NIH, scores.T, strict=True)))
            for part, rows in ((True, validation), (False, ~validation)):
                path = Path(temporary) / str(part) / f"{name}.csv"
                path.parent.mkdir(exist_ok=True)
                table[rows].to_csv(path, index=False)
                paths[part].append(path)
        return compare(
            paths[False],
            reference[~validation],
            validation=paths[True],
            validation_reference=reference[validation],
            options=Options(replicates=1000, margin=0.01, ensemble=("seeds",)),
            context={
                "title": "Four networks, three seeds each",
                "data": "NIH ChestX-ray14, official test list",
            },
        )


PAGES: dict[str, Callable[[], Comparison | None]] = {
    "demo.html": demo,
    "nih.html": nih,
    "sixty-models.html": sixty_models,
}
"""{file: what makes its comparison; None if the data are not there}."""


def write(comparison: Comparison | None, path: Path) -> str:
    """Writes the page of a comparison, or one that says that its data are missing.

    Returns:
        A line that says what was written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if comparison is None:
        path.write_text(
            '<!DOCTYPE html>\n<html lang="en"><meta charset="utf-8"><title>Left out</title>\n'
            "<p>This report is left out: its prediction files were not on the machine that built "
            'the website. <a href="../examples.html">Examples</a></p></html>\n',
            encoding="utf-8",
        )
        return f"{path.name}: left out, its data are not here"
    with tempfile.TemporaryDirectory() as temporary:
        write_report(comparison, temporary)
        shutil.copyfile(Path(temporary) / "report.html", path)
    return f"{path.name}: {path.stat().st_size / 1e6:.1f} MB"


def main() -> None:
    """Writes all pages and prints a line on each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out = parser.parse_args().out
    for name, make in PAGES.items():
        print(write(make(), out / name), flush=True)


if __name__ == "__main__":
    main()

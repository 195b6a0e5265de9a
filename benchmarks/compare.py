"""Times a whole comparison of prediction files, and reading them beside a bare `pandas.read_csv`.

One run, one CSV (hardware and versions in every row): reading all files, reading them with pandas
alone and no check, joining them, and `cxrcompare.comparison` from the files to the tables, with
its peak memory. Files are those of `--predictions` and `--reference`, else drawn ones: 12 runs
(4 networks, 3 seeds) x 14 findings x 25,596 images of 2,797 patients.

    python benchmarks/compare.py --out compare.csv --replicates 2000
    python benchmarks/compare.py --small --out compare.csv   # a smoke run
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare import environment
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.findings import NIH
from cxrcompare.predictions import align, read_predictions, read_reference, write_predictions


def main() -> None:
    """Runs everything once and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--predictions", type=Path, nargs="+", help="files of predictions")
    parser.add_argument("--reference", type=Path, help="their reference standard")
    parser.add_argument("--replicates", type=int, default=2000)
    parser.add_argument("--small", action="store_true", help="everything at a tenth of its size")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        files, reference = options.predictions, options.reference
        if not files:
            files, reference = draw(Path(folder), 2_560 if options.small else 25_596)
        replicates = options.replicates // 10 if options.small else options.replicates
        write(options.out, measure(files, reference, replicates))


def draw(folder: Path, images: int) -> tuple[list[Path], Path]:
    """Writes prediction files and a reference standard, and returns their paths."""
    rng = np.random.default_rng(0)
    patients = [f"p{number}" for number in rng.integers(0, images // 9, images)]
    ids = [f"i{number}" for number in range(images)]
    labels = (rng.random((images, len(NIH))) < rng.uniform(0.005, 0.25, len(NIH))).astype(int)
    files = []
    for model in range(4):
        for seed in range(3):
            logits = (0.8 + 0.1 * model) * labels + rng.normal(size=labels.shape) - 3
            path = folder / f"network{model}__seed{seed}.csv"
            write_predictions(
                path, NIH, 1 / (1 + np.exp(-logits)), image_ids=ids, patient_ids=patients
            )
            files.append(path)
    reference = folder / "reference.csv"
    frame = pd.DataFrame(labels, columns=list(NIH))
    frame.insert(0, "image_id", ids)
    frame.insert(1, "patient_id", patients)
    frame.to_csv(reference, index=False)
    return files, reference


def measure(files: list[Path], reference: Path, replicates: int) -> list[dict[str, Any]]:
    """Returns a row per step."""
    options = Options(replicates=replicates)
    compare(files[:2], reference, options=Options(replicates=100))  # compiles once
    seconds, tables = timed(lambda: [read_predictions(path) for path in files])
    standard = read_reference(reference)
    bare, _ = timed(lambda: [pd.read_csv(path) for path in files])
    joining, joined = timed(lambda: align(tables, standard))
    size = {
        "runs": len(files),
        "findings": len(joined.findings),
        "units": len(joined.units),
        "patients": len(set(joined.patients.tolist())),
    }
    whole, _ = timed(lambda: compare(files, reference, options=options))
    return [
        size | {"step": "read and check", "seconds": seconds, "ratio": seconds / bare},
        size | {"step": "pandas.read_csv, no check", "seconds": bare, "ratio": 1.0},
        size | {"step": "join", "seconds": joining},
        size
        | {
            "step": "compare, from files to tables",
            "seconds": whole,
            "replicates": replicates,
            "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        },
    ]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Returns the seconds that the work took, and what it gave."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Writes the rows with hardware and versions, and prints them."""
    hardware = environment.hardware()
    extra = {
        "processor": hardware["processor"],
        "cores": hardware["cores"],
        "versions": json.dumps(environment.versions()),
    }
    columns = [
        "step",
        "runs",
        "findings",
        "units",
        "patients",
        "replicates",
        "seconds",
        "ratio",
        "peak_memory_mb",
    ]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*columns, *extra])
        writer.writeheader()
        writer.writerows(row | extra for row in rows)
    for row in rows:
        print(", ".join(f"{name} {row[name]}" for name in columns if name in row))


if __name__ == "__main__":
    main()

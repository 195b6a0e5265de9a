"""Times a training's parts beside its limit and its peers, for each network, in one run.

    python benchmarks/training.py --store STORE --out docs/results/training.csv

Ways, each in a process of its own, on the same pictures and at the same batch size:

    resident      the compiled step alone, again and again on one batch: the limit
    training      the same step fed by this project's loader from the store, with augmentation; its
                  ratio to `resident` is the median over rounds that take turns in one process
    in_turns      `training` beside `train_on_batch`, each with a network of its own, in rounds that
                  take turns in one process; its ratio to `train_on_batch` is the median over rounds
    train_on_batch  Keras's own step on one resident batch
    fit           Keras's `fit` on an `image_dataset_from_directory`-style tf.data pipeline of PNGs
    torch         the same architecture in plain PyTorch, read through torchxrayvision's data set
                  (where both are installed)

A row per way: seconds to the first step and its parts, images per second (median of the rounds),
its ratio to `resident` and `train_on_batch`, peak memory; hardware and versions in every row.
The goal: training / train_on_batch at least 0.97.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import training_ways
from training_rows import FIVE, in_process, show, write

WAYS = ("resident", "training", "in_turns", "train_on_batch", "fit", "torch")
FIELDS = (
    "model",
    "way",
    "backend",
    "size",
    "batch",
    "precision",
    "images_per_second",
    "of_resident",
    "of_train_on_batch",
    "import_seconds",
    "build_seconds",
    "first_step_seconds",
    "peak_mib",
    "note",
)


def main() -> None:
    """Runs every way of every network in a fresh process and writes the CSV."""
    options = arguments()
    if options.way:
        print(json.dumps(measure(options)))
        return
    rows: list[dict[str, Any]] = []
    for model in options.models.split(","):
        found: dict[str, float] = {}
        for way in options.ways.split(","):
            row = {"model": model, "way": way, "size": options.size, "batch": options.batch}
            python = options.torch_python if way == "torch" else sys.executable
            row |= in_process(__file__, "--models", model, "--way", way, python=python)
            found[way] = row.get("images_per_second") or float("nan")
            for limit in ("resident", "train_on_batch"):
                if limit in found and f"of_{limit}" not in row:
                    row[f"of_{limit}"] = round(found[way] / found[limit], 3)
            rows.append(row)
            show(row, FIELDS)
    write(rows, FIELDS, options.out)


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("training.csv"))
    parser.add_argument("--models", default=",".join(FIVE))
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=10, help="steps of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--torch-python", default=sys.executable, help="interpreter of that way")
    parser.add_argument("--way", help=argparse.SUPPRESS)
    return parser.parse_args()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Times one way of one network."""
    begun = time.perf_counter()
    from cxrcompare.training.steps import device

    backend = "torch" if options.way == "torch" else device.start()
    imported = time.perf_counter() - begun
    row = getattr(training_ways, options.way)(options)
    return {
        "backend": backend,
        "import_seconds": round(imported, 2),
        "peak_mib": round(device.peak_memory_mb()),
        **row,
    }


if __name__ == "__main__":
    main()

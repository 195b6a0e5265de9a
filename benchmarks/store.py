"""Times an image store of CheXpert's size: opening it, its table, and random batches from it.

    python benchmarks/store.py --out docs/results/store.csv

The pixels of the large store are a hole in the file: opening reads none of them. Random batches
come from a store with real bytes, once with all of it in memory, once with the page cache emptied
before each batch, as from a store much larger than memory.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare.environment import hardware, versions
from cxrcompare.image_table import ImageTable
from cxrcompare.images.opening import content_hash, open_store, table_text

SIZE = 320
CHEXPERT = 223_414
FIELDS = ("way", "images", "milliseconds", "images_per_second", "peak_mib", "hardware", "versions")


def main() -> None:
    """Runs everything and writes the CSV."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=20_000, help="of the store with real bytes")
    parser.add_argument("--scratch", type=Path, help="a folder on the disk to be measured")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    where = {"hardware": json.dumps(hardware()), "versions": json.dumps(versions())}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=options.scratch) as folder,
        options.out.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        for row in reading_rows(Path(folder), options.images):
            print(" ".join(f"{key}={value}" for key, value in row.items()), flush=True)
            writer.writerow({**row, **where})


def reading_rows(scratch: Path, images: int) -> Iterator[dict[str, object]]:
    """Yields what opening a store of CheXpert's size costs, and random batches warm and cold."""
    path = large_store(scratch / "large")
    seconds = []
    for _ in range(20):
        start = time.perf_counter()
        store = open_store(path)
        seconds.append(time.perf_counter() - start)
    yield timed("open a store", CHEXPERT, statistics.median(seconds))
    start = time.perf_counter()
    table = store.table
    yield timed("read its table", CHEXPERT, time.perf_counter() - start)
    start = time.perf_counter()
    table_text(table)
    yield timed("write its table", CHEXPERT, time.perf_counter() - start)
    shutil.rmtree(scratch / "large")
    pixels = filled(scratch / "pixels.npy", images)
    for way, cold in (("random batches of 32, warm", False), ("random batches of 32, cold", True)):
        rate = batches(pixels, cold)
        yield {"way": way, "images": images, "images_per_second": round(rate, 1),
               "peak_mib": peak()}  # fmt: skip


def timed(way: str, images: int, seconds: float) -> dict[str, object]:
    """Returns a row about something that is done once."""
    return {"way": way, "images": images,
            "milliseconds": round(seconds * 1000, 1), "peak_mib": peak()}  # fmt: skip


def large_store(folder: Path) -> Path:
    """Writes a store of CheXpert's size whose pixels are a hole in the file."""
    folder.mkdir()
    findings = tuple(f"Finding {k}" for k in range(14))
    rng = np.random.default_rng(0)
    patients = np.sort(rng.integers(1, 64_540, CHEXPERT))
    ids = [f"patient{p:05d}/study1/view{k}_frontal.jpg" for k, p in enumerate(patients)]
    rows = pd.DataFrame({
        "image_id": ids, "path": ["train/" + name for name in ids],
        "patient_id": [name[:12] for name in ids], "study_id": [name[:19] for name in ids],
        "view": "frontal AP", "sex": "F", "age": 60.0, "split": "train",
        **{name: rng.choice([1.0, 0.0, -1.0, np.nan], CHEXPERT) for name in findings},
    })  # fmt: skip
    table = ImageTable(rows, findings, "chexpert", folder)
    (folder / "table.csv").write_text(table_text(table), encoding="utf-8", newline="\n")
    hashes = rng.integers(0, 256, (CHEXPERT, 16), dtype=np.uint8)
    np.save(folder / "hashes.npy", hashes)
    np.lib.format.open_memmap(folder / "images.npy", "w+", np.uint8, (CHEXPERT, SIZE, SIZE))
    described = {
        "format": 1, "images": CHEXPERT, "size": SIZE, "findings": findings, "notes": {},
        "dataset": "chexpert", "source_path": str(folder),
        "content_hash": content_hash(hashes, folder / "table.csv"),
    }  # fmt: skip
    (folder / "store.json").write_text(json.dumps(described))
    return folder


def filled(path: Path, images: int) -> Path:
    """Writes so many random pictures."""
    rng = np.random.default_rng(0)
    array = np.lib.format.open_memmap(path, "w+", np.uint8, (images, SIZE, SIZE))
    for row in range(0, images, 100):
        array[row : row + 100] = rng.integers(0, 256, array[row : row + 100].shape, dtype=np.uint8)
    array.flush()
    return path


def batches(path: Path, cold: bool, seconds: float = 3.0) -> float:
    """Returns images per second of random batches; cold: nothing of the file is in memory."""
    rng = np.random.default_rng(0)
    done, spent = 0, 0.0
    with path.open("rb") as file:
        while spent < seconds and done < 20_000:
            if cold:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            pixels = np.load(path, mmap_mode="r")
            rows = np.sort(rng.integers(0, len(pixels), 32))
            start = time.perf_counter()
            pixels[rows].sum()
            spent += time.perf_counter() - start
            done += 32
            del pixels
    return done / spent


def peak() -> int:
    """Returns the most memory that this process and its children ever held, in MiB."""
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(who).ru_maxrss for who in both) // 1024


if __name__ == "__main__":
    main()

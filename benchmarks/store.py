"""Times an image store of CheXpert's size: opening it, its table, and random batches from it.

    python benchmarks/store.py --out docs/results/store.csv

The pixels of the large store are a hole in the file: opening reads none of them. Random batches
come from a store with real bytes, once with all of it in memory, once with the page cache emptied
before each batch, as from a store much larger than memory. Rounds of the training loader with and
without the check of each image against its hash take turns, at 320 pixels and at 224.
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
from cxrcompare.images import near_duplicates
from cxrcompare.images.description import FORMAT, write_description
from cxrcompare.images.pixels import Pixels, image_hash
from cxrcompare.images.store import content_hash, open_store, table_text
from cxrcompare.training.feeding.batches import Plan, Source, training_batches
from cxrcompare.training.run_config import RunConfig

SIZE = 320
CHEXPERT = 223_414
ROUNDS = 9
FIELDS = (
    "way",
    "images",
    "milliseconds",
    "images_per_second",
    "microseconds_per_image",
    "share",
    "peak_mib",
    "hardware",
    "versions",
)


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
        yield {
            "way": way,
            "images": images,
            "images_per_second": round(rate, 1),
            "peak_mib": peak(),
        }
    pixels.unlink()
    for size in (320, 224):
        yield from checking_rows(size, min(images, 4000))


def checking_rows(size: int, images: int) -> Iterator[dict[str, object]]:
    """Yields what the check of each image against its hash costs, alone and in the loader.

    The loader augments as the modern recipe does. `share` is the median over pairs of rounds of
    the time that the check adds, over the time of a round without it.
    """
    rng = np.random.default_rng(0)
    stored = rng.integers(0, 256, (images, size, size), dtype=np.uint8)
    hashes = np.frombuffer(b"".join(map(image_hash, stored)), np.uint8).reshape(-1, 16)
    alone, plain, shares = [], [], []
    for turn in range(ROUNDS + 1):  # the first round warms up
        start = time.perf_counter()
        for image in stored:
            image_hash(image)
        hashing = time.perf_counter() - start
        ways = {"plain": stored, "checked": Pixels(stored, hashes, ValueError)}
        order = ("plain", "checked") if turn % 2 else ("checked", "plain")
        seconds = {way: loading(ways[way], turn) for way in order}
        if turn:
            alone.append(hashing)
            plain.append(seconds["plain"])
            shares.append(seconds["checked"] / seconds["plain"] - 1)
    yield {
        "way": f"hash at {size} px",
        "images": images,
        "peak_mib": peak(),
        "microseconds_per_image": round(statistics.median(alone) / images * 1e6, 2),
        "share": round(statistics.median(alone) / statistics.median(plain), 4),
    }
    yield {
        "way": f"first epoch of the loader at {size} px, checked beside not",
        "images": images,
        "images_per_second": round(images / statistics.median(plain), 1),
        "microseconds_per_image": round(statistics.median(plain) / images * 1e6, 2),
        "share": round(statistics.median(shares), 4),
        "peak_mib": peak(),
    }


def loading(pixels: np.ndarray | Pixels, epoch: int) -> float:
    """Returns the seconds of one epoch of the training loader, without a network."""
    count, size = pixels.shape[:2]
    ones = np.ones((count, 14), np.float32)
    augmentation = RunConfig(model="resnet50", store=Path()).settings(True).augmentation
    plan = Plan(0, 32, size, augmentation)
    start = time.perf_counter()
    for _ in training_batches(Source(pixels, np.arange(count), ones, ones), plan, epoch):
        pass
    return time.perf_counter() - start


def timed(way: str, images: int, seconds: float) -> dict[str, object]:
    """Returns a row about something that is done once."""
    return {
        "way": way,
        "images": images,
        "milliseconds": round(seconds * 1000, 1),
        "peak_mib": peak(),
    }


def large_store(folder: Path) -> Path:
    """Writes a store of CheXpert's size whose pixels are a hole in the file."""
    folder.mkdir()
    findings = tuple(f"Finding {k}" for k in range(14))
    rng = np.random.default_rng(0)
    patients = np.sort(rng.integers(1, 64_540, CHEXPERT))
    ids = [f"patient{p:05d}/study1/view{k}_frontal.jpg" for k, p in enumerate(patients)]
    rows = pd.DataFrame(
        {
            "image_id": ids,
            "path": ["train/" + name for name in ids],
            "patient_id": [name[:12] for name in ids],
            "study_id": [name[:19] for name in ids],
            "view": "frontal AP",
            "sex": "F",
            "age": 60.0,
            "split": "train",
            **{name: rng.choice([1.0, 0.0, -1.0, np.nan], CHEXPERT) for name in findings},
        }
    )
    table = ImageTable(rows, findings, "chexpert", folder)
    (folder / "table.csv").write_text(table_text(table), encoding="utf-8", newline="\n")
    hashes = rng.integers(0, 256, (CHEXPERT, 16), dtype=np.uint8)
    np.save(folder / "hashes.npy", hashes)
    np.save(folder / "sources.npy", np.zeros((CHEXPERT, 2), np.int64))
    (folder / "rejected.csv").write_text("path,reason\n")
    (folder / "near_duplicates.csv").write_text(",".join(near_duplicates.COLUMNS) + "\n")
    np.lib.format.open_memmap(folder / "images.npy", "w+", np.uint8, (CHEXPERT, SIZE, SIZE))
    described = {
        "format": FORMAT,
        "images": CHEXPERT,
        "size": SIZE,
        "findings": list(findings),
        "notes": {},
        "rejected": 0,
        "near_duplicates": 0,
        "dataset": "chexpert",
        "source": folder.name,
        "source_path": str(folder),
        "content_hash": content_hash(hashes, folder / "table.csv"),
    }
    write_description(folder, described)
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

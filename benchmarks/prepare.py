"""Times `prepare` beside a bare decode-and-resize loop, Pillow, tf.data and torchxrayvision.

    python benchmarks/prepare.py --out docs/results/prepare.csv

makes JPEGs of CheXpert-small's size (390x320) and of the full size (2828x2320) from the pictures of
a folder, decodes them to 320 pixels in every way, and writes one row per way: images per second
(median, least and most of the repeats), and the share of what as many bare loops reach at the same
time on the same cores. It also prepares a tenth of the small images and all of them in fresh
processes, and writes the most memory that either took.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import multiprocessing
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import simplejpeg
from PIL import Image

from cxrcompare.environment import hardware, versions
from cxrcompare.image_table import ImageTable
from cxrcompare.images.decode import decode
from cxrcompare.images.resize import fit
from cxrcompare.images.store import prepare

SIZE = 320
SOURCES = {"390x320": (390, 320), "2828x2320": (2828, 2320)}
FIELDS = ("source", "way", "processes", "images", "images_per_second", "least", "most",
          "of_bare", "peak_mib", "note", "hardware", "versions")  # fmt: skip


def main() -> None:
    """Runs everything and writes the CSV."""
    options = arguments()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        scratch = Path(folder)
        for source, (width, height) in SOURCES.items():
            count = options.images if source == "390x320" else max(options.images // 20, 8)
            files = make_files(options.data, scratch / source, width, height)
            table = table_of(scratch / source, files, count)
            for row in source_rows(table, scratch, options.repeats):
                rows.append({"source": source, "images": count, **row})
                report(rows[-1])
            if source == "390x320":
                for images in (count // 10, count):
                    rows.append({
                        "source": source, "way": "prepare, memory", "images": images,
                        "processes": hardware()["cores"],
                        "peak_mib": memory(table.take(np.arange(images)), scratch),
                    })  # fmt: skip
                    report(rows[-1])
    write(rows, options.out)


def arguments() -> argparse.Namespace:
    """Returns the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder with PNGs; drawn ones by default")
    parser.add_argument("--images", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scratch", type=Path, help="where the files and stores go")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def make_files(data: Path | None, folder: Path, width: int, height: int) -> list[str]:
    """Writes up to 100 JPEGs (24 large ones) of the size, with some noise, and names them."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    found = sorted(data.rglob("*.png")) if data else []
    names = []
    for number in range(100 if width < 1000 else 24):
        if found:
            with Image.open(found[number % len(found)]) as image:
                picture = np.asarray(image.convert("L"))
        else:
            picture = rng.integers(0, 256, (24, 20), dtype=np.uint8)
        picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_CUBIC)
        picture = np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8)
        names.append(f"{number:03d}.jpg")
        (folder / names[-1]).write_bytes(
            simplejpeg.encode_jpeg(picture[:, :, None], quality=90, colorspace="GRAY")
        )
    return names


def table_of(root: Path, files: list[str], count: int) -> ImageTable:
    """Returns a table of `count` rows that goes round the files."""
    ids = [f"{row:07d}" for row in range(count)]
    rows = pd.DataFrame({
        "image_id": ids, "path": [files[row % len(files)] for row in range(count)],
        "patient_id": ids, "study_id": ids, "view": "frontal", "sex": "", "age": np.nan,
        "split": "train", "Edema": 1.0,
    })  # fmt: skip
    return ImageTable(rows, ("Edema",), "folder", root)


# --- ways -----------------------------------------------------------------------------------------


def bare(paths: list[Path]) -> None:
    """The same decoder and resize as the store's, and nothing else."""
    for path in paths:
        fit(decode(path, SIZE), SIZE)


def bare_whole(paths: list[Path]) -> None:
    """Without DCT scaling: every pixel decoded, then resized."""
    for path in paths:
        fit(decode(path), SIZE)


def pillow(paths: list[Path]) -> None:
    """Pillow's decoder and its LANCZOS."""
    for path in paths:
        with Image.open(path) as image:
            image.convert("L").resize((SIZE, SIZE * 320 // 390), Image.Resampling.LANCZOS)


def pillow_draft(paths: list[Path]) -> None:
    """Pillow's DCT scaling and its LANCZOS."""
    for path in paths:
        with Image.open(path) as image:
            image.draft("L", (2 * SIZE, 2 * SIZE))
            image.convert("L").resize((SIZE, SIZE * 320 // 390), Image.Resampling.LANCZOS)


def tf_data(paths: list[Path]) -> None:
    """tf.data with decode_jpeg to grey and an antialiased resize, in its own number of threads."""
    import tensorflow as tf

    def read(path: object) -> object:
        picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=1)
        return tf.image.resize_with_pad(picture, SIZE, SIZE, antialias=True)

    files = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
    for _ in files.map(read, num_parallel_calls=tf.data.AUTOTUNE).batch(32).prefetch(2):
        pass


def torchxrayvision(paths: list[Path]) -> None:
    """What its CheX_Dataset does for each image: imread, normalise, centre crop, resize."""
    import torchxrayvision as xrv
    from skimage.io import imread

    crop, smaller = xrv.datasets.XRayCenterCrop(), xrv.datasets.XRayResizer(SIZE)
    for path in paths:
        smaller(crop(xrv.datasets.normalize(imread(path), maxval=255, reshape=True)))


LOOPS: dict[str, tuple[Callable[[list[Path]], None], str]] = {
    "bare decode + resize": (bare, ""),
    "bare, no DCT scaling": (bare_whole, ""),
    "Pillow + LANCZOS": (pillow, ""),
    "Pillow draft + LANCZOS": (pillow_draft, ""),
    "torchxrayvision": (torchxrayvision, "torchxrayvision"),
}


def source_rows(table: ImageTable, scratch: Path, repeats: int) -> Iterator[dict[str, object]]:
    """Yields a row per way, each way run in turn in every repeat, so that drifts hit all alike."""
    cores = hardware()["cores"]
    paths = [table.root / path for path in table.rows["path"]]
    ways: list[tuple[str, int, Callable[[], float] | None]] = []
    for processes in sorted({1, cores}):
        for name, (loop, needs) in LOOPS.items():
            there = not needs or importlib.util.find_spec(needs) is not None
            slow = "bare" not in name
            some = paths[: len(paths) // 8] if slow else paths
            run = (lambda w=loop, s=some, p=processes: concurrent(w, s, p)) if there else None
            ways.append((name, processes, run))
        ways.append(("prepare", processes, lambda p=processes: prepared(table, scratch, p)))
    if importlib.util.find_spec("tensorflow") is None:
        ways.append(("tf.data", cores, None))
    else:
        ways.append(("tf.data", cores, lambda: concurrent(tf_data, paths[: len(paths) // 2], 1)))
    rates: dict[tuple[str, int], list[float]] = {}
    for _ in range(repeats):
        for name, processes, run in ways:
            if run is not None:
                rates.setdefault((name, processes), []).append(run())
    for name, processes, run in ways:
        if run is None:
            yield {"way": name, "processes": processes, "note": "not measured: not installed"}
            continue
        found = rates[name, processes]
        yield {
            "way": name,
            "processes": processes,
            "images_per_second": round(statistics.median(found), 1),
            "least": round(min(found), 1),
            "most": round(max(found), 1),
            "of_bare": round(
                statistics.median(
                    a / b
                    for a, b in zip(found, rates["bare decode + resize", processes], strict=True)
                ), 3,
            ),
        }  # fmt: skip


def concurrent(loop: Callable[[list[Path]], None], paths: list[Path], processes: int) -> float:
    """Returns images per second of so many processes, each with its share; start-up not counted."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes + 1)
    workers = [
        context.Process(target=_loop, args=(loop.__name__, paths[k::processes], barrier))
        for k in range(processes)
    ]
    for worker in workers:
        worker.start()
    barrier.wait()
    start = time.perf_counter()
    barrier.wait()
    seconds = time.perf_counter() - start
    for worker in workers:
        worker.join()
    return len(paths) / seconds


def _loop(name: str, paths: list[Path], barrier: object) -> None:
    cv2.setNumThreads(1)
    loop = globals()[name]
    loop(paths[:4])
    barrier.wait()
    loop(paths)
    barrier.wait()


def prepared(table: ImageTable, scratch: Path, workers: int) -> float:
    """Returns images per second of the whole job, with its start and its end."""
    shutil.rmtree(scratch / "store", ignore_errors=True)
    start = time.perf_counter()
    prepare(table, scratch / "store", SIZE, workers=workers)
    return len(table) / (time.perf_counter() - start)


def memory(table: ImageTable, scratch: Path) -> int:
    """Returns the most memory, in MiB, that a fresh process holds while it prepares the table.

    The array of pictures is written, never held: what grows with N is the table alone.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_memory, args=(table, scratch, theirs))
    process.start()
    found = ours.recv()
    process.join()
    return found


def _memory(table: ImageTable, scratch: Path, pipe: object) -> None:
    prepared(table, scratch, hardware()["cores"])
    pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def report(row: dict[str, object]) -> None:
    """Prints a row while the rest is still running."""
    print(" ".join(f"{key}={value}" for key, value in row.items()), flush=True)


def write(rows: list[dict[str, object]], out: Path) -> None:
    """Writes the CSV."""
    where = {"hardware": json.dumps(hardware()), "versions": json.dumps(versions())}
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, **where} for row in rows)


if __name__ == "__main__":
    main()

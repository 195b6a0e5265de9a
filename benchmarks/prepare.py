"""Times `prepare` beside a bare decode-and-resize loop, Pillow, tf.data and torchxrayvision.

    python benchmarks/prepare.py --data FOLDER_OF_PNGS --out docs/results/prepare.csv

writes the pictures of a folder as JPEGs and PNGs of CheXpert-small's size (390x320) and as JPEGs of
the full size (2828x2320), decodes them to 320 pixels in every way, and writes one row per way:
images per second (median, least and most of the repeats), and the share of what as many bare loops
reach on the same cores in the same repeat. `prepare` has two rows: all of it, its start and its end
included, and what each further image costs (all images less a quarter of them). It also
prepares a tenth of the small images and all of them in fresh processes, and writes the most memory
that any process took.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import multiprocessing
import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
import simplejpeg
from PIL import Image

from cxrcompare.environment import hardware, versions
from cxrcompare.image_table import ImageTable
from cxrcompare.images.decoding.decode import decode
from cxrcompare.images.decoding.resize import fit
from cxrcompare.images.prepare import prepare

SIZE = 320
LIMIT = 300.0  # seconds to wait for a loop, which may have failed
FIELDS = (
    "source",
    "way",
    "processes",
    "images",
    "images_per_second",
    "least",
    "most",
    "of_bare",
    "peak_mib",
    "note",
    "load_before",
    "hardware",
    "versions",
)


class Source(NamedTuple):
    """A kind of file: format, size, how many different pictures, and the share of --images."""

    suffix: str
    width: int
    height: int
    pictures: int
    share: float


SOURCES = {
    "390x320 JPEG": Source("jpg", 390, 320, 1000, 1),
    "390x320 PNG": Source("png", 390, 320, 1000, 1 / 4),
    "2828x2320 JPEG": Source("jpg", 2828, 2320, 100, 1 / 20),
}


def main() -> None:
    """Runs everything and writes the CSV."""
    options = arguments()
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        scratch = Path(folder)
        for name, source in SOURCES.items():
            count = max(int(options.images * source.share), 64)
            root = scratch / name.replace(" ", "-")
            table = table_of(root, make_files(options.data, root, source, count))
            for row in source_rows(table, scratch, options.repeats):
                rows.append({"source": name, **row})
                report(rows[-1])
            if name == "390x320 JPEG":
                for images in (count // 10, count):
                    rows.append(
                        {
                            "source": name,
                            "way": "prepare, memory",
                            "images": images,
                            "processes": hardware()["cores"],
                            "peak_mib": memory(table.take(np.arange(images)), scratch),
                        }
                    )
                    report(rows[-1])
            shutil.rmtree(root)
    write(rows, options.out)


def arguments() -> argparse.Namespace:
    """Returns the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="a folder with PNGs; drawn ones by default")
    parser.add_argument("--images", type=int, default=8_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--scratch", type=Path, help="where the files and stores go")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def make_files(data: Path | None, folder: Path, source: Source, count: int) -> list[str]:
    """Writes `count` files, going round the pictures, and returns their names."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    found = sorted(data.rglob("*.png")) if data else []
    contents = []
    for number in range(min(source.pictures, count)):
        if found:
            with Image.open(found[number % len(found)]) as image:
                picture = np.asarray(image.convert("L"))
        else:
            picture = rng.integers(0, 256, (24, 20), dtype=np.uint8)
        shrinks = picture.shape[0] > source.height
        how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
        contents.append(
            encoded(cv2.resize(picture, (source.width, source.height), interpolation=how), source)
        )
    names = [f"{number:05d}.{source.suffix}" for number in range(count)]
    for number, name in enumerate(names):
        (folder / name).write_bytes(contents[number % len(contents)])
    return names


def encoded(picture: np.ndarray, source: Source) -> bytes:
    """Returns the picture as a file of the source's format."""
    if source.suffix == "png":
        return cv2.imencode(".png", picture)[1].tobytes()
    return simplejpeg.encode_jpeg(picture[:, :, None], quality=90, colorspace="GRAY")


def table_of(root: Path, files: list[str]) -> ImageTable:
    """Returns a table of the files, one patient each."""
    ids = [name.partition(".")[0] for name in files]
    rows = pd.DataFrame(
        {
            "image_id": ids,
            "path": files,
            "patient_id": ids,
            "study_id": ids,
            "view": "frontal",
            "sex": "",
            "age": np.nan,
            "split": "train",
            "Edema": 1.0,
        }
    )
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


def torchxrayvision(paths: list[Path], engine: str = "skimage") -> None:
    """What its data sets do for each image: imread, normalise, centre crop, resize."""
    import torchxrayvision as xrv
    from skimage.io import imread

    crop, smaller = xrv.datasets.XRayCenterCrop(), xrv.datasets.XRayResizer(SIZE, engine)
    for path in paths:
        smaller(crop(xrv.utils.normalize(imread(path), maxval=255, reshape=True)))


def torchxrayvision_cv2(paths: list[Path]) -> None:
    """The same with its other resizer."""
    torchxrayvision(paths, "cv2")


class Way(NamedTuple):
    """A loop over paths.

    Attributes:
        loop: The loop.
        every: It is given one in so many images.
        needs: A package that is no dependency; such a way is run once, on all cores.
        processes: In how many processes, where not as many as there are cores.
    """

    loop: Callable[[list[Path]], None]
    every: int = 1
    needs: str = ""
    processes: int = 0


BARE = "bare decode + resize"
LOOPS = {
    BARE: Way(bare),
    "bare, no DCT scaling": Way(bare_whole, 2),
    "Pillow + LANCZOS": Way(pillow, 8),
    "Pillow draft + LANCZOS": Way(pillow_draft, 8),
    "torchxrayvision (skimage)": Way(torchxrayvision, 40, "torchxrayvision"),
    "torchxrayvision (cv2)": Way(torchxrayvision_cv2, 8, "torchxrayvision"),
    "tf.data": Way(tf_data, 2, "tensorflow", 1),
}


def source_rows(table: ImageTable, scratch: Path, repeats: int) -> Iterator[dict[str, object]]:
    """Yields a row per way, each way run in turn in every repeat, so that drifts hit all alike."""
    cores = hardware()["cores"]
    paths = [table.root / path for path in table.rows["path"]]
    runs: dict[tuple[str, int], Callable[[], dict[str, float]]] = {}
    for name, way in LOOPS.items():
        for processes in sorted({1, cores}) if not way.needs else [way.processes or cores]:
            runs[name, processes] = (
                (lambda n=name, w=way, p=processes: {n: concurrent(w.loop, paths[:: w.every], p)})
                if not way.needs or importlib.util.find_spec(way.needs)
                else dict
            )
    for processes in sorted({1, cores}):
        runs["prepare", processes] = lambda p=processes: prepared_rates(table, scratch, p)
    rates: dict[tuple[str, int], list[float]] = {}
    load = round(os.getloadavg()[0], 2)
    for repeat in range(repeats):
        for (name, processes), run in runs.items():
            if repeat and name in LOOPS and LOOPS[name].needs:
                continue  # their packages take seconds to import in every process
            for part, rate in (run() or {name: np.nan}).items():
                rates.setdefault((part, processes), []).append(rate)
    for (name, processes), found in rates.items():
        row = {"way": name, "processes": processes, "images": len(table), "load_before": load}
        if np.isnan(found).any():
            yield {**row, "note": "not measured: not installed"}
            continue
        bare_rates = rates[BARE, cores if name == "tf.data" else processes][: len(found)]
        yield {
            **row,
            "images_per_second": round(statistics.median(found), 1),
            "least": round(min(found), 1),
            "most": round(max(found), 1),
            "of_bare": round(float(np.median(np.divide(found, bare_rates))), 3),
            "note": "its own threads, on all cores" if name == "tf.data" else "",
        }


def prepared_rates(table: ImageTable, scratch: Path, workers: int) -> dict[str, float]:
    """Returns images per second of all the work, and of what each further image takes."""
    some = len(table) // 4
    first = prepared(table.take(np.arange(some)), scratch, workers)
    seconds = prepared(table, scratch, workers)
    further = (len(table) - some) / (seconds - first)
    return {"prepare": len(table) / seconds, "prepare, further images": further}


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
    barrier.wait(LIMIT)
    start = time.perf_counter()
    barrier.wait(LIMIT)
    seconds = time.perf_counter() - start
    for worker in workers:
        worker.join()
    return len(paths) / seconds


def _loop(name: str, paths: list[Path], barrier: object) -> None:
    cv2.setNumThreads(1)
    loop = globals()[name]
    loop(paths[:4])
    barrier.wait(LIMIT)
    loop(paths)
    barrier.wait(LIMIT)


def prepared(table: ImageTable, scratch: Path, workers: int) -> float:
    """Returns the seconds of the whole job, with its start and its end."""
    shutil.rmtree(scratch / "store", ignore_errors=True)
    start = time.perf_counter()
    prepare(table, scratch / "store", SIZE, workers=workers)
    return time.perf_counter() - start


def memory(table: ImageTable, scratch: Path) -> int:
    """Returns the most memory, in MiB, that a process of a fresh `prepare` of the table holds.

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
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    pipe.send(max(resource.getrusage(who).ru_maxrss for who in both) // 1024)


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

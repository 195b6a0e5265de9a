"""Time and memory of maps and overlays of many images beside plain prediction.

    python benchmarks/overlays.py --store STORE [--model mobilenet] [--size 320] [--images 1000]

Builds a network with random weights. Predicts the images, makes their maps, and writes the overlays
of all findings, a file each. Prints the CPU time of each and the largest memory of the process
after it. With `--rounds`, the images are repeated, so that the memory of more images is seen.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from cxrcompare.explaining.map_making import map_maker
from cxrcompare.explaining.maps import Maps, compute
from cxrcompare.explaining.overlay_files import write_overlays
from cxrcompare.filesystem.disk_array import DiskArray
from cxrcompare.images.prepare import open_store
from cxrcompare.training.feeding.batches import plain_batches
from cxrcompare.training.feeding.image_source import BATCH
from cxrcompare.training.steps import device


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--model", default="mobilenet")
    parser.add_argument("--size", type=int, default=320)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--findings", type=int, default=14)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    device.start()
    from cxrcompare import models

    store = open_store(given.store)
    rows = np.tile(np.arange(min(given.images, len(store))), given.rounds)
    model = models.build(given.model, given.findings, given.size)
    maker = map_maker(model)
    warm = next(iter(plain_batches(store.pixels, rows[:BATCH], BATCH, given.size)))
    model.predict_on_batch(warm)
    maker.make(warm)

    def batches() -> Iterator[np.ndarray]:
        yield from plain_batches(store.pixels, rows, BATCH, given.size)

    _say("start", None)
    begun = time.process_time()
    for batch in batches():
        model.predict_on_batch(batch)
    _say(f"prediction of {len(rows):,} images", begun)
    begun = time.process_time()
    logits, values = compute(maker, batches(), len(rows))
    _say(f"maps of {len(rows):,} images and {given.findings} findings", begun)
    ids = tuple(f"{row}-{index}" for index, row in enumerate(rows.tolist()))
    findings = tuple(f"finding {index}" for index in range(given.findings))
    maps = Maps(given.model, ids, findings, values, logits, given.size, maker.fineness)
    with DiskArray() as array, tempfile.TemporaryDirectory() as folder:
        for batch in batches():
            array.append(batch[..., 0])
        begun = time.process_time()
        write_overlays([maps], array.array()[: len(rows)], Path(folder))
        _say(f"{len(rows) * given.findings:,} overlays", begun)


def _say(what: str, begun: float | None) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    spent = "" if begun is None else f"{time.process_time() - begun:.1f} s of CPU time, "
    print(f"{what}: {spent}at most {memory:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()

"""Times maps beside plain prediction, and how far the mean of a refined map is from the logit.

`python benchmarks/maps.py --store STORE [--images 64] [--rounds 5]` builds each network with
random weights, or with ImageNet weights from `--weights DIR`, and predicts the same images with and
without maps, in turns, in one process. It prints a row for each network and image size:

- plain and with_maps: images per second; extra: the median ratio of their times, minus 1
- passes: passes for each image, with the shifts of a refined map; distance: the root mean square
  of the mean of the map plus the bias minus the logit, in standard deviations of the logits
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from cxrcompare.images.prepare import open_store
from cxrcompare.training.feeding.batches import take
from cxrcompare.training.steps import device

BATCH = 16


def main() -> None:
    """Prints the rows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--models", default="mobilenet,densenet121")
    parser.add_argument("--sizes", default="64,224,320")
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--findings", type=int, default=14)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    device.start()
    store = open_store(options.store)
    rows = np.arange(min(options.images, len(store)))
    print("model,size,cells,plain,with_maps,extra,passes,distance")
    for name in options.models.split(","):
        for size in map(int, options.sizes.split(",")):
            pixels = take(store.pixels, rows, size)[..., None]
            print(_row(name, size, pixels, options), flush=True)


def _row(name: str, size: int, pixels: np.ndarray, options: argparse.Namespace) -> str:
    from cxrcompare import models
    from cxrcompare.explaining.map_making import map_maker

    weights = options.weights or "none"
    model = models.build(name, options.findings, size, weights=weights)
    maker = map_maker(model)
    both, factor = maker.model, maker.fineness
    batches = [pixels[at : at + BATCH] for at in range(0, len(pixels) // BATCH * BATCH, BATCH)]
    plain, mapped, ratios = [], [], []
    for one in (model, both):
        _seconds(one, batches[:1])  # compiles
    for _ in range(options.rounds):
        plain.append(_seconds(model, batches))
        mapped.append(_seconds(both, batches))
        ratios.append(mapped[-1] / plain[-1])
    count = BATCH * len(batches)
    made = [maker.make(batch) for batch in batches]
    logits, maps = (np.concatenate(parts) for parts in zip(*made, strict=True))
    bias = np.asarray(model.get_layer("logits").bias.numpy())
    rest = maps.mean((2, 3)) + bias - logits
    distance = np.sqrt((rest**2).mean()) / logits.std(axis=0).mean()
    cells = both.outputs[1].shape[1]
    passes = 1 if factor == 1 else factor**2 + 1
    return (
        f"{name},{size},{cells},{count / statistics.median(plain):.1f},"
        f"{count / statistics.median(mapped):.1f},{statistics.median(ratios) - 1:.4f},"
        f"{passes},{distance:.4f}"
    )


def _seconds(model: Any, batches: list[np.ndarray]) -> float:
    begun = time.perf_counter()
    for batch in batches:
        model.predict_on_batch(batch)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()

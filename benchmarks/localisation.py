"""Time of the measures and of the statistics of localisation, on simulated maps.

    python benchmarks/localisation.py [--networks 5] [--findings 10] [--images 2000]

Prints the time of the measures of all maps, of the paired tests, and, beside it, of a bootstrap of
10,000 replicates of the same means, with the largest difference of the intervals.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from cxrcompare.evaluation import intervals
from cxrcompare.evaluation.bootstrap import resampling
from cxrcompare.localisation.maps.map_set import from_arrays
from cxrcompare.localisation.measuring import paired_tests
from cxrcompare.localisation.measuring.measures import METRICS, Measured, measure
from cxrcompare.localisation.regions import grid
from cxrcompare.localisation.regions.image_regions import ImageRegions, RegionSource, from_mask
from cxrcompare.localisation.tables import Choices

PREVALENCE = 0.2
REPLICATES = 10_000


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", type=int, default=5)
    parser.add_argument("--findings", type=int, default=10)
    parser.add_argument("--images", type=int, default=2000)
    given = parser.parse_args()
    rng = np.random.default_rng(0)
    names = [f"finding {f}" for f in range(given.findings)]
    ids = [f"image {n}" for n in range(given.images)]
    regions = {image: _regions(names, rng) for image in ids}
    source = RegionSource("simulated", tuple(names), regions.get)
    sets = [
        from_arrays(
            f"network {m}",
            "",
            ids,
            names,
            rng.standard_normal((given.images, given.findings, 10, 10), np.float32),
        )
        for m in range(given.networks)
    ]
    patients = [str(n * 3 // 4) for n in range(given.images)]
    measure(sets[:1], RegionSource("one", tuple(names), {ids[0]: regions[ids[0]]}.get))  # compile
    start = time.perf_counter()
    measured = measure(sets, source)
    pairs = int((measured.parts > 0).sum()) * given.networks
    _say(f"measures of {pairs:,} maps with a region", start)
    start = time.perf_counter()
    means, differences = paired_tests.rows(measured, patients, Choices())
    _say(f"{len(means):,} means, {len(differences):,} paired tests", start)
    start = time.perf_counter()
    low, high = _bootstrap(measured, patients, rng)
    _say(f"bootstrap of {REPLICATES:,} replicates of the means", start)
    chosen = [row for row in means if row.finding in names]
    found = np.array([[row.low, row.high] for row in chosen])
    expected = np.array([[low[_at(row)], high[_at(row)]] for row in chosen])
    print(f"largest difference of the limits: {np.abs(found - expected).max():.4f}")


def _regions(names: list[str], rng: np.random.Generator) -> ImageRegions:
    found = {}
    for name in names:
        if rng.random() < PREVALENCE:
            mask = np.zeros((320, 320), bool)
            row, column = rng.integers(0, 240, 2)
            mask[row : row + 80, column : column + 60] = True
            region = from_mask(mask)
            if region is not None:
                found[name] = region
    return ImageRegions(grid.valid(320, 320), found)


def _bootstrap(
    measured: Measured, patients: list[str], rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Returns percentile limits of the means, (S, F, 4)."""
    drawn = resampling.draw(np.array(patients), REPLICATES, rng)
    sets, images, findings, measures = measured.values.shape
    columns = np.nan_to_num(measured.values).transpose(1, 0, 2, 3).reshape(images, -1)
    every = np.column_stack([columns, measured.parts > 0]).astype(np.float32)
    sums = np.zeros((drawn.counts.shape[1], every.shape[1]), np.float32)
    np.add.at(sums, drawn.patient, every)
    totals = drawn.counts.astype(np.float32) @ sums
    counts = totals[:, None, -findings:, None]
    shape = REPLICATES, sets, findings, measures
    return intervals.percentile(totals[:, :-findings].reshape(shape) / counts)


def _at(row) -> tuple[int, int, int]:  # type: ignore[no-untyped-def]
    return int(row.model.split()[1]), int(row.finding.split()[1]), METRICS.index(row.metric)


def _say(what: str, start: float) -> None:
    print(f"{what}: {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    main()

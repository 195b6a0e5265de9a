"""Spearman's rank correlation of the cells of two maps."""

from __future__ import annotations

import numpy as np

from cxrcompare.compiling import compiled
from cxrcompare.localisation.maps.map_set import MapSet
from cxrcompare.localisation.measuring.kernels import enlarge, order


def correlations(first: MapSet, second: MapSet, image: int) -> float:
    """Returns the mean over findings of the rank correlation of two maps of one image.

    Maps of different sizes are interpolated to the larger number of cells. A constant map has no
    correlation; NaN if no finding has one.
    """
    found = []
    for finding in range(len(first.findings)):
        a, b = first.read(image, finding), second.read(image, finding)
        if a.shape != b.shape:
            shape = max(a.shape[0], b.shape[0]), max(a.shape[1], b.shape[1])
            a, b = _resized(a, shape), _resized(b, shape)
        found.append(spearman(np.ravel(a), np.ravel(b)))
    values = np.array(found)
    return float(np.nanmean(values)) if not np.isnan(values).all() else float("nan")


def _resized(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    large = np.empty(shape, dtype=np.float32)
    enlarge(values, large)
    return large


@compiled
def spearman(first, second):  # type: ignore[no-untyped-def]
    """Returns Spearman's correlation of two (N,) float32 arrays; NaN if one is constant."""
    a, b = _ranks(first), _ranks(second)
    middle = (len(a) - 1) / 2.0
    product, square_a, square_b = 0.0, 0.0, 0.0
    for i in range(len(a)):
        product += (a[i] - middle) * (b[i] - middle)
        square_a += (a[i] - middle) ** 2
        square_b += (b[i] - middle) ** 2
    if square_a <= 0.0 or square_b <= 0.0:
        return np.nan
    return product / np.sqrt(square_a * square_b)


@compiled
def _ranks(values):  # type: ignore[no-untyped-def]
    """Returns the ranks from 0, the mean rank of equal values."""
    index = order(values)
    ranks = np.empty(len(values), dtype=np.float64)
    start = 0
    while start < len(index):
        stop = start
        while stop < len(index) and values[index[stop]] == values[index[start]]:
            stop += 1
        for i in range(start, stop):
            ranks[index[i]] = (start + stop - 1) / 2.0
        start = stop
    return ranks

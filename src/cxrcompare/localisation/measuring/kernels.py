"""Compiled loops of the measures of one map against one region."""

from __future__ import annotations

import numpy as np

from cxrcompare.compiling import compiled

_BITS = 11
_MASK = (1 << _BITS) - 1


@compiled
def enlarge(small, large):  # type: ignore[no-untyped-def]
    """Fills `large` (G, G) with the bilinear interpolation of `small` (h, w), both float32.

    Centres of cells correspond; beyond the outermost centres the values are constant.
    """
    height, width = small.shape
    rows, columns = large.shape
    for i in range(rows):
        y = min(max((i + 0.5) * height / rows - 0.5, 0.0), height - 1.0)
        top = min(int(y), max(height - 2, 0))
        low = min(top + 1, height - 1)
        for j in range(columns):
            x = min(max((j + 0.5) * width / columns - 0.5, 0.0), width - 1.0)
            left = min(int(x), max(width - 2, 0))
            right = min(left + 1, width - 1)
            above = small[top, left] + (x - left) * (small[top, right] - small[top, left])
            below = small[low, left] + (x - left) * (small[low, right] - small[low, left])
            large[i, j] = above + (y - top) * (below - above)


@compiled
def order(values):  # type: ignore[no-untyped-def]
    """Returns the indices that sort float32 values upwards: a radix sort of their bits.

    Args:
        values: (N,) float32, finite.
    """
    count = len(values)
    bits = values.view(np.uint32)
    keys = np.empty(count, dtype=np.uint32)
    for i in range(count):
        negative = bits[i] >> np.uint32(31)
        keys[i] = ~bits[i] if negative else bits[i] | np.uint32(0x80000000)
    index = np.arange(count)
    moved = np.empty(count, dtype=np.int64)
    for shift in (0, 11, 22):
        starts = np.zeros(_MASK + 2, dtype=np.int64)
        for i in range(count):
            starts[((keys[i] >> np.uint32(shift)) & np.uint32(_MASK)) + 1] += 1
        for digit in range(_MASK + 1):
            starts[digit + 1] += starts[digit]
        for i in range(count):
            digit = (keys[index[i]] >> np.uint32(shift)) & np.uint32(_MASK)
            moved[starts[digit]] = index[i]
            starts[digit] += 1
        index, moved = moved, index
    return index


@compiled
def measure(maps, inside, valid, thresholds, out):  # type: ignore[no-untyped-def]
    """Fills `out` (M, 4): hit, IoU, AUROC and average precision of maps against a region.

    Args:
        maps: (M, h, w) float32.
        inside: (G, G) float32, the share of each cell in the region.
        valid: (G, G) float32, the share of each cell in the image.
        thresholds: (M,) float64, the map values from which a cell is called inside; NaN for Otsu's
            threshold of the map.
        out: (M, 4) float64, output; NaN if the region or its outside is empty.
    """
    within, whole = inside.ravel(), valid.ravel()
    large = np.empty(inside.shape, dtype=np.float32)
    total_in, total = 0.0, 0.0
    for i in range(len(whole)):
        total_in += min(within[i], whole[i])
        total += whole[i]
    for m in range(len(maps)):
        out[m] = np.nan
        if total_in <= 0.0 or total - total_in <= 1e-6 * total:
            continue
        enlarge(maps[m], large)
        values = large.ravel()
        index = order(values)
        value_sum = 0.0
        for i in range(len(whole)):
            value_sum += values[i] * whole[i]
        total_out = total - total_in
        below_in, below_out, below_sum = 0.0, 0.0, 0.0
        area, precision, overlap, hit = 0.0, 0.0, 0.0, 0.0
        best, otsu_overlap, found = -1.0, 0.0, False
        start = 0
        while start < len(index):
            value = values[index[start]]
            stop = start
            group_in, group_out = 0.0, 0.0
            while stop < len(index) and values[index[stop]] == value:
                cell = index[stop]
                part = min(within[cell], whole[cell])
                group_in += part
                group_out += whole[cell] - part
                stop += 1
            start = stop
            if group_in + group_out <= 0.0:
                continue
            above_in, above_out = total_in - below_in, total_out - below_out
            iou = above_in / (total_in + above_out)
            if not found and value >= thresholds[m]:
                overlap, found = iou, True
            below = below_in + below_out
            if below > 0.0:
                above = above_in + above_out
                gap = below_sum / below - (value_sum - below_sum) / above
                if below * above * gap * gap > best:
                    best, otsu_overlap = below * above * gap * gap, iou
            area += group_in * (below_out + 0.5 * group_out)
            precision += group_in * above_in / (above_in + above_out)
            below_in += group_in
            below_out += group_out
            below_sum += value * (group_in + group_out)
            hit = group_in / (group_in + group_out)
        out[m, 0] = hit
        out[m, 1] = otsu_overlap if np.isnan(thresholds[m]) else overlap
        out[m, 2] = area / (total_in * total_out)
        out[m, 3] = precision / total_in


@compiled
def overlaps(maps, inside, valid, candidates, out):  # type: ignore[no-untyped-def]
    """Fills `out` (M, K) with the IoU of maps against a region at K ascending thresholds each.

    Arguments as for `measure`, with `candidates` (M, K) float64.
    """
    within, whole = inside.ravel(), valid.ravel()
    large = np.empty(inside.shape, dtype=np.float32)
    total_in = 0.0
    for i in range(len(whole)):
        total_in += min(within[i], whole[i])
    count = candidates.shape[1]
    for m in range(len(maps)):
        enlarge(maps[m], large)
        values = large.ravel()
        both, outside = np.zeros(count + 1), np.zeros(count + 1)
        for i in range(len(whole)):
            if whole[i] > 0.0:
                reached = np.searchsorted(candidates[m], values[i], side="right")
                part = min(within[i], whole[i])
                both[reached] += part
                outside[reached] += whole[i] - part
        above_in, above_out = 0.0, 0.0
        for k in range(count - 1, -1, -1):
            above_in += both[k + 1]
            above_out += outside[k + 1]
            out[m, k] = above_in / (total_in + above_out) if total_in > 0.0 else np.nan


@compiled
def mass(maps, areas, valid, out):  # type: ignore[no-untyped-def]
    """Fills `out` (M,) with the share of the positive values of maps that is in an area.

    Args:
        maps: (M, h, w) float32.
        areas: (G, G) float32, the share of each cell in the area.
        valid: (G, G) float32, the share of each cell in the image.
        out: (M,) float64, output; NaN for a map without a positive value.
    """
    within, whole = areas.ravel(), valid.ravel()
    large = np.empty(areas.shape, dtype=np.float32)
    for m in range(len(maps)):
        enlarge(maps[m], large)
        values = large.ravel()
        part, total = 0.0, 0.0
        for i in range(len(whole)):
            if values[i] > 0.0:
                part += values[i] * min(within[i], whole[i])
                total += values[i] * whole[i]
        out[m] = part / total if total > 0.0 else np.nan

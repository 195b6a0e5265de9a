"""Compiled inner loops: chords of solids, points of curves, projected clouds."""

from __future__ import annotations

import numpy as np

from cxrcompare.compiling import compiled


@compiled
def chords(ways, solids, nested, out):  # type: ignore[no-untyped-def]
    """Computes the lengths of rays inside nested solids and outside all holes.

    The interval of a solid on a ray follows from a quadratic equation. The holes' intervals are
    sorted by their start, and their union is subtracted from the nested solids' common interval.

    Args:
        ways: (3, 3), vectors from the source to the first pixel, to the next column, to the next
            row.
        solids: (S, 4, 4), inner products of the vector from the centre to the source and of `ways`,
            transformed to each solid's unit ball.
        nested: Number of nested solids, which come first; the others are holes.
        out: (nested, H, W), output: centimetres inside the first 1, 2, ... solids and no hole.
    """
    count, height, width = len(solids), out.shape[1], out.shape[2]
    enter, leave = np.empty(count), np.empty(count)
    for row in range(height):
        for column in range(width):
            holes = 0
            for index in range(count):
                s = solids[index]
                half = s[0, 1] + column * s[0, 2] + row * s[0, 3]
                square = (
                    s[1, 1]
                    + row * (2.0 * s[1, 3] + row * s[3, 3])
                    + column * (2.0 * (s[1, 2] + row * s[2, 3]) + column * s[2, 2])
                )
                root = half * half - square * (s[0, 0] - 1.0)
                if root <= 0.0:
                    if index >= nested:
                        continue
                    enter[index], leave[index] = np.inf, -np.inf
                    if index == 0:
                        break
                    continue
                root = np.sqrt(root)
                first, last = (-half - root) / square, (root - half) / square
                if index < nested:
                    enter[index], leave[index] = first, last
                    continue
                slot = nested + holes
                while slot > nested and enter[slot - 1] > first:
                    enter[slot], leave[slot] = enter[slot - 1], leave[slot - 1]
                    slot -= 1
                enter[slot], leave[slot] = first, last
                holes += 1
            if enter[0] > leave[0]:
                out[:, row, column] = 0.0
                continue
            length = 0.0
            for axis in range(3):
                length += (ways[0, axis] + column * ways[1, axis] + row * ways[2, axis]) ** 2
            length = np.sqrt(length)
            low, high = -np.inf, np.inf
            for index in range(nested):
                low, high = max(low, enter[index]), min(high, leave[index])
                free, reached = 0.0, low
                for hole in range(nested, nested + holes):
                    if enter[hole] >= high:
                        break
                    if enter[hole] > reached:
                        free += enter[hole] - reached
                    reached = max(reached, leave[hole])
                out[index, row, column] = length * (free + max(high - reached, 0.0))


@compiled
def contained(points, centres, matrices, bounds):  # type: ignore[no-untyped-def]
    """Returns which points are inside the first `bounds` solids and outside the others, (N,)."""
    inside = np.empty(len(points), np.bool_)
    for number in range(len(points)):
        good = True
        for index in range(len(centres)):
            x = points[number, 0] - centres[index, 0]
            y = points[number, 1] - centres[index, 1]
            z = points[number, 2] - centres[index, 2]
            away = 0.0
            for axis in range(3):
                part = (
                    matrices[index, axis, 0] * x
                    + matrices[index, axis, 1] * y
                    + matrices[index, axis, 2] * z
                )
                away += part * part
            if (away <= 1.0) != (index < bounds):
                good = False
                break
        inside[number] = good
    return inside


@compiled
def discs(column, row, radius, area, out):  # type: ignore[no-untyped-def]
    """Adds a disc with a soft edge around each point to an image, (H, W).

    Args:
        column: (N,), column of the centre.
        row: (N,), row of the centre.
        radius: (N,) pixels.
        area: (N,), sum of the disc's pixels.
        out: The image.
    """
    height, width = out.shape
    for number in range(len(column)):
        reach = radius[number] + 0.5
        left, right = int(np.ceil(column[number] - reach)), int(column[number] + reach)
        top, low = int(np.ceil(row[number] - reach)), int(row[number] + reach)
        if right < 0 or left >= width or low < 0 or top >= height:
            continue
        total = 0.0
        for y in range(top, low + 1):
            for x in range(left, right + 1):
                away = np.sqrt((x - column[number]) ** 2 + (y - row[number]) ** 2)
                total += min(max(reach - away, 0.0), 1.0)
        share = area[number] / total
        for y in range(max(top, 0), min(low + 1, height)):
            for x in range(max(left, 0), min(right + 1, width)):
                away = np.sqrt((x - column[number]) ** 2 + (y - row[number]) ** 2)
                out[y, x] += share * min(max(reach - away, 0.0), 1.0)


@compiled
def clouds(centres, covariances, heights, out):  # type: ignore[no-untyped-def]
    """Adds Gaussians to an image, (H, W), up to 3.5 standard deviations.

    Args:
        centres: (N, 2), column and row of the centre.
        covariances: (N, 2, 2), covariance in the image, square pixels.
        heights: (N,), the value at the centre.
        out: The image.
    """
    for number in range(len(centres)):
        u, v = centres[number]
        a = covariances[number, 0, 0]
        b, c = covariances[number, 0, 1], covariances[number, 1, 1]
        scale = -0.5 / (a * c - b * b)
        wide, tall = 3.5 * np.sqrt(a) + 1.0, 3.5 * np.sqrt(c) + 1.0
        for row in range(max(int(v - tall), 0), min(int(v + tall) + 1, out.shape[0])):
            y = row - v
            for column in range(max(int(u - wide), 0), min(int(u + wide) + 1, out.shape[1])):
                x = column - u
                out[row, column] += heights[number] * np.exp(
                    scale * (c * x * x - 2.0 * b * x * y + a * y * y)
                )


@compiled
def beziers(knots, points):  # type: ignore[no-untyped-def]
    """Computes points of cubic Bezier curves; returns the curve length per point, (B, count).

    Args:
        knots: (4, B, 3), the control points of B curves.
        points: (B, count, 3), output.
    """
    weight = np.zeros(points.shape[:2])
    last = points.shape[1] - 1
    for curve in range(points.shape[0]):
        for index in range(last + 1):
            t = index / last
            s = 1.0 - t
            for axis in range(3):
                points[curve, index, axis] = (
                    s * s * s * knots[0, curve, axis]
                    + 3.0 * t * s * s * knots[1, curve, axis]
                    + 3.0 * t * t * s * knots[2, curve, axis]
                    + t * t * t * knots[3, curve, axis]
                )
            if index:
                step = 0.0
                for axis in range(3):
                    step += (points[curve, index, axis] - points[curve, index - 1, axis]) ** 2
                step = 0.5 * np.sqrt(step)
                weight[curve, index] += step
                weight[curve, index - 1] += step
    return weight


@compiled
def smooth(knots):  # type: ignore[no-untyped-def]
    """Returns points of a Catmull-Rom curve through knots, (K, 3), with 12 points per segment."""
    last = len(knots) - 1
    points = np.empty((12 * last + 1, 3))
    for piece in range(last):
        for axis in range(3):
            b, c = knots[piece, axis], knots[piece + 1, axis]
            a = knots[piece - 1, axis] if piece else 2.0 * b - c
            d = knots[piece + 2, axis] if piece + 1 < last else 2.0 * c - b
            for step in range(12):
                t = step / 12
                points[12 * piece + step, axis] = 0.5 * (
                    2 * b
                    + (c - a) * t
                    + (2 * a - 5 * b + 4 * c - d) * t * t
                    + (3 * b - a - 3 * c + d) * t * t * t
                )
    points[12 * last] = knots[last]
    return points


@compiled
def evenly(knots, spacing):  # type: ignore[no-untyped-def]
    """Returns points `spacing` apart, (N, 3), along the polyline through knots, (K, 3)."""
    position = np.zeros(len(knots))
    for index in range(1, len(knots)):
        step = 0.0
        for axis in range(3):
            step += (knots[index, axis] - knots[index - 1, axis]) ** 2
        position[index] = position[index - 1] + np.sqrt(step)
    total = position[-1]
    count = max(2, int(total / spacing) + 1)
    points = np.empty((count, 3))
    piece = 1
    for index in range(count):
        wanted = total * index / (count - 1)
        while piece < len(knots) - 1 and position[piece] < wanted:
            piece += 1
        long = position[piece] - position[piece - 1]
        share = min(max((wanted - position[piece - 1]) / long, 0.0), 1.0) if long > 0.0 else 0.0
        for axis in range(3):
            points[index, axis] = (1.0 - share) * knots[piece - 1, axis] + share * knots[
                piece, axis
            ]
    return points


@compiled
def lengths(points, ends):  # type: ignore[no-untyped-def]
    """Returns the curve length per point, (N,); `ends` are the end indices of the curves."""
    result = np.zeros(len(points))
    start = 0
    for end in ends:
        for index in range(start + 1, end):
            step = 0.0
            for axis in range(3):
                step += (points[index, axis] - points[index - 1, axis]) ** 2
            step = 0.5 * np.sqrt(step)
            result[index] += step
            result[index - 1] += step
        start = end
    return result

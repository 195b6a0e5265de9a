"""SVG drawing: axes, marks and text, with the colours of the page's theme.

A figure is drawn once. In the page it uses the colours of the theme (light, dark, print); as a
separate file it uses the light colours. Text is not converted to paths, coordinates are rounded,
and the output is deterministic.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

from cxrcompare.reporting.figures.marks import corners
from cxrcompare.reporting.figures.path import BAND, TOLERANCE, short, trace, unbroken
from cxrcompare.reporting.results import numbers


@dataclass
class Axes:
    """A drawing with two linear or logarithmic axes.

    Attributes:
        width: The width of the drawing; the font size is 11 units.
        height: The height of the drawing.
        x: The values at the left and right edges of the plot.
        y: The values at the bottom and top edges of the plot.
        margin: The left, right, top and bottom margins around the plot.
        log_x: Whether the x axis is logarithmic.
        log_y: Whether the y axis is logarithmic.
        parts: The SVG elements drawn so far.
    """

    width: float
    height: float
    x: tuple[float, float] = (0.0, 1.0)
    y: tuple[float, float] = (0.0, 1.0)
    margin: tuple[float, float, float, float] = (40.0, 10.0, 10.0, 34.0)
    log_x: bool = False
    log_y: bool = False
    parts: list[str] = field(default_factory=list)

    def across(self, value: float) -> float:
        """Returns the horizontal position of a value."""
        left, right = self.margin[0], self.width - self.margin[1]
        low, high = self.x
        if self.log_x:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return left + (value - low) / (high - low) * (right - left)

    def up(self, value: float) -> float:
        """Returns the vertical position of a value."""
        top, bottom = self.margin[2], self.height - self.margin[3]
        low, high = self.y
        if self.log_y:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return bottom - (value - low) / (high - low) * (bottom - top)

    def add(self, part: str) -> None:
        """Adds an SVG element."""
        self.parts.append(part)

    def segment(self, x0: float, y0: float, x1: float, y1: float, name: str) -> None:
        """Draws a straight line between two positions."""
        self.add(
            f'<line x1="{short(x0)}" y1="{short(y0)}" x2="{short(x1)}" y2="{short(y1)}" '
            f'class="{name}"/>'
        )

    def text(
        self, x: float, y: float, words: str, name: str = "", anchor: str = "start", turn: int = 0
    ) -> None:
        """Writes text at a position."""
        attributes = f' class="{name}"' if name else ""
        if anchor != "start":
            attributes += f' text-anchor="{anchor}"'
        if turn:
            attributes += f' transform="rotate({turn} {short(x)} {short(y)})"'
        self.add(f'<text x="{short(x)}" y="{short(y)}"{attributes}>{escape(words)}</text>')

    def circle(self, x: float, y: float, radius: float, name: str, title: str = "") -> None:
        """Draws a dot at a position."""
        inner = f"<title>{escape(title)}</title>" if title else ""
        self.add(
            f'<circle cx="{short(x)}" cy="{short(y)}" r="{short(radius)}" class="{name}">'
            f"{inner}</circle>"
        )

    def mark(self, x: float, y: float, radius: float, kind: int, title: str = "") -> None:
        """Draws the mark of a network, an index of `marks.MARKS`, at a position."""
        if not kind:
            self.circle(x, y, radius, "dot", title)
            return
        points = " ".join(f"{short(a)},{short(b)}" for a, b in corners(kind, x, y, radius))
        inner = f"<title>{escape(title)}</title>" if title else ""
        self.add(f'<polygon points="{points}" class="dot">{inner}</polygon>')

    def diamond(self, x: float, y: float, size: float, name: str, title: str = "") -> None:
        """Draws a diamond at a position."""
        corners = f"{short(x)},{short(y - size)} {short(x + size)},{short(y)} "
        corners += f"{short(x)},{short(y + size)} {short(x - size)},{short(y)}"
        inner = f"<title>{escape(title)}</title>" if title else ""
        self.add(f'<polygon points="{corners}" class="{name}">{inner}</polygon>')

    def box(
        self, x: float, y: float, width: float, height: float, name: str, style: str = ""
    ) -> None:
        """Draws a rectangle at a position."""
        extra = f' style="{style}"' if style else ""
        self.add(
            f'<rect x="{short(x)}" y="{short(y)}" width="{short(max(width, 0))}" '
            f'height="{short(max(height, 0))}" class="{name}"{extra}/>'
        )

    def line(
        self,
        xs: Sequence[float | None],
        ys: Sequence[float | None],
        name: str = "line",
        tolerance: float = TOLERANCE,
    ) -> None:
        """Draws a line through values, with gaps at undefined values."""
        path = "".join(trace(self._positions(part), tolerance) for part in unbroken(xs, ys))
        if path:
            self.add(f'<path d="{path}" class="{name}"/>')

    def band(
        self,
        xs: Sequence[float],
        low: Sequence[float | None],
        high: Sequence[float | None],
    ) -> None:
        """Fills the area between two lines, with gaps at undefined values."""
        lower, upper = unbroken(xs, low), unbroken(xs, high)
        if len(lower) != len(upper):
            return
        path = "".join(
            trace(self._positions(np.concatenate((below, above[::-1]))), BAND) + "z"
            for below, above in zip(lower, upper, strict=True)
        )
        if path:
            self.add(f'<path d="{path}" class="band"/>')

    def _positions(self, points: np.ndarray) -> np.ndarray:
        """Returns the positions, (N, 2), of points."""
        if self.log_x or self.log_y:
            return np.array([(self.across(x), self.up(y)) for x, y in points.tolist()])
        right, bottom = self.width - self.margin[1], self.height - self.margin[3]
        start, end = np.array((self.margin[0], bottom)), np.array((right, self.margin[2]))
        low, high = np.array((self.x, self.y)).T
        return start + (points - low) / (high - low) * (end - start)

    def frame(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        x_words: str,
        y_words: str,
        digits: int = 1,
        x_digits: int = 1,
    ) -> None:
        """Draws the grid, the tick labels and the axis labels."""
        left, right = self.margin[0], self.width - self.margin[1]
        top, bottom = self.margin[2], self.height - self.margin[3]
        for value in xs:
            x = self.across(value)
            self.segment(x, top, x, bottom, "grid")
            label = numbers.compact(value) if self.log_x else tick(value, x_digits)
            self.text(x, bottom + 14, label, anchor="middle")
        for value in ys:
            y = self.up(value)
            self.segment(left, y, right, y, "grid")
            label = numbers.compact(value) if self.log_y else tick(value, digits)
            self.text(left - 6, y + 4, label, anchor="end")
        if x_words:
            self.text((left + right) / 2, bottom + 29, x_words, anchor="middle")
        if y_words:
            self.text(11, (top + bottom) / 2, y_words, anchor="middle", turn=-90)

    def open(self, name: str) -> None:
        """Opens a group of elements with a class name."""
        self.add(f'<g class="{name}">')

    def close(self) -> None:
        """Closes the group opened last."""
        self.add("</g>")

    def spans(self, x: float, y: float, parts: Sequence[tuple[str, str]], anchor: str = "") -> None:
        """Writes several styled parts of text in one line, spaced by the renderer's font."""
        inner = "".join(f'<tspan class="{name}">{escape(words)}</tspan>' for words, name in parts)
        extra = f' text-anchor="{anchor}"' if anchor else ""
        self.add(f'<text x="{short(x)}" y="{short(y)}"{extra} xml:space="preserve">{inner}</text>')

    def _ends(self) -> str:
        """Returns the edges of the plot for the page's script: left, right, top, bottom."""
        left, right, top, bottom = self.margin
        edges = (left, self.width - right, top, self.height - bottom)
        return " ".join(short(edge) for edge in edges)

    def svg(self, identity: str, title: str, description: str) -> str:
        """Returns the drawing as an SVG element with a title and a description.

        Args:
            identity: An id that is unique in the page; letters, digits and hyphens only.
            title: The title of the figure.
            description: The alt text of the figure.
        """
        return (
            f'<svg class="fig" xmlns="http://www.w3.org/2000/svg" id="{identity}" role="img" '
            f'viewBox="0 0 {short(self.width)} {short(self.height)}" data-plot="{self._ends()}" '
            f'style="max-width:{short(self.width * 1.3)}px" '
            f'aria-labelledby="{identity}-t {identity}-d">'
            f'<title id="{identity}-t">{escape(title)}</title>'
            f'<desc id="{identity}-d">{escape(description)}</desc>' + "".join(self.parts) + "</svg>"
        )


def padded(
    values: Iterable[float], share: float = 0.06, least: float = 1e-3
) -> tuple[float, float]:
    """Returns the limits of the defined values, widened by a share of their range.

    Args:
        values: At least one defined number.
        share: The padding at each end, as a share of the range.
        least: The smallest padding, in units of the axis.
    """
    defined = [value for value in values if numbers.defined(value)]
    low, high = min(defined), max(defined)
    padding = max((high - low) * share, least)
    return low - padding, high + padding


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Returns round numbers between two limits, approximately `about` of them."""
    if not high > low:
        return [low]
    rough = (high - low) / max(about, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.7)
    inside = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    return [round(number * step, 12) for number in inside]


def decades(low: float, high: float) -> list[float]:
    """Returns at most five round numbers for a logarithmic axis between two limits."""
    values = [factor * 10.0**power for power in range(-6, 13) for factor in (1, 2, 5)]
    inside = [value for value in values if low <= value <= high]
    while len(inside) > 5:
        inside = inside[::2]
    return inside or ticks(low, high, 3)


def decimals(values: Sequence[float]) -> int:
    """Returns the number of decimals, at least two, that tells the grid lines apart."""
    step = min((abs(b - a) for a, b in itertools.pairwise(values)), default=0.1)
    digits = 2
    while digits < 6 and abs(round(step, digits) - step) > 1e-9:
        digits += 1
    return digits


def tick(value: float, digits: int) -> str:
    """Returns the label of a grid line; zero has no decimals."""
    written = numbers.decimal(value, digits)
    return "0" if float(written.replace("−", "-")) == 0 else written


def clipped(words: str, length: int) -> str:
    """Returns text shortened to a length, with an ellipsis in the middle."""
    if len(words) <= length:
        return words
    front = (length - 1) * 2 // 3
    return f"{words[:front]}…{words[len(words) - (length - 1 - front) :]}"

"""Figures as separate SVG files, in the light colours and with a legend of the networks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from cxrcompare.reporting.figures import palette
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.svg import Axes, clipped

_OF_ALL_NETWORKS = ("findings", "roc", "pr", "decision")


def draw(name: str, figure: Figure, networks: Sequence[str]) -> str:
    """Returns a figure as the content of an SVG file.

    Args:
        name: The id of the SVG element.
        figure: The figure.
        networks: All networks, in the order of their colours.
    """
    axes = figure.axes
    if figure.kind in _OF_ALL_NETWORKS:
        axes = _with_legend(axes, networks)
    return _standalone(axes.svg(name, figure.title, figure.alt_text), len(networks))


def _with_legend(axes: Axes, networks: Sequence[str]) -> Axes:
    """Returns a drawing with a legend of the networks below it."""
    legend = Axes(axes.width, axes.height + 22, parts=list(axes.parts))
    x, left = 12.0, 12.0
    for index, name in enumerate(networks):
        words = clipped(name, 24)
        width = 34 + 6.2 * len(words)
        if x + width > axes.width and x > left:
            x, legend.height = left, legend.height + 16
        y = legend.height - 12
        legend.open(f"n{index}")
        legend.segment(x, y - 4, x + 18, y - 4, "line")
        legend.text(x + 23, y, words, "strong")
        legend.close()
        x += width
    return legend


def _standalone(svg: str, networks: int) -> str:
    """Returns an SVG element of the page as a separate file in the light colours."""
    background = '<rect width="100%" height="100%" style="fill:#FFFFFF"/>'
    head, _, rest = svg.partition("</desc>")
    style = f"<style>{_rules(networks)}</style>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}</desc>{style}{background}{rest}\n'


@lru_cache(maxsize=4)
def _rules(networks: int) -> str:
    """Returns the rules with colours, because some SVG viewers support no custom properties."""
    colours = palette.colours(networks)
    groups = [f"n{index}" for index in range(networks)]
    named = {name: colours[name] for name in groups} | {
        name: colours[name] for name in ("ink", "soft")
    }
    plain, own = [], []
    for rule in (palette.RULES + palette.series_rules(networks)).split("}"):
        if not rule or "--c:" in rule:
            continue
        if "var(--c)" not in rule:
            plain.append(rule + "}")
            continue
        selector, body = rule.split("{", 1)
        mark = selector.removeprefix(".fig ")
        for name, colour in named.items():
            filled = body.replace("var(--c)", colour)
            own.append(f".{name} {mark},.{name}{mark}{{{filled}}}")
    rules = "".join(plain + own)
    for name, colour in colours.items():
        rules = rules.replace(f"var(--{name})", colour)
    return rules

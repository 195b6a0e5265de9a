"""Figures as separate SVG files: light colours, a legend, no custom properties."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.figures import palette
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.svg import Axes
from cxrcompare.reporting.formats import figure_files


def test_files_of_curves_name_every_network(report_folder: Path, comparison: Comparison) -> None:
    names = [row["name"] for row in comparison.models if row["kind"] == "network"]
    for kind in ("roc", "pr", "findings"):
        for path in (report_folder / "figures").glob(f"{kind}-*.svg"):
            words = {
                part.text for part in ElementTree.parse(path).iter() if part.tag.endswith("text")
            }
            assert set(names) <= words, path.name


def made(kind: str) -> Figure:
    axes = Axes(200, 100)
    axes.open("n1 series")
    axes.line((0, 1), (0, 1))
    axes.close()
    return Figure(kind, "Edema", "A < B", "alt & text", axes, ("x",), [(1,)])


def test_the_colours_are_those_of_the_light_theme() -> None:
    written = figure_files.draw("roc-edema", made("roc"), ("a", "b"))
    assert written.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<svg ')
    assert "var(" not in written
    assert f".n1 .line,.n1.line{{stroke:{palette.LIGHT[1]};" in written
    root = ElementTree.fromstring(written.encode())
    assert [child.text for child in root[:2]] == ["A < B", "alt & text"]


@pytest.mark.parametrize(("kind", "legend"), [("roc", True), ("pr", True), ("ranks", False)])
def test_only_figures_of_all_networks_have_a_legend(kind: str, legend: bool) -> None:
    written = figure_files.draw("name", made(kind), ("first", "second"))
    assert (">first</text>" in written) == (">second</text>" in written) == legend
    assert ('viewBox="0 0 200 100"' in written) == (not legend)


def test_the_legend_takes_another_line_where_it_is_full() -> None:
    names = ("n" * 24, "m" * 24, "k")
    figure = made("roc")
    parts = list(figure.axes.parts)
    written = figure_files.draw("name", figure, names)  # 183 units each for the long names
    assert 'viewBox="0 0 200 154"' in written  # 22 for the first line, 16 for each of two others
    assert figure.axes.parts == parts  # the figure of the page has no legend

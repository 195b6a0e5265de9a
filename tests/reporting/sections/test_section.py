"""A section of every kind of content, in every format of the report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting import write_report
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.figures.svg import Axes
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.sections import all_sections
from cxrcompare.reporting.sections.section import Section, percent, shown


def _section(results: Results) -> Section:
    axes = Axes(100, 100)
    axes.line((0, 1), (0, 1))
    drawing = Figure("made", "", "A <drawing>", "a line", axes, ("x",), [(0,), (1,)])
    return Section(
        "made",
        "A <made> topic",
        ("A & B differ.",),
        shown("A | table", ("Network", "n"), [("a", 5)], 1) + shown("Empty", ("n",), [], 0),
        "",
        question="Is it so?",
        figures=(drawing,),
    )


def test_a_long_table_says_how_many_rows_it_has() -> None:
    rows = [(str(n),) for n in range(1001)]
    (one,) = shown("Rows", ("n",), rows, 0, 3, "rows.csv")
    assert one.caption == "Rows (the first 3 of 1,001 rows; all are in rows.csv)"
    assert one.body == (("0",), ("1",), ("2",))
    (all_of_them,) = shown("Rows", ("n",), rows[:3], 0, 3, "rows.csv")
    assert all_of_them.caption == "Rows"


def test_a_section_reaches_every_format(
    make_comparison: Callable[..., Comparison], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(all_sections, "_MAKERS", (_section, lambda results: None))
    write_report(make_comparison(networks=("a", "b"), findings=("Edema",)), tmp_path)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "A &lt;made&gt; topic</h2>" in page
    assert 'href="#made"' in page
    assert "Is it so?" in page
    assert "A &amp; B differ." in page
    assert 'id="f-made"' in page
    assert "A | table</summary>" in page
    assert "Empty" not in page
    words = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "## A &lt;made&gt; topic\n\nIs it so?\n\nA &amp; B differ." in words
    assert "](figures/made.svg)" in words
    assert (tmp_path / "figures" / "made.svg").is_file()


def test_a_share_that_is_not_defined_is_a_dash():
    assert percent(0.1234) == "12.3 %"
    assert percent(float("nan")) == "–"

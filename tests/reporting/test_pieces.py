"""Numbers, drawings, tables and embedded data."""

from __future__ import annotations

import json
import math
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.figures import cost_figures, palette, path
from cxrcompare.reporting.figures.figure import slug
from cxrcompare.reporting.figures.svg import Axes, clipped, ticks
from cxrcompare.reporting.formats import latex, page, page_data
from cxrcompare.reporting.formats.markdown import plain
from cxrcompare.reporting.narrative import checklist
from cxrcompare.reporting.results import main_table, numbers
from cxrcompare.reporting.results.lookup import Results

NAN = float("nan")


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.8534, "0.853"), (-0.0004, "0.000"), (-0.5, "−0.500"), (NAN, "–"), (None, "–")],
)
def test_decimals(value: float | None, written: str) -> None:
    assert numbers.decimal(value) == written


def test_signs_and_intervals() -> None:
    assert numbers.signed(0.012) == "+0.012"
    assert numbers.signed(-0.012) == "−0.012"
    assert numbers.signed(NAN) == "–"
    assert numbers.interval(0.1, 0.25, 2) == "0.10 to 0.25"
    assert numbers.interval(NAN, 0.25) == ""


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "p < 0.001"), (0.034, "p = 0.034"), (1.0, "p > 0.999"), (NAN, "p not defined")],
)
def test_p_values_are_never_0_or_1(value: float, written: str) -> None:
    assert numbers.p_value(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(4.1e6, "4.1 M"), (25_600, "25.6 k"), (312.4, "312"), (0.0042, "0.0042"), (NAN, "–")],
)
def test_quantities(value: float, written: str) -> None:
    assert numbers.compact(value) == written


def test_times_and_probabilities() -> None:
    assert [numbers.duration(s) for s in (34, 312, 11160)] == ["34 s", "5.2 min", "3.1 h"]
    assert [numbers.probability(p) for p in (0.0, 0.5, 1.0)] == ["< 0.01", "0.50", "> 0.99"]


def test_percentages() -> None:
    assert [numbers.percent(share) for share in (0.95, 0.975, 0.8)] == [
        "95\u00a0%",
        "97.5\u00a0%",
        "80\u00a0%",
    ]


def test_protocol_values_are_words() -> None:
    assert numbers.stated(None) == "not stated"
    assert numbers.stated({"a": [0, 1]}) == "a 0/1"
    assert numbers.stated(False) == "no"


def test_places_in_a_drawing() -> None:
    axes = Axes(100, 100, x=(0, 10), y=(0, 1), margin=(10, 10, 20, 30))
    assert (axes.across(0), axes.across(10)) == (10, 90)
    assert (axes.up(0), axes.up(1)) == (70, 20)
    logarithmic = Axes(100, 100, x=(1, 100), margin=(0, 0, 0, 0), log_x=True)
    assert logarithmic.across(10) == pytest.approx(50)


def test_a_line_breaks_where_a_number_is_missing() -> None:
    axes = Axes(100, 100, margin=(0, 0, 0, 0))
    axes.line((0, 0.2, 0.4, 0.6, 0.8), (0, 0.5, NAN, 0.5, 1))
    assert axes.parts[0].count("M") == 2


def test_straight_lines_keep_only_their_ends() -> None:
    axes = Axes(100, 100, margin=(0, 0, 0, 0))
    axes.line((0, 0.25, 0.5, 1), (0, 0.25, 0.5, 1))
    assert axes.parts == ['<path d="M0 100l100-100" class="line"/>']


def test_a_path_passes_every_place_within_the_tolerance() -> None:
    rng = np.random.default_rng(3)
    places = [(float(x), float(y)) for x, y in zip(range(200), rng.normal(50, 9, 200), strict=True)]
    kept = path.thinned(places, 2.0)
    assert kept[0] == places[0]
    assert kept[-1] == places[-1]
    assert len(kept) < len(places)
    xs, ys = zip(*kept, strict=True)
    for x, y in places:  # beside the line is never further than straight above or below it
        (left,) = [n for n in range(len(xs) - 1) if xs[n] <= x <= xs[n + 1]][:1]
        slope = (ys[left + 1] - ys[left]) / (xs[left + 1] - xs[left])
        beside = abs(y - np.interp(x, xs, ys)) / math.hypot(1, slope)
        assert beside <= 2.0 + 1e-9


def test_paths_are_relative_and_do_not_drift() -> None:
    assert path.trace([(0, 0), (10, 0), (10, 5.04), (3.26, 9.96)]) == "M0 0h10v5l-6.7 5"
    steps = [(n / 3, n % 2) for n in range(100)]
    written = path.trace(steps)
    across = sum(float(step) for step in re.findall(r"l(-?[\d.]+)", written))
    assert across == pytest.approx(33.0, abs=0.06)


def test_ticks_are_round_and_inside() -> None:
    assert ticks(0, 1, 5) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.47, 0.93, 5) == [0.5, 0.6, 0.7, 0.8, 0.9]
    assert all(-0.013 <= value <= 0.027 for value in ticks(-0.013, 0.027))


def test_long_names_keep_both_ends() -> None:
    assert clipped("densenet121", 20) == "densenet121"
    assert clipped("a" * 40 + "z" * 40, 12) == "a" * 7 + "…" + "z" * 4


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("dark", [False, True])
def test_contrast_meets_wcag(dark: bool) -> None:
    """Text 4.5:1, marks 3:1 (WCAG 2.2, 1.4.3 and 1.4.11)."""
    colours = palette.colours(8, dark)

    def contrast(one: str, other: str) -> float:
        high, low = sorted((_luminance(colours[one]), _luminance(colours[other])), reverse=True)
        return (high + 0.05) / (low + 0.05)

    for surface in ("paper", "card"):
        for name in ("ink", "soft", "accent"):
            assert contrast(name, surface) >= 4.5, (name, surface)
        for name in ("better", "worse", *(f"n{index}" for index in range(8))):
            assert contrast(name, surface) >= 3, (name, surface)


def test_networks_past_the_eighth_differ_by_dashes() -> None:
    rules = palette.series_rules(20)
    assert "stroke-dasharray" not in rules.split(".n8{")[0]
    assert ".n8 .line{stroke-dasharray" in rules


def test_embedded_json_cannot_end_its_element() -> None:
    value = {"</script><!--": [0.1234567891, NAN, "\u2028&"]}
    written = page_data.embedded(value)
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == {"</script><!--": [0.12346, None, "\u2028&"]}


def test_the_slider_holds_the_operating_point_of_one_run(comparison: Comparison) -> None:
    results = Results(comparison)
    name, finding = results.networks[0], comparison.findings[0]
    several = page_data.slider_points(results, finding, name)
    assert several["threshold"] == sorted(several["threshold"])
    (row,) = results.decisions(name, finding)
    assert several["tp"][several["chosen"]] == row.tp
    assert several["fp"][several["chosen"]] == row.fp
    assert several["threshold"][several["chosen"]] == row.threshold


def test_baselines_are_the_last_rows(comparison: Comparison) -> None:
    results = Results(comparison)
    for finding in results.scopes:
        indices = [row.index for row in main_table.table(results, finding)]
        assert indices == [*range(len(results.networks)), None, None]


def test_pareto_front_by_hand(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(findings=("Edema", "Mass")))
    points = {}
    for row in results.comparison.models:
        estimate = results.estimate(row["name"], "mean")
        if row["cost"] and estimate:
            points[row["name"]] = (row["cost"]["parameters"], estimate.value)
    expected = [
        name
        for name, (cost, value) in points.items()
        if not any(c <= cost and v >= value and (c, v) != (cost, value) for c, v in points.values())
    ]
    assert cost_figures.pareto(results, "parameters") == expected
    assert results.networks[0] in expected


def test_checklists_state_only_what_is_known(make_comparison: Callable[..., Comparison]) -> None:
    plain_one = make_comparison(findings=("Edema",), data=None, versions={}, hardware=None)
    tripod, claim = checklist.checklists(Results(plain_one))
    assert len(claim.lines) == 44
    assert {line.item for line in tripod.lines} >= {str(n) for n in (1, 2, 4, 10, 11, 22, 26)}
    by_item = {line.item: line.reported for line in tripod.lines}
    assert by_item["17"] == by_item["18a"] == "not stated"
    assert by_item["5a"].startswith("not stated") or "synthetic" in by_item["5a"]
    assert "Edema: " in by_item["21"]
    assert tripod.filled == sum(here != "not stated" for here in by_item.values())


def test_slugs_are_safe_names() -> None:
    assert slug("roc ../../etc <x>") == "roc-etc-x"
    assert slug("日本語") == "figure"


def test_markdown_is_plain() -> None:
    assert plain("a|b_c*<i>\n`d`") == "a\\|b\\_c\\*&lt;i&gt; \\`d\\`"


def test_latex_escapes_every_special_character() -> None:
    assert latex.escaped("50% of_a & b") == r"50\% of\_a \& b"
    assert latex.escaped("\\{}$#~^") == (
        r"\textbackslash{}\{\}\$\#\textasciitilde{}\textasciicircum{}"
    )
    assert latex.escaped("日") == r"\texttt{U+65E5}"
    assert latex.escaped("a\nb") == "a b"


LATEX = shutil.which("pdflatex")
HOSTILE = (
    '<script>"x"</script>',
    "a_b & 100% $x$ #~^{}\\",
    "日本語",
    "ß" * 80,
    "[x] 'q' `q` -- ,, ?` |",
)


@pytest.mark.skipif(LATEX is None, reason="no pdflatex on this machine")
@pytest.mark.parametrize(
    "case",
    [
        {"networks": HOSTILE, "findings": ("A_%", 'B & "C"'), "command": "run --out 50%_&"},
        {"networks": tuple(f"net_{n}" for n in range(20)), "seeds": 3, "findings": ("A", "B")},
        {"networks": ("one",), "findings": ("A",), "undefined": ("A",)},
        {},
    ],
    ids=["hostile names", "20 networks", "nothing defined", "five networks, 14 findings"],
)
def test_latex_tables_compile_and_fit(
    make_comparison: Callable[..., Comparison], tmp_path: Path, case: dict[str, Any]
) -> None:
    results = Results(make_comparison(**case))
    (tmp_path / "all.tex").write_text(
        "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\usepackage[T1]{fontenc}\n"
        "\\usepackage{booktabs,graphicx,textcomp}\n\\begin{document}\n"
        + "\n".join(latex.tables(results).values())
        + "\\end{document}\n"
    )
    done = subprocess.run(
        [str(LATEX), "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
    assert "Missing character" not in (tmp_path / "all.log").read_text(errors="replace")


def test_latex_has_no_ligature_of_hyphens() -> None:
    assert latex.escaped("run --out ,,a") == "run -{}-out ,{},a"


def test_latex_rows_have_as_many_cells_as_columns(comparison: Comparison) -> None:
    for name, content in latex.tables(Results(comparison)).items():
        rows = [line for line in content.splitlines() if line.endswith(r"\\")]
        cells = {line.replace(r"\&", "").count("&") for line in rows}
        assert len(cells) == 1, name


def test_every_figure_carries_its_data(comparison: Comparison) -> None:
    for name, figure in page.figures(Results(comparison)).items():
        assert figure.data, name
        assert all(len(row) == len(figure.columns) for row in figure.data), name
        assert figure.title, name
        assert figure.alt_text, name
        assert not any(math.isinf(v) for row in figure.data for v in row if isinstance(v, float))

"""The page in a real browser: Debian's chromium, driven by Playwright."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting import write_report
from cxrcompare.reporting.formats import page_data
from cxrcompare.reporting.results.lookup import Results

from .chromium import MARKS, SIZES

pytestmark = MARKS


@pytest.fixture(scope="module")
def folder(
    make_comparison: Callable[..., Comparison], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("page")
    write_report(_comparison(make_comparison), out)
    return out


def _comparison(make_comparison: Callable[..., Comparison]) -> Comparison:
    findings = ("Edema", "Fracture", "Mass")
    return make_comparison(
        findings=findings, readers=2, subgroups=True, networks=("a", "b", "c"), seeds=1
    )


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_opens_quietly_and_fits(
    opened: Callable[..., Any], folder: Path, size: str, scheme: str
) -> None:
    page = opened(folder / "report.html", size, scheme)
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[size][0]
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    red = int(paper.split("(")[1].split(",")[0])
    assert (red > 200) if scheme == "light" else (red < 60)


def test_the_theme_button_overrules_the_device(opened: Callable[..., Any], folder: Path) -> None:
    page = opened(folder / "report.html", scheme="light")
    papers = []
    for _ in range(3):
        papers.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        page.click("#theme")
    assert papers[0] == papers[1]  # auto on a light device, then light
    assert papers[2] != papers[0]


def _shown(page: Any, column: int) -> list[str]:
    return page.evaluate(
        """column => [...document.querySelectorAll("#main-table tbody:not([hidden]) tr")]
        .map(row => row.cells[column].dataset.sort ?? row.cells[column].firstChild.textContent)""",
        column,
    )


def test_sorting_sorts_and_keeps_baselines_last(opened: Callable[..., Any], folder: Path) -> None:
    page = opened(folder / "report.html")
    heads = page.locator("#main-table thead th")
    for column in (3, 5):
        heads.nth(column).locator("button").click()
        down = [float(cell) for cell in _shown(page, column)[:3]]
        assert down == sorted(down, reverse=True)
        assert heads.nth(column).get_attribute("aria-sort") == "descending"
        heads.nth(column).locator("button").click()
        assert [float(cell) for cell in _shown(page, column)[:3]] == sorted(down)
        assert _shown(page, 0)[3:] == ["nothing positive", "training prevalence"]
    heads.nth(0).locator("button").click()
    assert _shown(page, 0)[:3] == ["a", "b", "c"]


def test_the_parts_of_the_main_table_keep_one_order(
    opened: Callable[..., Any], folder: Path
) -> None:
    page = opened(folder / "report.html")
    head = page.locator("#main-table-2 thead th").nth(1)
    head.locator("button").click()
    head.locator("button").click()
    orders = page.evaluate(
        """() => ["#main-table", "#main-table-2"].map(table => [...document.querySelectorAll(
        `${table} tbody:not([hidden]) tr`)].map(row => row.cells[0].textContent))"""
    )
    values = [float(cell) for cell in _shown(page, 3)[:3]]
    assert orders[0] == orders[1]
    assert len(values) == 3
    assert page.locator("[aria-sort=ascending]").count() == 1


def test_no_table_of_five_networks_overflows_a_desktop(
    opened: Callable[..., Any], report_folder: Path
) -> None:
    page = opened(report_folder / "report.html")
    page.evaluate(
        "() => { for (const part of document.querySelectorAll('details')) part.open = true }"
    )
    wide = page.evaluate(
        """() => [...document.querySelectorAll(".scroll, .wide")].filter(box => box.offsetParent &&
        box.scrollWidth > box.clientWidth).map(box => box.getAttribute("aria-label"))"""
    )
    assert wide == []


def test_every_figure_is_a_click_from_its_data(opened: Callable[..., Any], folder: Path) -> None:
    page = opened(folder / "report.html")
    figures = page.locator("figure.plot")
    assert figures.count() == page.locator("figure.plot [data-csv]").count() > 20
    lost = page.evaluate(
        """() => { const held = JSON.parse(document.getElementById("data").textContent).figures;
        return [...document.querySelectorAll("[data-csv]")].filter(button =>
        !held[button.dataset.csv].columns.length).length }"""
    )
    assert lost == 0


def test_sorting_by_keyboard(opened: Callable[..., Any], folder: Path) -> None:
    page = opened(folder / "report.html")
    page.locator("#main-table thead th").nth(3).locator("button").focus()
    page.keyboard.press("Enter")
    assert page.locator("#main-table thead th").nth(3).get_attribute("aria-sort") == "descending"


def test_choosing_a_finding_changes_table_and_differences(
    opened: Callable[..., Any], folder: Path, make_comparison: Callable[..., Comparison]
) -> None:
    page = opened(folder / "report.html")
    results = Results(_comparison(make_comparison))
    page.select_option("#scope-table", label="Fracture")
    values = _shown(page, 3)
    for name, value in zip(_shown(page, 0), values, strict=True):
        estimate = results.estimate(name, "Fracture")
        assert estimate is not None
        assert float(value) == pytest.approx(estimate.value, abs=6e-4)
    assert page.locator("#f-forest-fracture").is_visible()
    assert not page.locator("#f-forest-mean").is_visible()


def test_the_slider_counts_as_python_does(
    opened: Callable[..., Any], folder: Path, make_comparison: Callable[..., Comparison]
) -> None:
    comparison = _comparison(make_comparison)
    results, finding = Results(comparison), "Edema"
    page = opened(folder / "report.html")
    box = page.locator("[data-slider='0']")
    counts = comparison.counts.set_index("finding").loc[finding]
    for name in ("a", "c"):
        box.locator("select").select_option(name)
        points = page_data.slider_points(results, finding, name)
        for place in sorted({0, 40, points["chosen"], 120, len(points["threshold"]) - 1}):
            box.locator("input[type=range]").evaluate(
                "(one, place) => { one.value = place; one.dispatchEvent(new Event('input')) }",
                place,
            )
            tp, fp = points["tp"][place], points["fp"][place]
            fn, tn = counts["positives"] - tp, counts["negatives"] - fp
            expected = {
                "tp": str(tp),
                "fp": str(fp),
                "fn": str(fn),
                "tn": str(tn),
                "sensitivity": f"{tp / (tp + fn):.3f}",
                "specificity": f"{tn / (tn + fp):.3f}",
                "ppv": f"{tp / (tp + fp):.3f}" if tp + fp else "–",
                "npv": f"{tn / (tn + fn):.3f}" if tn + fn else "–",
            }
            shown = {key: box.locator(f"[data-cell={key}]").inner_text() for key in expected}
            assert shown == expected, (name, place)


def test_the_slider_begins_at_the_operating_point(
    opened: Callable[..., Any], folder: Path, make_comparison: Callable[..., Comparison]
) -> None:
    page = opened(folder / "report.html")
    results = Results(_comparison(make_comparison))
    (row,) = results.decisions(results.networks[0], "Edema")
    box = page.locator("[data-slider='0']")
    shown = [box.locator(f"[data-cell={key}]").inner_text() for key in ("tp", "fp", "fn", "tn")]
    assert shown == [str(getattr(row, key)) for key in ("tp", "fp", "fn", "tn")]
    box.locator("input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert box.locator("output").inner_text() != "0.500"
    box.get_by_role("button", name="Back to the operating point").click()
    assert box.locator("[data-cell=tp]").inner_text() == str(row.tp)


def test_the_data_of_a_figure_downloads_as_csv(opened: Callable[..., Any], folder: Path) -> None:
    page = opened(folder / "report.html")
    with page.expect_download() as waiting:
        page.click("[data-csv='roc-edema']")
    assert waiting.value.suggested_filename == "roc-edema.csv"
    rows = list(csv.reader(StringIO(Path(waiting.value.path()).read_text())))
    assert rows[0] == ["model", "false_positive_rate", "sensitivity", "low", "high"]
    assert {row[0] for row in rows[1:]} == {"a", "b", "c", "reader: reader 1", "reader: reader 2"}


def test_a_network_is_set_off_everywhere(opened: Callable[..., Any], folder: Path) -> None:
    page = opened(folder / "report.html")
    page.click("[data-focus='1']")
    assert page.locator("g.series.n1.dim").count() == 0
    assert page.locator("g.series.n0.dim").count() == page.locator("g.series.n0").count() > 0
    page.click("[data-focus='1']")
    assert page.locator(".dim").count() == 0


def test_controls_and_figures_have_names(opened: Callable[..., Any], folder: Path) -> None:
    page = opened(folder / "report.html")
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input")].filter(control =>
        !control.getAttribute("aria-label") && !control.textContent.trim() &&
        !(control.labels && control.labels.length)).map(control => control.outerHTML)"""
    )
    assert nameless == []
    undescribed = page.evaluate(
        """() => [...document.querySelectorAll("svg[role=img]")].filter(figure =>
        !figure.querySelector("title").textContent || !figure.querySelector("desc").textContent
        ).length"""
    )
    assert undescribed == 0


def test_it_prints_to_a_pdf_with_every_finding(
    opened: Callable[..., Any], folder: Path, tmp_path: Path
) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    page = opened(folder / "report.html", scheme="dark")
    page.pdf(path=str(tmp_path / "report.pdf"), format="A4", prefer_css_page_size=True)
    read = pypdf.PdfReader(tmp_path / "report.pdf")
    words = " ".join(sheet.extract_text() for sheet in read.pages)
    assert float(read.pages[0].mediabox.width) == pytest.approx(595, abs=2)
    for finding in ("Edema", "Fracture", "Mass"):
        assert f"ROC curve, {finding}" in words
    assert "Theme" not in words


def test_nothing_is_wider_than_a4(opened: Callable[..., Any], report_folder: Path) -> None:
    page = opened(report_folder / "report.html")
    page.emulate_media(media="print")
    width = round((210 - 2 * 14) / 25.4 * 96)  # A4 less the margins, in CSS pixels
    page.set_viewport_size({"width": width, "height": 1000})
    wide = page.evaluate(
        """width => [...document.querySelectorAll("main table, main figure, main dl")]
        .filter(part => part.getBoundingClientRect().right > width + 1)
        .map(part => part.id || part.className || part.textContent.slice(0, 40))""",
        width,
    )
    assert wide == []


def test_it_reads_without_scripts(opened: Callable[..., Any], folder: Path) -> None:
    page = opened(folder / "report.html", java_script_enabled=False, unfold=False)
    assert page.locator("#answer dd").first.is_visible()
    assert not page.locator("#main-table").is_visible()
    for key in ("table", "findings"):
        page.locator(f"#{key} > details > summary").click()
    assert page.locator("#main-table tbody").first.is_visible()
    assert page.locator("article.panel").last.is_visible()
    assert not page.locator("#theme").is_visible()


def test_hostile_names_stay_words(
    opened: Callable[..., Any], make_comparison: Callable[..., Comparison], tmp_path: Path
) -> None:
    names = (
        "<script>alert(1)</script>",
        "\"'><img src=x onerror=alert(1)>",
        "日本語 ñ",
        "n" * 80,
        "${alert(1)} {{7*7}} __proto__",
    )
    findings = ("<b onclick=alert(1)>Bold</b>", "__proto__")
    write_report(make_comparison(networks=names, findings=findings), tmp_path)
    page = opened(tmp_path / "report.html", "phone")
    assert page.evaluate("document.querySelectorAll('img, main b[onclick]').length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    rows = [
        cell.strip()
        for cell in page.locator("#main-table tbody:not([hidden]) th").all_inner_texts()
    ]
    assert set(names) <= set(rows)
    assert page.locator(".square").count() == len(findings)
    page.locator("[data-panel='1']").click()
    assert page.locator("#finding-1").is_visible()


@pytest.mark.parametrize(
    "case",
    [
        {"networks": ("only",)},
        {"findings": ("Edema",)},
        {"findings": ("Edema", "Mass"), "undefined": ("Edema", "Mass")},
        {
            "findings": ("Edema", "Mass"),
            "networks": tuple(f"network {n}" for n in range(20)),
            "seeds": 3,
            "gap": 0.02,
        },
    ],
    ids=["one network", "one finding", "nothing defined", "20 networks, 3 seeds"],
)
def test_edges_open_quietly_on_a_phone(
    opened: Callable[..., Any],
    make_comparison: Callable[..., Comparison],
    tmp_path: Path,
    case: dict[str, Any],
) -> None:
    write_report(make_comparison(**{"findings": ("Edema", "Mass"), **case}), tmp_path)
    page = opened(tmp_path / "report.html", "phone", "dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#answer dd").first.inner_text()

"""The first screen, folded topics, terms and print in a real browser."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting import write_report

from .chromium import MARKS

pytestmark = MARKS

MANY = tuple(f"network {n:02d}" for n in range(20))
_VISIBLE = """() => [...document.querySelectorAll("main > section, .topics > section")].map(part =>
[part.id, part.innerText.trim().length])"""

TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def many(
    make_comparison: Callable[..., Comparison], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("many")
    findings = ("Edema", "Mass")
    write_report(make_comparison(networks=MANY, findings=findings, gap=0.02, readers=2), out)
    return out / "report.html"


@pytest.fixture(scope="module")
def two(
    make_comparison: Callable[..., Comparison], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("two")
    write_report(make_comparison(networks=("a", "b"), findings=("Edema",), gap=0.4), out)
    return out / "report.html"


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_answers_are_on_the_first_screen(
    opened: Callable[..., Any],
    two: Path,
    size: str,
) -> None:
    page = opened(two, size, unfold=False)
    place = page.locator("#answer dd").first.bounding_box()
    assert place["y"] + place["height"] < 600
    assert page.locator("#answer dt").first.inner_text() == "Which network is best?"
    for topic in page.locator("details.topic").all():
        assert topic.get_attribute("open") is None
    if size == "desktop":
        plot = page.locator("#figure-headline").bounding_box()
        assert plot["y"] + plot["height"] < 900


def test_no_topic_is_empty(opened: Callable[..., Any], many: Path, two: Path) -> None:
    for path in (many, two):
        page = opened(path)
        for key, length in page.evaluate(_VISIBLE):
            assert length > 60, key
        blank = page.evaluate(
            """() => [...document.querySelectorAll("main table")].flatMap(table => {
            const head = [...(table.tHead ? table.tHead.rows[0].cells : [])];
            const rows = [...table.tBodies].filter(b => !b.hidden).flatMap(b => [...b.rows]);
            return head.filter((cell, n) => rows.length && rows.every(row => row.cells[n] &&
            row.cells[n].textContent.trim() === "")).map(cell => cell.textContent) })"""
        )
        assert blank == []


def test_a_link_opens_its_topic(opened: Callable[..., Any], two: Path) -> None:
    page = opened(two, unfold=False)
    assert not page.locator("#main-table").is_visible()
    page.locator(".contents a[href='#table']").click()
    page.locator("#main-table").wait_for(state="visible")  # the address changes after the click
    page.locator("#answer .more").first.click()
    page.locator("#differences svg").first.wait_for(state="visible")
    page.locator("#unfold").click()
    assert page.locator("details.topic:not([open])").count() == 0
    page.locator("#unfold").click()
    assert page.locator("details.topic[open]").count() == 0


def test_an_address_with_a_topic_opens_it(opened: Callable[..., Any], two: Path) -> None:
    page = opened(two, unfold=False)
    page.goto(f"{two.as_uri()}#protocol")
    page.locator("#protocol dl").wait_for(state="visible")  # the event comes after the address


def test_terms_are_explained_at_pointer_focus_and_touch(
    opened: Callable[..., Any],
    two: Path,
) -> None:
    page = opened(two)
    brier = page.locator("#main-table [data-metric=brier]")
    brier.scroll_into_view_if_needed()
    page.evaluate(TWO_FRAMES)  # a scroll closes explanations in the next frame
    brier.hover()
    assert page.locator(".tip").inner_text().startswith("The mean squared difference")
    page.mouse.move(0, 0)
    assert not page.locator(".tip").is_visible()
    brier.focus()
    assert page.locator(".tip").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".tip").is_visible()
    touched = opened(two, "phone", has_touch=True, is_mobile=True)
    touched.locator("a.term").first.scroll_into_view_if_needed()
    touched.evaluate(TWO_FRAMES)
    touched.locator("a.term").first.tap()
    box = touched.locator(".tip").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    described = page.evaluate(
        """() => [...document.querySelectorAll("[aria-describedby]")].filter(one =>
        !document.getElementById(one.getAttribute("aria-describedby"))).length"""
    )
    assert described == 0


def test_an_explanation_stays_where_the_keyboard_scrolls_to_its_term(
    opened: Callable[..., Any], two: Path
) -> None:
    page = opened(two)
    page.evaluate("window.scrollTo(0, 0)")
    page.keyboard.press("Tab")  # so that the focus is one of the keyboard
    page.locator(".term[tabindex], a.term").last.focus()
    page.evaluate(TWO_FRAMES)
    assert page.evaluate("scrollY") > 0
    assert page.locator(".tip").is_visible()
    page.mouse.wheel(0, -50)
    page.locator("body").click(position={"x": 1, "y": 1})
    page.locator(".tip").wait_for(state="hidden")


def test_the_summary_prints_on_one_page(
    opened: Callable[..., Any],
    many: Path,
    tmp_path: Path,
) -> None:
    pypdf = pytest.importorskip("pypdf", reason="pypdf is not installed")
    page = opened(many, unfold=False)
    page.pdf(path=str(tmp_path / "all.pdf"), prefer_css_page_size=True)
    whole = pypdf.PdfReader(tmp_path / "all.pdf").pages
    assert "Which network is best?" in whole[0].extract_text()
    assert "Which networks differ" not in whole[0].extract_text()
    assert any("Edema" in sheet.extract_text() for sheet in whole[1:])
    page.evaluate("document.documentElement.classList.add('summary-only')")
    page.pdf(path=str(tmp_path / "one.pdf"), prefer_css_page_size=True)
    assert len(pypdf.PdfReader(tmp_path / "one.pdf").pages) == 1


def test_one_of_many_networks_is_highlighted_by_a_list(
    opened: Callable[..., Any],
    many: Path,
) -> None:
    page = opened(many)
    assert page.locator("[data-focus]").count() == 0
    page.select_option("#focus", index=16)
    grey = page.locator("#f-roc-edema g.series.rest.lit")
    assert grey.count() == 1
    stroke = "one => getComputedStyle(one.querySelector('.line')).stroke"
    page.select_option("#focus", index=0)
    rest = page.locator("#f-roc-edema g.series.rest").first.evaluate(stroke)
    page.select_option("#focus", index=20)
    lit = page.locator("#f-roc-edema g.series.lit").evaluate(stroke)
    assert lit != rest


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_enough_contrast(
    opened: Callable[..., Any],
    two: Path,
    scheme: str,
) -> None:
    page = opened(two, "desktop", scheme)
    poor = page.evaluate(_CONTRAST)
    assert poor == []


def test_headings_and_landmarks_are_in_order(opened: Callable[..., Any], many: Path) -> None:
    page = opened(many)
    levels = page.evaluate(
        """() => [...document.querySelectorAll("h1,h2,h3,h4,h5")].filter(one =>
        one.checkVisibility()).map(one => Number(one.tagName[1]))"""
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.locator("main").count() == page.locator("h1").count() == 1
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(one => one.id)")
    assert len(ids) == len(set(ids))


_CONTRAST = """() => {
  const parse = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => { const f = [r, g, b].map(v => { v /= 255;
    return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * f[0] + 0.7152 * f[1] + 0.0722 * f[2]; };
  const behind = (part) => { for (let one = part; one; one = one.parentElement) {
    const colour = parse(getComputedStyle(one).backgroundColor);
    if (getComputedStyle(one).backgroundColor.startsWith("rgb") &&
      (colour.length === 3 || colour[3] === 1)) return colour; }
    return [255, 255, 255]; };
  const found = new Set();
  for (const part of document.querySelectorAll("body *")) {
    const own = [...part.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !part.checkVisibility() || part.closest("svg, script, style, .skip")) continue;
    const style = getComputedStyle(part);
    const [a, b] = [light(parse(style.color)), light(behind(part))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24;
    if ((a + 0.05) / (b + 0.05) < (large ? 3 : 4.5)) found.add(part.outerHTML.slice(0, 80));
  }
  return [...found];
}"""

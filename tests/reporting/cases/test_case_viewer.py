"""The case viewer of the page: what it contains, and how it is used in a browser."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest

from cxrcompare.cases import CASES
from cxrcompare.cases.case_file import write_cases
from cxrcompare.reporting import write_report
from cxrcompare.reporting.cases import case_viewer

CHROMIUM = shutil.which("chromium")


def _made():
    path = Path(__file__).parents[2] / "cases" / "some_cases.py"
    spec = importlib.util.spec_from_file_location("some_cases_of_report", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = _made().make


def test_rules_size_and_data_are_stated():
    text = str(case_viewer.viewer(make()))
    assert "at most 3 for each rule and\nfinding, 3 cases in 2 images." in text
    assert "MB of this page" in text
    assert "Worst misses" in text
    assert "Networks are divided most" in text
    assert "<dt>All networks are wrong" not in text, "no case of that rule"
    assert "a__seed0, b__seed0" in text
    data = json.loads(re.search(r'id="case-data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["findings"][1] == "</script><b>Fracture"
    assert len(data["cases"]) == 3


def test_no_cases_no_viewer(tmp_path):
    assert not case_viewer.viewer(make(cases=[]))
    assert not case_viewer.of_folder(tmp_path)


def test_cases_that_are_left_out_are_counted():
    assert "7 more cases are" in str(case_viewer.viewer(make(left_out=7)))


def test_the_report_shows_the_cases_of_its_folder(make_comparison, tmp_path):
    out = tmp_path / "comparison"
    comparison = make_comparison(seeds=1)
    write_report(comparison, out)
    assert 'id="cases"' not in (out / "report.html").read_text()
    (tmp_path / "with").mkdir()
    write_cases(make(), tmp_path / "with" / CASES)
    from cxrcompare.reporting.report import fill

    fill(comparison, tmp_path / "with")
    page = (tmp_path / "with" / "report.html").read_text()
    assert page.count('id="cases"') == 1


def test_the_source_of_the_outlines_is_stated_where_there_are_some():
    assert "The white line" not in str(case_viewer.viewer(make()))
    text = str(case_viewer.viewer(make(regions="boxes of <b>.csv")))
    assert "of the finding (boxes of &lt;b&gt;.csv)" in text


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
def test_the_true_region_is_outlined_on_every_panel_until_colour_is_off(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    cases = make().model_dump()["cases"]
    cases[0]["region"] = [[64, 64, 192, 64, 192, 192, 64, 192]]
    path = tmp_path / "page.html"
    text = case_viewer.viewer(make(cases=cases, regions="masks"))
    path.write_text(f"<!doctype html><title>t</title>{text}")
    level = "([x, y]) => [...document.querySelectorAll('#case-panels canvas')].map("
    level += "(one) => one.getContext('2d').getImageData(x, y, 1, 1).data[1])"
    with playwright.sync_playwright() as start:
        browser = start.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.goto(path.as_uri())
        page.wait_for_selector("[data-shown='0,miss,0']")
        assert all(one > 200 for one in page.evaluate(level, [128, 64]))
        assert all(one < 150 for one in page.evaluate(level, [128, 128]))
        assert "true region outlined" in page.inner_text("#case-panels")
        page.locator("#case-viewer").focus()
        page.keyboard.press("Space")
        page.wait_for_function("!document.querySelector('#case-panels').innerText.includes('true')")
        assert all(one < 50 for one in page.evaluate(level, [128, 64]))
        browser.close()


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")
def test_keys_page_through_the_cases(tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "page.html"
    path.write_text(f"<!doctype html><title>t</title>{case_viewer.viewer(make())}")
    with playwright.sync_playwright() as start:
        browser = start.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 360, "height": 700})
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path.as_uri())
        viewer = page.locator("#case-viewer")
        page.wait_for_selector("[data-shown='0,miss,0']")
        viewer.focus()
        assert "reference positive, female, 61 years, frontal PA" in page.inner_text("#case-about")
        captions = page.locator("figcaption").all_inner_texts()
        assert any("0.100 (threshold 0.500) negative ✗ wrong" in text for text in captions)
        assert any("0.700 (threshold 0.500) positive ✓ right" in text for text in captions)
        page.keyboard.press("ArrowDown")
        page.wait_for_selector("[data-shown='1,miss,0']")
        assert "</script><b>Fracture" in page.inner_text("#case-about")
        assert "no threshold" in page.locator("figcaption").all_inner_texts()[1]
        page.keyboard.press("ArrowUp")
        page.select_option("#case-rule", "split")
        page.wait_for_selector("[data-shown='0,split,0']")
        assert "reference unknown" in page.inner_text("#case-about")
        viewer.focus()
        page.keyboard.press("Space")
        assert page.get_attribute("#case-colour", "aria-pressed") == "false"
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert errors == []
        browser.close()

"""The prevalence slider in a real browser: its numbers are those of Python, to the digit."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.evaluation.thresholds.site_rates import Costs, Estimated
from cxrcompare.reporting import write_report
from cxrcompare.reporting.results import numbers

from . import site_table
from .chromium import MARKS

pytestmark = MARKS

DIGITS = {
    "flags": 1,
    "missed": 1,
    "false_alarms": 1,
    "ppv": 3,
    "npv": 3,
    "number_needed_to_evaluate": 1,
    "cost": 1,
}
_CELLS = """() => [...document.querySelectorAll("#site tbody tr")].map(row =>
[row.cells[0].textContent, Object.fromEntries([...row.cells].slice(1).map(cell =>
[cell.dataset.quantity, [...cell.childNodes].map(part => part.textContent)]))])"""


@pytest.fixture(scope="module")
def path(
    make_comparison: Callable[..., Comparison], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    plain = make_comparison(networks=("a", "b", "c"), findings=("Edema", "Mass"))
    rows = table("at_prevalence", site_table.rows())
    out = tmp_path_factory.mktemp("site")
    write_report(dataclasses.replace(plain, at_prevalence=rows), out)
    return out / "report.html"


def _words(one: Estimated, digits: int) -> list[str]:
    return [numbers.decimal(one.value, digits), numbers.interval(one.low, one.high, digits)]


def _expected(
    finding: str, prevalence: float, costs: Costs | None = None
) -> list[tuple[str, dict[str, list[str]]]]:
    found = []
    for name, rates in site_table.GIVEN[finding].items():
        every = site_table.quantities(rates, prevalence, costs)
        found.append(
            (name, {key: _words(every[key], DIGITS[key]) for key in DIGITS if key in every})
        )
    return found


def _shown(page: Any) -> list[tuple[str, dict[str, list[str]]]]:
    return [(name, cells) for name, cells in page.evaluate(_CELLS)]


def test_every_number_is_that_of_python(opened: Callable[..., Any], path: Path) -> None:
    page = opened(path)
    field = page.locator("#site-field")
    drawn = np.random.default_rng(3).uniform(0.01, 99.99, 12).round(2).tolist()
    for finding in site_table.GIVEN:
        page.select_option("#site-finding", finding)
        assert _shown(page) == _expected(finding, site_table.PREVALENCE[finding])
        for percent in (0.01, 0.1, 2, 6.25, 12.5, 50, 99.9, *drawn):
            field.fill(str(percent))
            assert _shown(page) == _expected(finding, percent / 100), (finding, percent)


def test_costs_add_a_column(opened: Callable[..., Any], path: Path) -> None:
    page = opened(path)
    assert not page.locator("#site th.cost").is_visible()
    page.locator("#site-alarm").fill("1.5")
    assert "cost" not in _shown(page)[0][1]  # one of two costs is no cost
    page.locator("#site-miss").fill("20")
    assert page.locator("#site th.cost").is_visible()
    assert _shown(page) == _expected("Edema", site_table.PREVALENCE["Edema"], Costs(1.5, 20))
    page.locator("#site-miss").fill("-1")
    assert "cost" not in _shown(page)[0][1]


def test_slider_and_field_follow_each_other_by_keyboard(
    opened: Callable[..., Any], path: Path
) -> None:
    page = opened(path)
    page.locator("#site-range").focus()
    page.keyboard.press("Home")
    assert page.locator("#site-field").input_value() == "0.1"
    assert _shown(page) == _expected("Edema", 0.001)
    values = []
    for _ in range(60):
        page.keyboard.press("ArrowRight")
        values.append(float(page.locator("#site-field").input_value()))
    assert all(after > before for before, after in itertools.pairwise(values))
    page.keyboard.press("End")
    assert page.locator("#site-field").input_value() == "95"
    assert page.locator("#site-range").get_attribute("aria-valuetext") == "95 %"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "site-field"
    page.keyboard.type("5")
    assert _shown(page) == _expected("Edema", 0.05)
    page.locator("#site-range").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#site-field").input_value() == "5.5"
    page.locator("[data-site=origin]").press("Enter")
    assert page.locator("#site-field").input_value() == "6.25"
    assert "prevalence of the test set, 6.25 %" in page.locator("[data-site=origin]").inner_text()


def test_a_prevalence_out_of_range_is_marked_and_changes_nothing(
    opened: Callable[..., Any], path: Path
) -> None:
    page = opened(path)
    field, before = page.locator("#site-field"), _shown(page)
    for wrong in ("0", "100", "-3", ""):
        field.fill(wrong)
        assert field.get_attribute("aria-invalid") == "true"
        assert _shown(page) == before
    field.fill("7")
    assert field.get_attribute("aria-invalid") is None


def test_it_says_what_it_means_for_patients_and_that_spectrum_differs(
    opened: Callable[..., Any], path: Path
) -> None:
    page = opened(path)
    page.locator("#site-field").fill("10")
    flags, missed = (
        numbers.decimal(site_table.quantities(site_table.PLAIN, 0.1)[key].value, 0)
        for key in ("flags", "missed")
    )
    assert page.locator("[data-site=said]").inner_text() == (
        f"Of 1,000 patients, 100 have Edema. a flags {flags} and misses {missed}."
    )
    assert "may differ in more than prevalence (spectrum)" in page.locator("#site").inner_text()


def test_without_scripts_the_table_has_the_numbers(opened: Callable[..., Any], path: Path) -> None:
    page = opened(path, java_script_enabled=False, unfold=False)
    page.locator("#decisions > details > summary").click()
    assert not page.locator("#site").is_visible()
    page.locator("#decisions details.card > summary").first.click()
    row = page.locator("#decisions details.card tbody tr").first
    (_, cells), *_ = _expected("Edema", site_table.PREVALENCE["Edema"])
    assert row.locator("td").nth(2).inner_text() == f"{cells['flags'][0]}\n{cells['flags'][1]}"
    assert "spectrum" in page.locator("#decisions").inner_text()


def test_it_fits_a_phone(opened: Callable[..., Any], path: Path) -> None:
    page = opened(path, "phone")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for part in page.locator("#site input, #site select").all():
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390

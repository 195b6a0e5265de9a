"""The page of maps in a real browser: by keyboard, on a phone, without a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from cxrcompare.explaining import page
from cxrcompare.explaining.maps import Maps

from ..reporting.formats.chromium import CHROMIUM, MARKS

pytestmark = MARKS
FINDINGS = ("Edema", "Fracture", "Mass")


def made(run: str, findings: tuple[str, ...], cells: int) -> Maps:
    rng = np.random.default_rng(cells)
    values = rng.standard_normal((4, len(findings), cells, cells)).astype(np.float32)
    ids = tuple(f"patient{n}/</script>" for n in range(4))
    return Maps(run, ids, findings, values, values.mean((2, 3)), 32, 4)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Returns the page of 3 of 4 images and two runs, on a phone, and its errors and requests."""
    pictures = np.random.default_rng(0).integers(0, 256, (3, 32, 32), dtype=np.uint8)
    found = [made("a__seed0", FINDINGS, 8), made("b__seed0", FINDINGS[1:], 4)]
    file = tmp_path_factory.mktemp("page") / "index.html"
    file.write_text(page.render(found, pictures), encoding="utf-8")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 390, "height": 844})
        problems: list[str] = []
        opened.on("pageerror", lambda error: problems.append(str(error)))
        opened.on(
            "request", lambda one: problems.append(one.url) if one.url[:4] == "http" else None
        )
        opened.goto(file.as_uri())
        opened.wait_for_selector("body[data-shown]")
        yield opened, problems
        browser.close()


def test_keys_change_image_and_finding_and_switch_the_colour(shown):
    opened, problems = shown
    seen = [opened.get_attribute("body", "data-shown")]
    for key in ("ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowLeft"):
        opened.keyboard.press(key)
        image, finding = (opened.input_value(f"#{name}") for name in ("image", "finding"))
        opened.wait_for_selector(f"body[data-shown='{image},{finding}']")
        seen.append(opened.get_attribute("body", "data-shown"))
    assert seen == ["0,0", "1,0", "1,1", "1,2", "1,0", "0,0", "2,0"]
    with_colour = opened.evaluate("document.querySelector('canvas').toDataURL()")
    opened.keyboard.press(" ")
    assert opened.input_value("#opacity") == "0"
    assert opened.evaluate("document.querySelector('canvas').toDataURL()") != with_colour
    opened.keyboard.press(" ")
    assert opened.input_value("#opacity") == "100"
    assert problems == []


def test_it_fits_a_phone_and_names_what_it_shows(shown):
    opened, _ = shown
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390
    labels = [one.get_attribute("aria-label") for one in opened.query_selector_all("canvas")]
    assert [label.split(", ", 2)[2].split(":")[0] for label in labels] == ["a__seed0", "b__seed0"]
    assert "not predicted" in labels[1]  # the second run has no Edema
    assert labels[0].startswith("patient2/</script>, Edema, a__seed0: probability 0.")
    assert "first 3 of 4 images" in " ".join(opened.inner_text("header").split())

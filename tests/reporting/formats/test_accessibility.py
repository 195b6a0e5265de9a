"""The page under the rules of axe-core, an external accessibility checker, in a real browser."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.reporting import write_report

from . import site_table
from .chromium import MARKS

pytestmark = MARKS

_OPEN = "() => { for (const part of document.querySelectorAll('details')) part.open = true }"
_RUN = """() => axe.run(document, {resultTypes: ["violations"]}).then(found =>
found.violations.map(one => [one.id, one.nodes.map(node => node.html.slice(0, 120))]))"""


@pytest.fixture(scope="module")
def rules() -> str:
    package = pytest.importorskip("axe_playwright_python", reason="axe-core is not installed")
    return next(Path(package.__file__).parent.rglob("axe*.js")).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def path(
    make_comparison: Callable[..., Comparison], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    plain = make_comparison(
        networks=("a", "b", "c"), findings=("Edema", "Mass"), readers=3, subgroups=True
    )
    rows = table("at_prevalence", site_table.rows())
    out = tmp_path_factory.mktemp("accessible")
    write_report(dataclasses.replace(plain, at_prevalence=rows), out)
    return out / "report.html"


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_axe_finds_nothing(
    opened: Callable[..., Any], path: Path, rules: str, size: str, scheme: str
) -> None:
    page = opened(path, size, scheme, bypass_csp=True)
    page.evaluate(_OPEN)
    page.evaluate(rules)
    assert page.evaluate(_RUN) == []


def test_axe_sees_what_is_wrong(opened: Callable[..., Any], path: Path, rules: str) -> None:
    page = opened(path, bypass_csp=True)
    page.evaluate("() => document.querySelector('#site-finding').labels[0].remove()")
    page.evaluate("() => { document.querySelector('#main').append(new Image()) }")
    page.evaluate(_OPEN)
    page.evaluate(rules)
    assert "image-alt" in {name for name, _ in page.evaluate(_RUN)}

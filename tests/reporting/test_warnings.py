"""Every warning reaches the terminal, the page, Markdown and JSON with its model and finding."""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Callable
from pathlib import Path

import pytest

from cxrcompare.comparison.result.comparison import Comparison, read, table
from cxrcompare.comparison.result.summary import warning_lines
from cxrcompare.reporting.formats import markdown, page
from cxrcompare.reporting.results.lookup import Results

WARNINGS = [
    ("worse_than_chance", "ranks worse than chance", "net-a seed 4", "Edema"),
    ("swapped_columns", "the columns are probably swapped", "net-b", "Mass"),
    ("few_positives", "only 7 positive patients", "", "Edema"),
    ("one_seed", "one run each", "", ""),
]


@pytest.fixture
def warned(make_comparison: Callable[..., Comparison]) -> Comparison:
    rows = [
        dict(zip(("code", "message", "model", "finding"), one, strict=True)) for one in WARNINGS
    ]
    plain = make_comparison(networks=("net-a", "net-b"), findings=("Edema", "Mass"))
    return dataclasses.replace(plain, warnings=table("warnings", rows))


def terminal(warned: Comparison, folder: Path) -> list[str]:
    return warning_lines(warned, folder / "warnings.csv")


def of_page(warned: Comparison, folder: Path) -> list[str]:
    results = Results(warned)
    text = page.render(results, page.figures(results))
    section = text[text.index('<section id="warnings"') :]
    return html.unescape(section[: section.index("</section>")]).split("<li>")


def of_markdown(warned: Comparison, folder: Path) -> list[str]:
    text = markdown.render(Results(warned), {}).split("## Warnings")[1]
    return text.replace("\\", "").splitlines()


def of_json(warned: Comparison, folder: Path) -> list[str]:
    warned.write(folder / "comparison.json")
    frame = read(folder / "comparison.json").warnings
    return [" ".join(map(str, row)) for row in frame.to_numpy()]


@pytest.mark.parametrize("channel", [terminal, of_page, of_markdown, of_json])
def test_a_channel_has_every_warning(
    warned: Comparison, tmp_path: Path, channel: Callable[[Comparison, Path], list[str]]
) -> None:
    lines = channel(warned, tmp_path)
    for code, message, model, finding in WARNINGS:
        (line,) = [line for line in lines if message in line]
        assert all(part in line for part in (code, model, finding)), (code, line)

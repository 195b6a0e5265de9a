"""The content of the page: its figures, question, warnings and seeds."""

from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.reporting.formats import page
from cxrcompare.reporting.results.lookup import Results


def test_every_figure_carries_its_data(comparison: Comparison) -> None:
    for name, figure in page.figures(Results(comparison)).items():
        assert figure.data, name
        assert all(len(row) == len(figure.columns) for row in figure.data), name
        assert figure.title, name
        assert figure.alt_text, name
        assert not any(math.isinf(v) for row in figure.data for v in row if isinstance(v, float))


@pytest.mark.parametrize(
    ("networks", "findings", "words"),
    [
        (("a",), ("Edema",), "How well does a classify 1 finding?"),
        (("a", "b"), ("Edema", "Mass"), "Which of two networks classifies 2 findings best, and "),
    ],
)
def test_the_question_names_what_is_compared(
    make_comparison: Callable[..., Comparison],
    networks: tuple[str, ...],
    findings: tuple[str, ...],
    words: str,
) -> None:
    results = Results(make_comparison(networks=networks, findings=findings))
    assert page.question(results).startswith(words)


def test_warnings_name_what_they_concern_once(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema",))
    rows = [
        {"code": "one", "model": "a", "finding": "Edema", "message": "scores are inverted"},
        {"code": "two", "model": "", "finding": "Edema", "message": "Edema: 4 positives"},
        {"code": "one", "model": None, "finding": "", "message": "of no network"},
    ]
    results = Results(dataclasses.replace(plain, warnings=table("warnings", rows)))
    assert page.warnings(results) == {
        "one": ["a · Edema: scores are inverted", "of no network"],
        "two": ["Edema: 4 positives"],
    }


@pytest.mark.parametrize(("seeds", "shown"), [(1, []), (3, ["0", "1", "2"])])
def test_seeds_are_shown_where_there_are_several(
    make_comparison: Callable[..., Comparison], seeds: int, shown: list[str]
) -> None:
    results = Results(make_comparison(networks=("a",), findings=("Edema", "Mass"), seeds=seeds))
    found = page.seeds(results)
    assert [seed for _, runs, _ in found for seed, _ in runs] == shown
    assert all(whole == results.estimate("a", "mean") for _, _, whole in found)


def test_every_custom_property_of_the_style_is_defined() -> None:
    style = page.style(9)
    defined = set(re.findall(r"--([\w-]+):", style))
    assert {"n0", "n8", "ink"} <= defined
    assert set(re.findall(r"var\(--([\w-]+)\)", style)) <= defined


def test_figures_come_in_the_order_of_the_page(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    kinds = [figure.kind for figure in page.figures(results).values()]
    assert list(dict.fromkeys(kinds)) == [
        *("headline", "findings", "forest", "ranks", "roc", "pr", "calibration"),
        *("multilabel", "training", "cost"),
    ]

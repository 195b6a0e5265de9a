"""The words of the report: question, warnings and seeds."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.reporting.formats import page_words
from cxrcompare.reporting.results.lookup import Results


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
    assert page_words.question(results).startswith(words)


def test_warnings_name_what_they_concern_once(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema",))
    rows = [
        {"code": "one", "model": "a", "finding": "Edema", "message": "scores are inverted"},
        {"code": "two", "model": "", "finding": "Edema", "message": "Edema: 4 positives"},
        {"code": "one", "model": None, "finding": "", "message": "of no network"},
    ]
    results = Results(dataclasses.replace(plain, warnings=table("warnings", rows)))
    assert page_words.warnings(results) == {
        "one": ["a · Edema: scores are inverted", "of no network"],
        "two": ["Edema: 4 positives"],
    }


@pytest.mark.parametrize(("seeds", "shown"), [(1, []), (3, ["0", "1", "2"])])
def test_seeds_are_shown_where_there_are_several(
    make_comparison: Callable[..., Comparison], seeds: int, shown: list[str]
) -> None:
    results = Results(make_comparison(networks=("a",), findings=("Edema", "Mass"), seeds=seeds))
    found = page_words.seeds(results)
    assert [seed for _, runs, _ in found for seed, _ in runs] == shown
    assert all(whole == results.estimate("a", "mean") for _, _, whole in found)

"""The report as Markdown."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.formats import markdown, page
from cxrcompare.reporting.formats.markdown import plain
from cxrcompare.reporting.results.lookup import Results


def test_markdown_is_plain() -> None:
    assert plain("a|b_c*<i>\n`d`") == "a\\|b\\_c\\*&lt;i&gt; \\`d\\`"


@pytest.fixture
def rendered(make_comparison: Callable[..., Comparison]) -> Callable[..., str]:
    def render(comparison: Comparison | None = None, **case: Any) -> str:
        results = Results(comparison or make_comparison(**{"findings": ("Edema", "Mass"), **case}))
        return markdown.render(results, page.figures(results))

    return render


def test_columns_from_the_given_one_on_are_aligned_right() -> None:
    assert markdown.table(("a|b", "n"), [("x", 1), ("<y>", 2)], 1).splitlines() == [
        "| a\\|b | n |",
        "| --- | ---: |",
        "| x | 1 |",
        "| &lt;y&gt; | 2 |",
    ]


def test_every_table_has_rows_of_equal_length(rendered: Callable[..., str]) -> None:
    written = rendered(networks=("a|b", "c`d\ne"), readers=2, subgroups=True)
    blocks = [block for block in written.split("\n\n") if block.startswith("| ")]
    assert len(blocks) > 8
    for block in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_every_linked_figure_is_drawn(
    make_comparison: Callable[..., Comparison],
) -> None:
    results = Results(make_comparison(findings=("Edema", "Mass"), networks=("a", "b")))
    drawn = page.figures(results)
    links = re.findall(r"\]\(figures/(.*?)\.svg\)", markdown.render(results, drawn))
    assert set(links) <= set(drawn)
    assert {drawn[name].kind for name in links} == {
        *("findings", "forest", "ranks", "roc", "pr", "multilabel", "training", "cost")
    }
    assert len(links) == len(set(links))


def test_one_network_has_no_differences_and_no_ranks(rendered: Callable[..., str]) -> None:
    headings = re.findall(r"^## (.*)$", rendered(networks=("a",)), re.M)
    both = re.findall(r"^## (.*)$", rendered(networks=("a", "b")), re.M)
    assert [name for name in both if name not in headings] == ["Differences", "Ranks"]


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_data_are_said_to_be_synthetic_at_the_top(
    rendered: Callable[..., str], synthetic: bool
) -> None:
    top = rendered(networks=("a",), synthetic=synthetic).split("## Summary")[0]
    assert ("> **Synthetic data.**" in top) == synthetic


def test_without_thresholds_the_areas_are_listed(
    rendered: Callable[..., str], make_comparison: Callable[..., Comparison]
) -> None:
    plain_one = make_comparison(networks=("a", "b"), findings=("Edema",))
    assert "| Network | Threshold | TP | FP | FN | TN |" in rendered(plain_one)
    bare = dataclasses.replace(
        plain_one, confusion=plain_one.confusion[:0], multilabel_confusion={}, training={}
    )
    written = rendered(bare)
    assert "| Network | AUROC | AUPRC |" in written
    assert "## Multi-label confusion\n\nNot computed: it needs a threshold" in written
    assert "## Training\n\nNot stated.\n" in written

"""Figures of the order of networks: differences and ranks."""

from __future__ import annotations

from collections.abc import Callable

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.figures import order_figures
from cxrcompare.reporting.results.lookup import Results


def test_the_forest_marks_the_significant_pairs(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a", "b", "c"), findings=("Edema",))
    plain.differences["p_adjusted"] = 0.2
    first = (plain.differences["model_a"] == "a") & (plain.differences["model_b"] == "b")
    plain.differences.loc[first, "p_adjusted"] = 0.01
    figure = order_figures.forest(Results(plain), "Edema")
    assert figure is not None
    assert [row[:2] for row in figure.data] == [("a", "b"), ("a", "c"), ("b", "c")]
    bold = [part for part in figure.axes.parts if 'class="strong b"' in part]
    assert len(bold) == 1
    assert "p = 0.010" in bold[0]
    assert figure.alt_text.count("adjusted p = 0.200") == 2
    assert order_figures.forest(Results(plain), "Mass") is None


def test_ranks_need_two_networks(make_comparison: Callable[..., Comparison]) -> None:
    one = make_comparison(networks=("a",), findings=("Edema",))
    assert order_figures.ranks(Results(one)) is None
    assert order_figures.forest(Results(one), "Edema") is None
    two = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    figure = order_figures.ranks(two)
    assert figure is not None
    assert [row[:4] for row in figure.data] == [("a", 1, 1, 2), ("b", 2, 1, 2)]
    assert figure.alt_text.startswith("a: rank 1 (1 to 2), best with probability 0.60; b: rank 2")


def test_many_pairs_take_one_line_each(make_comparison: Callable[..., Comparison]) -> None:
    names = tuple(f"m{n:02d}" for n in range(20))
    figure = order_figures.forest(
        Results(make_comparison(networks=names, findings=("Edema",), gap=0.02)), "Edema"
    )
    assert figure is not None
    assert len(figure.data) == 19  # the first network against each other
    assert figure.alt_text.endswith("; and 12 more pairs")  # those of the first 8 are listed
    assert figure.axes.height == 44 + 17 * 19
    assert f"{figure.data[0][0]} minus each" in " ".join(figure.axes.parts)

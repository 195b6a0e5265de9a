"""Figures of one network: training curves and the multi-label confusion matrix."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.figures import model_figures
from cxrcompare.reporting.results.lookup import Results

NAN = float("nan")


@pytest.fixture
def trained(make_comparison: Callable[..., Comparison]) -> Callable[..., Results]:
    """Makes a comparison of network `a` with these histories, by seed."""
    plain = make_comparison(networks=("a",), findings=("Edema",))

    def make(**histories: dict[str, list[Any]]) -> Results:
        return Results(dataclasses.replace(plain, training={"a": histories}))

    return make


def test_training_holds_each_epoch_of_each_seed(trained: Callable[..., Results]) -> None:
    results = trained(
        s0={"epoch": [1, 2], "loss": [0.6, 0.5], "valid_auroc": [0.7, 0.8]},
        s1={"epoch": [1], "loss": [0.55], "valid_auroc": [0.75]},
    )
    figure = model_figures.training(results, "a")
    assert figure is not None
    assert figure.columns == ("seed", "epoch", "loss", "valid_auroc")
    assert figure.data == [("s0", 1, 0.6, 0.7), ("s0", 2, 0.5, 0.8), ("s1", 1, 0.55, 0.75)]
    assert figure.alt_text == "2 seeds; highest validation AUROC 0.800 and 0.750"


@pytest.mark.parametrize("epochs", [[], [1, NAN], [1, None]])
def test_a_history_without_every_epoch_is_not_drawn(
    trained: Callable[..., Results], epochs: list[Any]
) -> None:
    results = trained(s0={"epoch": epochs, "loss": [0.5] * len(epochs)})
    assert model_figures.training(results, "a") is None


@pytest.mark.parametrize(("last", "logarithmic"), [(0.1, False), (0.01, True)])
def test_a_loss_that_falls_more_than_30_times_has_a_logarithmic_axis(
    trained: Callable[..., Results], last: float, logarithmic: bool
) -> None:
    figure = model_figures.training(trained(s0={"epoch": [1, 2], "loss": [1.0, last]}), "a")
    assert figure is not None
    assert figure.axes.log_y == logarithmic
    assert any("loss (log)" in part for part in figure.axes.parts) == logarithmic


def test_the_matrix_shows_every_count_and_shades_by_share_of_the_row(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema",))
    matrix = {
        "rows": ["Edema", "Mass", "none"],
        "columns": ["Edema", "none"],
        "counts": [[1234, 0], [0.5, 0.5], [0, NAN]],
    }
    results = Results(dataclasses.replace(plain, multilabel_confusion={"a": matrix}))
    figure = model_figures.multilabel(results, "a")
    assert figure is not None
    assert figure.data[:3] == [
        ("Edema", "Edema", 1234),
        ("Edema", "none", 0),
        ("Mass", "Edema", 0.5),
    ]
    drawn = "".join(figure.axes.parts)
    cells = dict(re.findall(r'<g class="(\w*)" text-anchor="middle">(.*?)</g>', drawn))
    numbers = {mark: re.findall(r">([^<]+)</text>", texts) for mark, texts in cells.items()}
    assert numbers == {"": ["0", "0", "–"], "strong": ["0.5", "0.5"], "over": ["1.2k"]}
    opacity = re.findall(r'class="heat" fill-opacity="([\d.]+)"', drawn)
    assert opacity == ["0.50", "0.95"]  # half of the row, the whole row


def test_without_a_matrix_there_is_no_figure(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema",))
    bare = Results(dataclasses.replace(plain, multilabel_confusion={}))
    assert model_figures.multilabel(bare, "a") is None

"""The main table: order of rows, formatted cells, and the number of findings behind it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pandas as pd
import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.reporting.formats import markdown
from cxrcompare.reporting.results import main_table
from cxrcompare.reporting.results.lookup import Results

NAN = float("nan")


def test_baselines_are_the_last_rows(comparison: Comparison) -> None:
    results = Results(comparison)
    for finding in results.scopes:
        indices = [row.index for row in main_table.table(results, finding)]
        assert indices == [*range(len(results.networks)), None, None]


@pytest.mark.parametrize(
    ("value", "low", "high", "cell"),
    [
        (0.85, 0.8, 0.9, ("0.850", "0.800–0.900", 0.85)),
        (0.5, 0.5, 0.5, ("0.500", "", 0.5)),  # no width
        (-0.1, -0.2, 0.1, ("−0.100", "−0.200 to 0.100", -0.1)),
        (12.34567, 9.0, 15.0, ("12.3", "9.0–15.0", 12.3457)),
        (250.0, NAN, NAN, ("250", "", 250.0)),
        (NAN, NAN, NAN, ("–", "", None)),
    ],
)
def test_cells_have_digits_by_size(
    make_comparison: Callable[..., Comparison],
    value: float,
    low: float,
    high: float,
    cell: tuple[str, str, float | None],
) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema",))
    here = (plain.metrics["model"] == "a") & (plain.metrics["metric"] == "brier")
    for column, number in (("value", value), ("low", low), ("high", high)):
        plain.metrics.loc[here, column] = number
    found = {row.name: row for row in main_table.table(Results(plain), "Edema")}
    assert found["a"].cells["brier"] == main_table.Cell(*cell)


def test_each_metric_is_in_one_part(comparison: Comparison) -> None:
    results = Results(comparison)
    parts = dict(main_table.parts(results))
    assert [*parts] == ["Ranking and calibration", "Decisions at the threshold"]
    assert sorted(name for part in parts.values() for name in part) == sorted(results.metrics)
    assert parts["Ranking and calibration"][0] == "auroc"


def test_a_rank_stands_beside_networks_only(make_comparison: Callable[..., Comparison]) -> None:
    results = Results(make_comparison(networks=("a", "b"), findings=("Edema",)))
    found = main_table.table(results, "Edema")
    assert [(row.rank, row.rank_interval, row.group) for row in found] == [
        ("1", "1–2", "a"),
        ("2", "1–2", "a"),
        ("", "", ""),
        ("", "", ""),
    ]


def test_what_a_table_rests_on_is_said(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a",), findings=("Edema", "Mass"), undefined=("Mass",))
    plain.counts["positives"], plain.counts["negatives"] = 1, 1200
    plain.counts["unknown"] = [3, 0]
    left_out = dataclasses.replace(plain, degenerate_replicates={"Edema": 1, "Mass": 2})
    results = Results(left_out)
    assert main_table.entered(results, "mean") == "over the 1 of 2 findings whose AUROC is defined"
    assert main_table.entered(results, "Edema") == (
        "1 positive, 1,200 negatives, 3 unknown and excluded; 1 replicate with only one class "
        "excluded"
    )
    assert main_table.entered(results, "Mass") == "1 positive, 1,200 negatives"


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        ({"thresholds_source": "validation", "thresholds_noise": True}, "the noise of the thresh"),
        ({"thresholds_source": "validation", "thresholds_noise": None}, ""),
        ({"thresholds_source": "fixed"}, "at the threshold 0.5, which was not chosen"),
        ({"thresholds_source": "given"}, "at the given thresholds"),
        ({"thresholds_source": "none"}, ""),
    ],
)
def test_the_origin_of_thresholds_is_said(
    comparison: Comparison, protocol: dict[str, object], words: str
) -> None:
    changed = {**comparison.protocol, **protocol}
    results = Results(dataclasses.replace(comparison, protocol=changed))  # type: ignore[arg-type]
    note = main_table.threshold_note(results)
    assert words in note
    assert bool(words) == bool(note)
    assert main_table.notes(results)["Decisions at the threshold"] == note


def test_parts_of_the_roc_curve_are_a_part_with_the_points_where_it_is_read(
    make_comparison: Callable[..., Comparison],
) -> None:
    points = {"specificity": 0.95, "sensitivity": 0.8, "false_positive_rate": 0.2}
    found = make_comparison(networks=("a",), findings=("Edema",), roc_points=points)
    row = found.metrics.iloc[[0]].assign(metric="partial_auroc")
    found = dataclasses.replace(found, metrics=pd.concat([found.metrics, row]))
    results = Results(found)
    assert dict(main_table.parts(results))["Parts of the ROC curve"] == ["partial_auroc"]
    note = main_table.notes(results)["Parts of the ROC curve"]
    for words in ("specificity 0.95", "sensitivity 0.8,", "false positive rate 0.2,"):
        assert words in note


def test_slope_and_intercept_have_a_median_and_range_over_findings(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema", "Mass", "Nodule"))
    sample = plain.metrics.to_dict("records")[0] | {"seed": "all", "model": "a", "subgroup": ""}
    slopes = {"Edema": 0.5, "Mass": NAN, "Nodule": 1.25, "micro": 40.0}
    rows = [
        sample | {"finding": finding, "metric": "calibration_slope", "value": value}
        for finding, value in slopes.items()
    ]
    results = Results(
        dataclasses.replace(
            plain, metrics=table("metrics", [*plain.metrics.to_dict("records"), *rows])
        )
    )
    found = {row.name: row.cells["calibration_slope"] for row in main_table.table(results, "mean")}
    assert found["a"] == main_table.Cell("0.875", "range 0.50–1.25", 0.875)
    assert found["b"].sort is None
    assert "calibration_slope" in main_table.defined(results, "mean", results.metrics)
    written = markdown.render(results, {})
    assert "0.875 (range 0.50–1.25)" in written
    assert "of slope and intercept: median and range" in written


def test_medians_are_over_the_findings_that_all_networks_have(
    make_comparison: Callable[..., Comparison],
) -> None:
    plain = make_comparison(networks=("a", "b", "scores"), findings=("Edema", "Mass", "Nodule"))
    sample = plain.metrics.to_dict("records")[0] | {"seed": "all", "subgroup": ""}
    slopes = {"a": (0.5, 9.0, 1.5), "b": (0.75, NAN, 1.25)}  # the third has no probabilities
    rows = [
        sample | {"model": name, "finding": finding, "metric": "calibration_slope", "value": value}
        for name, values in slopes.items()
        for finding, value in zip(("Edema", "Mass", "Nodule"), values, strict=True)
    ]
    records = [*plain.metrics.to_dict("records"), *rows]
    results = Results(dataclasses.replace(plain, metrics=table("metrics", records)))
    found = {row.name: row.cells["calibration_slope"] for row in main_table.table(results, "mean")}
    assert found["a"] == main_table.Cell("1.000", "range 0.50–1.50", 1.0)
    assert found["b"] == main_table.Cell("1.000", "range 0.75–1.25", 1.0)
    assert found["scores"].sort is None

"""The embedded data of the page."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import numpy as np
import pytest

from cxrcompare.comparison.result.comparison import Comparison
from cxrcompare.reporting.formats import page_data
from cxrcompare.reporting.results.lookup import Results

NAN = float("nan")


def test_embedded_json_cannot_end_its_element() -> None:
    value = {"</script><!--": [0.1234567891, NAN, "\u2028&"]}
    written = page_data.embedded(value)
    assert not set("<>&\u2028") & set(written)
    assert json.loads(written) == {"</script><!--": [0.12346, None, "\u2028&"]}


def test_the_slider_holds_the_operating_point_of_one_run(comparison: Comparison) -> None:
    results = Results(comparison)
    name, finding = results.networks[0], comparison.findings[0]
    several = page_data.slider_points(results, finding, name)
    assert several["threshold"] == sorted(several["threshold"])
    (row,) = results.decisions(name, finding)
    assert several["tp"][several["chosen"]] == row.tp
    assert several["fp"][several["chosen"]] == row.fp
    assert several["threshold"][several["chosen"]] == row.threshold


def test_the_slider_of_several_seeds_is_at_the_mean_of_their_thresholds(
    comparison: Comparison,
) -> None:
    seeds = comparison.confusion[comparison.confusion["seed"].astype(str) != "all"].copy()
    seeds.loc[seeds["seed"].astype(str) == "0", "threshold"] = 0.2
    seeds.loc[seeds["seed"].astype(str) == "1", "threshold"] = 0.5
    results = Results(dataclasses.replace(comparison, confusion=seeds))
    name, finding = results.networks[0], comparison.findings[0]
    found = page_data.slider_points(results, finding, name)
    listed = comparison.curves[finding][name]["operating"]
    assert {key: found[key] for key in ("threshold", "tp", "fp")} == listed
    distances = [abs(threshold - 0.35) for threshold in found["threshold"]]
    assert found["chosen"] == distances.index(min(distances))
    assert found["runs"] == 2


def test_columns_decode_to_the_tables(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema",))
    found = page_data.data(Results(plain), {})["tables"]["metrics"]
    for name, column in zip(found["names"], found["columns"], strict=True):
        values = column
        if isinstance(column, dict):
            assert len(set(column["words"])) == len(column["words"])
            values = [column["words"][place] for place in column["at"]]
        np.testing.assert_array_equal(values, plain.metrics[name].tolist())


def test_without_thresholds_there_is_no_slider(make_comparison: Callable[..., Comparison]) -> None:
    plain = make_comparison(networks=("a", "b"), findings=("Edema", "Mass"))
    only = plain.confusion[plain.confusion["finding"] == "Edema"]
    found = page_data.data(Results(dataclasses.replace(plain, confusion=only)), {})["slider"]
    assert list(found) == ["Edema"]
    assert list(found["Edema"]["networks"]) == ["a", "b"]
    counts = found["Edema"]["counts"]
    assert (counts["positives"], counts["negatives"]) == Results(plain).class_counts("Edema")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.1234567, "0.12346"),
        (12345.678, "12345.7"),
        (-0.0, "0"),
        (2.0, "2"),
        (float("inf"), "null"),
        (np.float64(0.5), "0.5"),
        ((np.int64(3), True, None), "[3,true,null]"),
        ("\u2029", '"\\u2029"'),
        ([0.1234567, -0.0, -0.0, 1e-9], "[0.12346,0,0,1e-09]"),
        ([1.5, float("nan"), 12345.678, -1e5], "[1.5,null,12345.7,-100000]"),
        ([float("inf"), 1.0], "[null,1]"),
        ([9999.99, -1e4, 1e4], "[10000,-10000,10000]"),
        ((2.0, None, 3, "a"), '[2,null,3,"a"]'),
        ((0.25, None), "[0.25,null]"),
        ([True, 1], "[true,1]"),
        ([1, -2], "[1,-2]"),
        ([], "[]"),
    ],
)
def test_numbers_are_short(value: object, written: str) -> None:
    assert page_data.embedded(value) == written

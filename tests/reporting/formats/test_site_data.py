"""The embedded data of the prevalence slider."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import pytest

from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.reporting.formats import site_data
from cxrcompare.reporting.results.lookup import Results

from . import site_table


@pytest.fixture
def results(make_comparison: Callable[..., Comparison]) -> Results:
    plain = make_comparison(networks=("c", "a", "b"), findings=("Mass", "Edema", "Fracture"))
    rows = table("at_prevalence", site_table.rows())
    return Results(dataclasses.replace(plain, at_prevalence=rows))


def test_rates_come_in_the_order_of_networks_and_findings(results: Results) -> None:
    found = site_data.data(results)
    assert found["networks"] == results.networks == ["a", "c", "b"]  # the order of the ranks
    assert list(found["findings"]) == ["Mass", "Edema"]  # Fracture has no threshold
    edema = found["findings"]["Edema"]
    assert edema["prevalence"] == 0.0625
    assert edema["source"] == "test set"
    assert edema["rows"] == [
        [0, 0.7654321987, 0.6512, 0.8523, 0.91234567, 0.88, 0.94, -0.137],
        [1, 1, 0.93, 1, 1, 0.97, 1, 0],
        [2, 0.875, 0.75, 0.9375, 0.8125, 0.75, 0.875, 0.5],
    ]
    assert found["findings"]["Mass"]["rows"][2] == [2, 0.6, None, None, 0.7, None, None, None]


def test_a_network_needs_both_rates(results: Results) -> None:
    rows = [row for row in site_table.rows() if (row.model, row.quantity) != ("a", "specificity")]
    fewer = dataclasses.replace(results.comparison, at_prevalence=table("at_prevalence", rows))
    found = site_data.data(Results(fewer))
    assert [row[0] for row in found["findings"]["Edema"]["rows"]] == [1, 2]


def test_without_rows_there_is_no_slider(make_comparison: Callable[..., Comparison]) -> None:
    assert site_data.data(Results(make_comparison(networks=("a",), findings=("Edema",)))) == {}


def test_the_json_cannot_end_its_element() -> None:
    written = site_data.embedded({"networks": ["</script>"]})
    assert "<" not in written
    assert json.loads(written) == {"networks": ["</script>"]}

"""The embedded data of the page."""

from __future__ import annotations

import json

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
    assert several["tp"][several["chosen"]] == row["tp"]
    assert several["fp"][several["chosen"]] == row["fp"]
    assert several["threshold"][several["chosen"]] == row["threshold"]

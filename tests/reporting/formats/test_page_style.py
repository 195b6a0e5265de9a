"""The style sheet of the page."""

from __future__ import annotations

import re

from cxrcompare.reporting.formats import page_style


def test_every_custom_property_of_the_style_is_defined() -> None:
    style = page_style.style(9)
    defined = set(re.findall(r"--([\w-]+):", style))
    assert {"n0", "n8", "ink"} <= defined
    assert set(re.findall(r"var\(--([\w-]+)\)", style)) <= defined


def test_an_interval_behind_a_number_stands_in_a_second_line() -> None:
    assert page_style.stacked("0.81 (0.70 to 0.91)") == "0.81<small>0.70 to 0.91</small>"
    assert page_style.stacked("−0.1 (−1,024.5 to +0.9)").endswith("<small>−1,024.5 to +0.9</small>")
    assert page_style.stacked("<b> (x)") == "&lt;b&gt; (x)"
    assert page_style.stacked("same calls (3 of 4)") == "same calls (3 of 4)"

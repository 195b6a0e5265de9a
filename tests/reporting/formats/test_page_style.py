"""The style sheet of the page."""

from __future__ import annotations

import re

from cxrcompare.reporting.formats import page_style


def test_every_custom_property_of_the_style_is_defined() -> None:
    style = page_style.style(9)
    defined = set(re.findall(r"--([\w-]+):", style))
    assert {"n0", "n8", "ink"} <= defined
    assert set(re.findall(r"var\(--([\w-]+)\)", style)) <= defined

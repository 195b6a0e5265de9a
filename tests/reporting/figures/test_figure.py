"""Figures: unique safe names, and data by column."""

from __future__ import annotations

from cxrcompare.reporting.figures.figure import slug


def test_slugs_are_safe_names() -> None:
    assert slug("roc ../../etc <x>") == "roc-etc-x"
    assert slug("日本語") == "figure"

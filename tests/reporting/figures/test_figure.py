"""Figures: unique safe names, and data by column."""

from __future__ import annotations

import pytest

from cxrcompare.reporting.figures.figure import Figure, named, slug
from cxrcompare.reporting.figures.svg import Axes


def test_slugs_are_safe_names() -> None:
    assert slug("roc ../../etc <x>") == "roc-etc-x"
    assert slug("日本語") == "figure"


def made(kind: str, about: str, data: list[tuple[object, ...]]) -> Figure:
    return Figure(kind, about, "", "", Axes(10, 10), ("x", "y"), data)


def test_names_that_look_the_same_are_numbered() -> None:
    figures = [made("roc", about, []) for about in ("A-b", "a b", "日本", "A_B", "a b 2")]
    found = named(figures)
    assert list(found) == ["roc-a-b", "roc-a-b-2", "roc", "roc-a-b-3", "roc-a-b-2-2"]
    assert list(found.values()) == figures


def test_long_names_are_cut_without_a_hyphen_at_the_end() -> None:
    assert slug("a" * 59 + " b") == "a" * 59
    assert len(slug("b" * 90)) == 60


def test_data_by_column_keep_the_columns_where_there_are_no_rows() -> None:
    assert made("roc", "", [(1, 2), (3, 4)]).by_column == [(1, 3), (2, 4)]
    assert made("roc", "", []).by_column == [(), ()]
    with pytest.raises(ValueError, match="shorter"):
        made("roc", "", [(1, 2), (3,)]).by_column  # noqa: B018

"""The report as Markdown."""

from __future__ import annotations

from cxrcompare.reporting.formats.markdown import plain


def test_markdown_is_plain() -> None:
    assert plain("a|b_c*<i>\n`d`") == "a\\|b\\_c\\*&lt;i&gt; \\`d\\`"

"""The reference page of options is what the declarations say."""

from pathlib import Path

from cxrcompare.cli import reference

PAGE = Path(__file__).parents[2] / "docs" / "options.md"


def test_the_page_of_options_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == reference.page(), (
        f"docs/options.md is out of date; `{reference.COMMAND}` writes it again"
    )

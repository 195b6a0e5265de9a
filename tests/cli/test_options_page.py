"""The reference page of options is what the declarations say."""

from pathlib import Path

from cxrcompare.cli import options_page

PAGE = Path(__file__).parents[2] / "docs" / "options.md"


def test_the_page_of_options_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == options_page.page(), (
        f"docs/options.md is out of date; `{options_page.COMMAND}` writes it again"
    )

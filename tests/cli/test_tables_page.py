"""The reference page of tables is what the row types say."""

from pathlib import Path

import pytest

from cxrcompare.cli import tables_page
from cxrcompare.comparison.row_types.all_rows import ROWS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "tables.md"


def test_the_page_of_tables_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == tables_page.page(), (
        f"docs/reference/tables.md is out of date; `{tables_page.COMMAND}` writes it again"
    )


@pytest.mark.parametrize("name", ROWS)
def test_every_column_has_a_meaning(name):
    section = tables_page.page().split(f"\n## {name}\n")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    assert [cells[0].strip("| `") for cells in rows] == list(ROWS[name]._fields)
    assert all(cells[1].strip(" |") for cells in rows)

"""Writes the reference page of all tables: `python -m cxrcompare.cli.tables_page FILE`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple, get_type_hints

from cxrcompare.comparison.row_types.all_rows import OPTIONAL, ROWS
from cxrcompare.comparison.row_types.field import described
from cxrcompare.filesystem import files

COMMAND = "python -m cxrcompare.cli.tables_page docs/reference/tables.md"
"""The command that writes the page again, from the root of the checkout."""

_INTRODUCTION = f"""# Tables of a comparison

Every table is a CSV file of the comparison's folder, a part of `comparison.json`, and a data frame
of the Python result (`c.to_frame("metrics")`). This page is written by
`{COMMAND}` from the row types in
`src/cxrcompare/comparison/row_types/`; change these, not this page. The
[schema](../comparison.schema.json) has the types and ranges. An undefined number is blank."""


def page() -> str:
    """Returns the page as Markdown."""
    parts = [_INTRODUCTION]
    for name, row in ROWS.items():
        words = (row.__doc__ or "").splitlines()[0]
        optional = " The file is written if the table has rows." if name in OPTIONAL else ""
        parts += [f"## {name}", f"{words}{optional}", _columns(row)]
    return "\n\n".join(parts) + "\n"


def _columns(row: type[NamedTuple]) -> str:
    lines = ["| column | meaning |", "| --- | --- |"]
    for column, hint in get_type_hints(row, include_extras=True).items():
        meaning = described(hint)[1]
        lines.append(f"| `{column}` | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(lines)


if __name__ == "__main__":
    files.write_text(Path(sys.argv[1]), page())

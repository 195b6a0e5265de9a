"""Writes the reference page of all options: `python -m cxrcompare.cli.options_page FILE`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from cxrcompare.filesystem import files
from cxrcompare.options.command_tables import TABLES, Placed, placed

COMMAND = "python -m cxrcompare.cli.options_page docs/options.md"
"""The command that writes the page again, from the root of the checkout."""

_INTRODUCTION = f"""# Options

All options of all commands. This page is written by `{COMMAND}`; change the declarations in
`src/cxrcompare/options/`, not this page.

An option on the command line overrides the TOML file, which overrides the default. A yes-or-no
option of a TOML key has a second form on the command line, with `--no-` before its name. Lists are
separated by commas on the command line. An experiment without `data` and `store` uses the embedded
sample and smaller defaults, see [the sample](sample.md). A default "by recipe" depends on
`training.recipe`, see [training](training.md)."""


def page() -> str:
    """Returns the page as Markdown."""
    parts = [_INTRODUCTION]
    for command in TABLES:
        parts.append(f"## {command}")
        for table, options in groupby(placed(command), lambda one: one.table):
            if command == "run":
                heading = f"[{table.key}]" if table.key else "Outside of the tables"
                parts.append(f"### {heading if table.in_file else 'Arguments'}")
                parts.append(table.declaration.__doc__ or "")
            parts.append("\n".join(_rows(list(options), keyed=command == "run")))
    return "\n\n".join(parts) + "\n"


def _rows(options: list[Placed], *, keyed: bool) -> Iterator[str]:
    """Yields the lines of a table; with the key in the file for options that a file can set."""
    keyed = keyed and options[0].table.in_file
    names = [*(["key"] if keyed else []), "option", "value", "default", "meaning"]
    yield _row(names)
    yield _row(["---"] * len(names))
    for one in options:
        cells = [f"`{one.dest}`"] if keyed else []
        flag = one.option.option.shown if one.positional else one.flag
        cells.append(f"`{flag}`" if flag else "in a file only")
        default = one.option.default_text
        cells += [_value(one), "required" if one.option.needed else _code(default)]
        yield _row([*cells, one.option.option.help])


def _value(one: Placed) -> str:
    """Returns the values that an option can have."""
    option = one.option
    if option.choices:
        return ", ".join(f"`{choice}`" for choice in option.choices)
    if option.type is bool:
        return "yes or no"
    kinds = {int: "whole number", float: "number"}
    limits = option.option.range()
    if option.type in kinds:
        return f"{kinds[option.type]}, {limits}" if limits else kinds[option.type]
    if one.positional or not option.option.shown:
        return "path" if one.positional and option.type is not str else "table"
    return f"`{option.option.shown}`"


def _code(text: str) -> str:
    return text if " " in text or not text else f"`{text}`"


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    files.write_text(Path(sys.argv[1]), page())

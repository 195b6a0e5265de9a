"""The command line's parsers, made from the declarations in `cxrcompare.options`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from cxrcompare.errors import InputError
from cxrcompare.options.command_tables import Placed, placed
from cxrcompare.options.declaration import MISSING, Declared


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line that names the help command."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Raises InputError for unknown arguments, with the help of the current command."""
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found, unknown

    def error(self, message: str) -> NoReturn:
        """Raises InputError with the message."""
        raise InputError(f"{message} (see {self.prog} --help)")


def add_options(parser: argparse.ArgumentParser, command: str) -> None:
    """Adds the options of a command, with a heading for each table of its TOML file."""
    groups: dict[str, argparse._ActionsContainer] = {"": parser}
    for one in placed(command):
        if not one.flag:
            continue
        key = one.table.key or ""
        if key not in groups:
            groups[key] = parser.add_argument_group(f"options of [{key}]")
        names, choices = _argument(one)
        groups[key].add_argument(*names, **choices)


def _argument(one: Placed) -> tuple[list[str], dict[str, Any]]:
    """Returns the arguments of `add_argument` for an option."""
    option = one.option
    chosen: dict[str, Any] = {"help": help_text(option).replace("%", "%%")}
    if one.positional:
        chosen["metavar"] = option.option.shown
        if option.type == tuple[Path, ...]:
            chosen["nargs"] = "+"
        elif option.default is not MISSING:
            chosen["nargs"] = "?"
        return [one.option.name], chosen | _value(option)
    chosen["dest"] = one.dest
    if one.table.in_file:
        chosen["default"] = None
    elif option.needed:
        chosen["required"] = True
    elif option.default is not MISSING:
        chosen["default"] = option.default
    if option.type is bool:
        chosen["action"] = argparse.BooleanOptionalAction if one.table.in_file else "store_true"
        return [one.flag], chosen
    if option.type == bool | tuple[str, ...]:
        chosen |= {"nargs": "?", "const": True}
    if option.option.repeated:
        chosen["action"] = "append"
    elif option.type == tuple[Path, ...]:
        chosen["nargs"] = "+"
    if option.option.shown:
        chosen["metavar"] = option.option.shown
    if option.option.repeated:
        return [one.flag], chosen | {
            "action": "append",
            "default": None if one.table.in_file else [],
        }
    return [one.flag], chosen | _value(option)


def help_text(option: Declared) -> str:
    """Returns the sentence of an option with its default."""
    default = option.default_text
    return option.option.help + (f" (default: {default})" if default else "")


def _value(option: Declared) -> dict[str, Any]:
    """Returns the function that parses the value of an option."""
    if option.choices:
        return {"choices": option.choices}
    if option.type in (int, float):
        return {"type": _number(option)}
    if option.type in (Path, tuple[Path, ...]):
        return {"type": Path}
    return {"type": _LISTS.get(option.type, str)}


def _number(option: Declared) -> Callable[[str], float]:
    """Returns a function that reads a number and checks its range."""
    limits = option.option.range()
    kind = "a whole number" if option.type is int else "a number"

    def read(text: str) -> float:
        try:
            value: float = option.type(text)
            right = option.option.contains(value) and value == value
        except ValueError:
            right = False
        if not right:
            expected = f"{kind}, {limits}" if limits else kind
            raise argparse.ArgumentTypeError(f"must be {expected}. Received: {text}")
        return value

    return read


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _numbers(text: str) -> list[int]:
    return _several(text, int, "whole numbers")


def _decimals(text: str) -> list[float]:
    return _several(text, float, "numbers")


def _several(text: str, kind: Callable[[str], Any], expected: str) -> list[Any]:
    try:
        return [kind(word) for word in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"must be {expected} separated by commas. Received: {text}"
        ) from error


def _findings(text: str) -> str | list[str]:
    return text if text in ("all", "competition") else _names(text)


_LISTS: dict[Any, Callable[[str], Any]] = {
    tuple[int, ...]: _numbers,
    tuple[float, float]: _decimals,
    tuple[str, ...]: _names,
    bool | tuple[str, ...]: _names,
    str | tuple[str, ...]: _findings,
}
"""How lists are read, by type."""

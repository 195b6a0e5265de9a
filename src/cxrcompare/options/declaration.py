"""Option: the help, range and names of an option; `declared` lists the options of a class."""

import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cxrcompare.errors import InputError

MISSING: Any = object()
"""Marks an option without a default."""


def limits(given: Any) -> Iterator[Any]:
    """Yields the attributes `ge`, `gt`, `le` and `lt` in the form that pydantic uses."""
    import annotated_types

    for name in ("ge", "gt", "le", "lt"):
        if (bound := getattr(given, name)) is not None:
            yield getattr(annotated_types, name.capitalize())(bound)


@dataclass(frozen=True)
class Option:
    """One option, as metadata of an annotation: `size: Annotated[int, Option("...")] = 320`.

    pydantic validates the range.

    Attributes:
        help: One sentence.
        ge: The smallest value.
        gt: The exclusive lower limit.
        le: The largest value.
        lt: The exclusive upper limit.
        flag: The name on the command line; by default the field's, in kebab case.
        key: The name in a file; by default the field's.
        shown: The placeholder of the value in `--help`.
        default: A description of the default, if its value does not describe it.
        repeated: Whether a list is given by repeating the option, one value each.
    """

    help: str
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    flag: str | None = None
    key: str | None = None
    shown: str | None = None
    default: str | None = None
    repeated: bool = False

    __is_annotated_types_grouped_metadata__ = True

    def __iter__(self) -> Iterator[Any]:
        """Yields the limits in the form that pydantic uses."""
        yield from limits(self)

    def range(self) -> str:
        """Returns the range as text; "" if there is none."""
        if self.ge is not None and self.le is not None:
            return f"from {_number(self.ge)} to {_number(self.le)}"
        words = {"ge": "{} or more", "gt": "above {}", "le": "at most {}", "lt": "below {}"}
        given = {name: getattr(self, name) for name in words if getattr(self, name) is not None}
        return " and ".join(words[name].format(_number(bound)) for name, bound in given.items())

    def contains(self, value: float) -> bool:
        """Returns whether a number is in the range."""
        return (
            (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.le is None or value <= self.le)
            and (self.lt is None or value < self.lt)
        )


@dataclass(frozen=True)
class Declared:
    """An option of a table, with its annotation and default.

    Attributes:
        name: The name of the field.
        option: The metadata of the field.
        type: The type without None.
        default: The default; `MISSING` if there is none.
        choices: The values of a `Literal`, else ().
    """

    name: str
    option: Option
    type: Any
    default: Any
    choices: tuple[str, ...]

    @property
    def key(self) -> str:
        """The name in a file."""
        return self.option.key or self.name

    @property
    def flag(self) -> str:
        """The name on the command line, with its hyphens."""
        return f"--{self.option.flag or self.key.replace('_', '-')}"

    @property
    def needed(self) -> bool:
        """Whether a value is required: there is no default and no description of one."""
        return self.default is MISSING and self.option.default is None

    @property
    def default_text(self) -> str:
        """The default as text; "" if there is none or if it is False or empty."""
        if self.option.default is not None:
            return self.option.default
        if any(self.default is nothing for nothing in (MISSING, None, False, ())):
            return ""
        if isinstance(self.default, tuple):
            return ",".join(map(str, self.default))
        return str(self.default)


def declared(table: type) -> list[Declared]:
    """Returns the options of a table, those of its base classes first."""
    found: dict[str, Declared] = {}
    for base in reversed(table.__mro__):
        for name, annotation in inspect.get_annotations(base).items():
            options = [x for x in getattr(annotation, "__metadata__", ()) if isinstance(x, Option)]
            if options:
                kind = _without_none(annotation.__origin__)
                choices = typing.get_args(kind) if _is(kind, typing.Literal) else ()
                default = getattr(table, name, MISSING)
                found[name] = Declared(name, options[0], kind, default, choices)
    return list(found.values())


def check(table: type, **values: Any) -> None:
    """Checks values against the choices and ranges of a table; None means not given.

    Raises:
        InputError: A value is not one of the choices, or is out of range.
    """
    for one in declared(table):
        value = values.get(one.name)
        if value is None:
            continue
        if one.choices and value not in one.choices:
            raise InputError(
                f"`{one.name}` must be one of {', '.join(one.choices)}. Received: {value}"
            )
        if isinstance(value, int | float) and not one.option.contains(value):
            raise InputError(f"`{one.name}` must be {one.option.range()}. Received: {value}")


def _without_none(kind: Any) -> Any:
    if isinstance(kind, types.UnionType) or _is(kind, typing.Union):
        rest = [part for part in typing.get_args(kind) if part is not types.NoneType]
        return rest[0] if len(rest) == 1 else typing.Union[tuple(rest)]  # noqa: UP007
    return kind


def _is(kind: Any, origin: Any) -> bool:
    return typing.get_origin(kind) is origin


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else f"{value:g}"

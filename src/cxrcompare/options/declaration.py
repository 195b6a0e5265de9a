"""Option: what is declared of one option beside its type and default, and how it is read."""

import inspect
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cxrcompare.errors import InputError

MISSING: Any = object()
"""The default of an option that has none."""


@dataclass(frozen=True)
class Option:
    """One option, as metadata of an annotation: `size: Annotated[int, Option("...")] = 320`.

    pydantic reads the range from it as if it were annotated one by one.

    Attributes:
        help: One sentence.
        ge: The smallest value.
        gt: What the value must exceed.
        le: The largest value.
        lt: What the value must be below.
        flag: The name on the command line; by default the field's, in kebab case.
        key: The name in a file; by default the field's.
        shown: What `--help` shows for the value.
        default: What a missing value means, where the default itself does not say it.
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

    __is_annotated_types_grouped_metadata__ = True

    def __iter__(self) -> Iterator[Any]:
        """Yields the bounds as pydantic knows them."""
        import annotated_types

        for name in ("ge", "gt", "le", "lt"):
            if (bound := getattr(self, name)) is not None:
                yield getattr(annotated_types, name.capitalize())(bound)

    def range(self) -> str:
        """Returns the range in words, or "" if there is none."""
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
    """An option of a table with what its annotation and default say.

    Attributes:
        name: The field's name.
        option: Its metadata.
        type: Its type without None.
        default: Its default, `MISSING` if it has none.
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
        """Whether there is no default, and none is described."""
        return self.default is MISSING and self.option.default is None

    @property
    def default_text(self) -> str:
        """The default in words; "" if there is nothing to say."""
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

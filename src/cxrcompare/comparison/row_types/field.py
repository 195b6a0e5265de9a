"""Field: the range and the description of a column, for Pydantic, which is loaded only to check."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Annotated, Any, ClassVar, Literal, get_args

from cxrcompare.options.declaration import limits


@dataclass(frozen=True, kw_only=True)
class Field:
    """The range and the description of a type, as metadata of `typing.Annotated`.

    Pydantic takes it as a group of metadata of the package annotated-types.

    Attributes:
        description: One sentence; empty if there is none.
        gt: Values are greater.
        ge: Values are greater or equal.
        lt: Values are less.
        le: Values are less or equal.
        min_length: The least number of characters or items.
        max_length: The greatest number of characters or items.
    """

    description: str = ""
    gt: float | None = None
    ge: float | None = None
    lt: float | None = None
    le: float | None = None
    min_length: int | None = None
    max_length: int | None = None

    __is_annotated_types_grouped_metadata__: ClassVar[Literal[True]] = True

    def __iter__(self) -> Iterator[Any]:
        """Yields the parts of the metadata."""
        import annotated_types

        yield from limits(self)
        if self.min_length is not None:
            yield annotated_types.MinLen(self.min_length)
        if self.max_length is not None:
            yield annotated_types.MaxLen(self.max_length)
        if self.description:
            yield _Description(self.description)


@dataclass(frozen=True)
class _Description:
    """The description of a type in the JSON Schema."""

    text: str

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        schema: dict[str, Any] = handler(core)
        return schema | {"description": self.text}


def described(kind: Any) -> tuple[Any, str]:
    """Returns a type without the description of the whole, and that description; "" if none.

    Args:
        kind: The type of a column, from `get_type_hints` with extras.
    """
    if not hasattr(kind, "__metadata__"):
        return kind, ""
    words, (plain, *metadata) = "", get_args(kind)
    for part in chain.from_iterable(metadata):
        if isinstance(part, _Description):
            words = part.text
        else:
            plain = Annotated[plain, part]
    return plain, words

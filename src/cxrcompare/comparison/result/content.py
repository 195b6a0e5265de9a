"""The content of `comparison.json`: its validation and its JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, get_args, get_type_hints

from cxrcompare import environment
from cxrcompare.comparison.result.content_types import (
    STRICT,
    Curves,
    History,
    ModelRow,
    MultilabelConfusion,
    Protocol,
    Whole,
)
from cxrcompare.comparison.row_types.all_rows import ROWS
from cxrcompare.comparison.row_types.column_types import MEAN, MICRO, Number
from cxrcompare.comparison.row_types.field import Field, described
from cxrcompare.comparison.row_types.localisation_rows import LOCALISATION
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

FORMAT = 3
"""The format version of `comparison.json`."""

PLAIN: dict[str, Any] = {
    "protocol": Protocol,
    "models": Annotated[list[ModelRow], Field(min_length=1)],
    "findings": Annotated[
        list[Annotated[str, Field(min_length=1, max_length=1000)]], Field(min_length=1)
    ],
    "curves": dict[str, dict[str, Curves]],
    "multilabel_confusion": dict[str, MultilabelConfusion],
    "training": dict[str, dict[str, History]],
    "subgroups": dict[str, dict[str, Whole]],
    "readers_below": dict[str, dict[str, Number]],
    "degenerate_replicates": dict[str, Whole],
}
"""The type of everything that is not a table."""


def _columns(name: str, row: type[NamedTuple]) -> type[BaseModel]:
    """Returns the type of a table by column, from the type of its rows."""
    import pydantic

    fields: dict[str, Any] = {}
    cell: Any
    for column, hint in get_type_hints(row, include_extras=True).items():
        cell, words = described(hint)
        fields[column] = (list[cell], pydantic.Field(description=words or None))
    created: type[BaseModel] = pydantic.create_model(
        f"{name.title().replace('_', '')}Table", __config__=STRICT, **fields
    )
    created.__doc__ = row.__doc__
    return created


@cache
def _content() -> type[BaseModel]:
    """Returns the type of the whole file; made on first use, because writing does not need it."""
    from pydantic import create_model

    fields: dict[str, Any] = {"format": (Literal[3], ...)}
    fields |= {name: (kind, ...) for name, kind in PLAIN.items()}
    fields |= {name: (_columns(name, row), ...) for name, row in ROWS.items()}
    created: type[BaseModel] = create_model("Comparison", __config__=STRICT, **fields)
    return created


@cache
def numeric_columns(name: str) -> tuple[str, ...]:
    """Returns the columns of a table that contain numbers."""
    kinds = get_type_hints(ROWS[name]).items()
    return tuple(column for column, kind in kinds if _is_number(kind))


def _is_number(kind: Any) -> bool:
    parts = get_args(kind)
    return all(map(_is_number, parts)) if parts else kind in (int, float, type(None))


def schema_text() -> str:
    """Returns the JSON Schema of `comparison.json`."""
    schema = _content().model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return files.json_text(schema)


def check(path: object, content: Any) -> None:
    """Checks a read `comparison.json`: types, ranges, lengths, names of models and findings.

    Raises:
        InputError: The format version differs, or a value is wrong.
    """
    found = content.get("format") if isinstance(content, dict) else None
    if isinstance(found, bool) or found != FORMAT:
        raise InputError(
            f"{path}: must be a comparison.json of format {FORMAT}; run `cxrcompare compare` "
            f"again. Received: format {_short(found)}"
        )
    from pydantic import ValidationError

    try:
        _content().model_validate(content)
    except ValidationError as error:
        raise InputError(f"{path}: {_problem(error)}") from error
    for problem in (*_lengths(content), *_names(content)):
        raise InputError(f"{path}: {problem}")


def _problem(error: ValidationError) -> str:
    """Returns the first problem as `location` must be ... Received: ..."""
    first = error.errors(include_url=False)[0]
    location = ".".join(map(str, first["loc"]))[:200]
    version = environment.versions().get("cxrcompare", "")
    current = f"in a comparison.json of cxrcompare {version}; run `cxrcompare compare` again"
    if first["type"] == "missing":
        return f"`{location}` must be {current}. Received: none"
    if first["type"] == "extra_forbidden":
        return f"`{location}` must be absent {current}. Received: {_short(first['input'])}"
    expected = first["msg"].partition(" should ")[2] or f"be valid: {first['msg']}"
    return f"`{location}` must {expected}. Received: {_short(first['input'])}"


def _short(value: object) -> str:
    try:
        return repr(value)[:40]
    except ValueError:  # an integer with too many digits
        return "a number with too many digits"


def _lengths(content: dict[str, Any]) -> Iterator[str]:
    for name in ROWS:
        yield from _same_length(name, content[name])
    for finding, models in content["curves"].items():
        for model, curves in models.items():
            where = f"curves.{finding}.{model}"
            for part in ("roc", "pr", "operating"):
                yield from _same_length(f"{where}.{part}", curves.get(part, {}))
            histogram = curves["histogram"]
            edges = {"edges": histogram["edges"][1:]}
            yield from _same_length(f"{where}.histogram", histogram | edges)
    for model, seeds in content["training"].items():
        for seed, history in seeds.items():
            yield from _same_length(f"training.{model}.{seed}", history)
    for model, table in content["multilabel_confusion"].items():
        shape = [len(table["columns"])] * len(table["rows"])
        if [len(row) for row in table["counts"]] != shape:
            yield (
                f"`multilabel_confusion.{model}.counts` must have {len(shape)} rows of "
                f"{len(table['columns'])}. Received: {[len(row) for row in table['counts']]}"[:300]
            )


def _same_length(where: str, columns: dict[str, list[Any]]) -> Iterator[str]:
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        yield f"`{where}` must have columns of equal length. Received: {lengths}"[:300]


def _names(content: dict[str, Any]) -> Iterator[str]:
    models = [row["name"] for row in content["models"]]
    networks = [row["name"] for row in content["models"] if row["kind"] != "trivial"]
    findings = content["findings"]
    for what, names in (("models", models), ("findings", findings)):
        if len(set(names)) < len(names):
            yield f"`{what}` must have distinct names. Received: {_short(names)}"
    scopes = [*findings, MEAN, MICRO]
    for name in ROWS:
        # A warning may name a run or an excluded finding; maps are also of baselines and readers.
        if name == "warnings" or name in LOCALISATION:
            continue
        columns = content[name]
        for column in ("model", "model_a", "model_b"):
            yield from _known(f"{name}.{column}", columns.get(column, []), models)
        yield from _known(f"{name}.finding", columns.get("finding", []), scopes)
    curves = content["curves"]
    yield from _known("curves", curves, findings)
    for finding in findings:
        if finding not in curves:
            yield f"`curves` must have every finding. Received: none for {finding!r}"
    for finding, by_model in curves.items():
        yield from _known(f"curves.{finding}", by_model, networks)
    for name in ("multilabel_confusion", "training", "readers_below"):
        yield from _known(name, content[name], models)
    yield from _known("degenerate_replicates", content["degenerate_replicates"], findings)


def _known(where: str, names: Any, choices: list[str]) -> Iterator[str]:
    for name in names:
        if name not in choices:
            listed = ", ".join(choices)[:200]
            yield f"`{where}` must be one of {listed}. Received: {_short(name)}"
            return

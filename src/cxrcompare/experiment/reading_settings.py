"""Reads the settings of an experiment: defaults, then the TOML file, then the options."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ValidationError

from cxrcompare.datasets.parsing.own_columns import OwnColumns
from cxrcompare.errors import InputError, reason
from cxrcompare.experiment.settings import Settings, name_of_folder
from cxrcompare.filesystem import files
from cxrcompare.labels.policy import Policy
from cxrcompare.training.run_config import RunConfig

ON_THE_SAMPLE: dict[str, Any] = {
    "name": "demo",
    "jobs": 2,
    "images": {"size": 48},
    "sample": {"images": 1000},
    "findings": "competition",
    "training": {
        "weights": "none",
        "recipe": "modern",
        "epochs": 4,
        "warmup_epochs": 0.25,
        "batch_size": 16,
        "checkpoint_seconds": 60,  # an epoch takes seconds, and a checkpoint is hundreds of MB
        "learning_rate": 0.002,  # MobileNet learns too slowly at the recipe's 0.001
    },
}
"""Defaults for the embedded sample; with them, a run takes about five minutes on two cores."""

_LONGEST = 1 << 20
"""Maximum size of an experiment file in bytes."""

_ELSEWHERE = {
    "model": "use `models`",
    "seed": "use `seeds`",
    "store": "use `store` outside the tables",
    "findings": "use `findings` outside the tables",
    "policy": "use `labels.policy`",
}
"""Keys that the table [training] does not have, with the key to use instead."""

_PLAIN = {
    "too_short": "must name at least one",
    "string_too_short": "must not be empty",
    "path_type": "must be a path",
}
"""Error messages by pydantic's error type."""


def load(file: str | os.PathLike[str] | None, options: Mapping[str, Any]) -> Settings:
    """Returns the settings: options override the file, which overrides the defaults.

    Args:
        file: A TOML file, or None.
        options: Settings by dotted key, e.g. {"images.size": 224}.

    Raises:
        InputError: The file cannot be read; a key is unknown; a value has a wrong type or range.
    """
    given = with_options(_read(file) if file else {}, options, file)
    if given.get("data") is None and given.get("store") is None:
        given = _merge(ON_THE_SAMPLE, given)
    elif file is None and "name" not in given:
        folder = Path(given.get("data") or given["store"]).resolve()
        given["name"] = name_of_folder(folder.name) or "comparison"
    source = str(file or "options")
    try:
        settings = Settings.model_validate_json(_json(given), strict=True)
    except ValidationError as error:
        raise InputError(explain(error, source, Settings)) from error
    elsewhere = _ELSEWHERE.keys() & settings.training.keys()
    if elsewhere:
        key = min(elsewhere)
        raise InputError(f"{source}: unknown key `training.{key}`; {_ELSEWHERE[key]}")
    for model in settings.models:
        configure(model, Path(), settings.labels, settings.training, source)
    return settings


def load_columns(file: str | os.PathLike[str] | None, options: Mapping[str, Any]) -> OwnColumns:
    """Returns the `[columns]` table of a TOML file with the options of the command line.

    Args:
        file: A TOML file, or None.
        options: Settings by dotted key, e.g. {"columns.patient": "PatNr"}.

    Raises:
        InputError: The file cannot be read or has no such table; a key is unknown; a value has a
            wrong type.
    """
    read = _read(file) if file else {}
    if file and not isinstance(read.get("columns"), dict):
        raise InputError(f"{file}: must have a table [columns]. Received: {', '.join(read)}")
    given = with_options(read, options, file).get("columns", {})
    try:
        return OwnColumns.model_validate_json(_json(given), strict=True)
    except ValidationError as error:
        raise InputError(explain(error, str(file or "options"), OwnColumns, "columns")) from error


def configure(
    model: str,
    store: str | os.PathLike[str],
    labels: Mapping[str, Any],
    training: Mapping[str, Any],
    source: str,
) -> RunConfig:
    """Returns the configuration of one training.

    Args:
        model: The architecture.
        store: The image store's folder.
        labels: The `[labels]` table: `policy` and the other settings of `Policy`.
        training: The `[training]` table, and any other field of `RunConfig`.
        source: The file, or "options", for error messages.

    Raises:
        InputError: A key is unknown; a value has a wrong type or range.
    """
    try:
        policy = Policy.model_validate_json(_json(labels), strict=True)
    except ValidationError as error:
        raise InputError(explain(error, source, Policy, "labels")) from error
    try:
        fields = {**training, "model": model, "store": store, "policy": policy.model_dump()}
        return RunConfig.model_validate_json(_json(fields), strict=True)
    except ValidationError as error:
        raise InputError(explain(error, source, RunConfig, "training")) from error


def explain(error: ValidationError, source: str, model: type[BaseModel], table: str = "") -> str:
    """Returns the first error as one line: file, key, expected and received value.

    Args:
        error: The error of pydantic.
        source: The file, or "options".
        model: The model that was validated, for the choices of an unknown key.
        table: The table of the file that was validated.
    """
    first = error.errors()[0]
    location = [str(part) for part in first["loc"]]
    key = ".".join([table, *location] if table else location)
    if first["type"] == "extra_forbidden":
        hidden = _ELSEWHERE if model is RunConfig else ()
        choices = [name for name in _keys(model, location[:-1]) if name not in hidden]
        return f"{source}: unknown key `{key}`; the choices are {', '.join(choices)}"
    message = _PLAIN.get(first["type"]) or first["msg"].removeprefix("Value error, ").replace(
        "Input should be", "must be"
    )
    received = "" if "Received" in message else f". Received: {first['input']!r}"
    return f"{source}: `{key}`: {message}{received}"


def _keys(model: type[BaseModel], tables: list[str]) -> list[str]:
    for table in tables:
        inner = model.model_fields[table].annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return [
        str(info.validation_alias.choices[0])
        if isinstance(info.validation_alias, AliasChoices)
        else name
        for name, info in model.model_fields.items()
    ]


def with_options(
    given: dict[str, Any], options: Mapping[str, Any], file: str | os.PathLike[str] | None
) -> dict[str, Any]:
    """Returns the settings of a file with options, by dotted key, added to their tables."""
    for key, value in options.items():
        *tables, last = key.split(".")
        inner = given
        for table in tables:
            inner = inner.setdefault(table, {})
            if not isinstance(inner, dict):
                raise InputError(f"{file}: `{table}` must be a table. Received: {inner!r}")
        inner[last] = value
    return given


def _read(file: str | os.PathLike[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(files.read_bytes(file, _LONGEST).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:  # ValueError also for huge numbers
        received = reason(error)
        raise InputError(f"{file}: must be a readable TOML file. Received: {received}") from error


def _json(given: Mapping[str, Any]) -> str:
    """Returns JSON, from which pydantic reads lists as tuples and text as paths, not as numbers."""
    return json.dumps(given, default=str)


def _merge(defaults: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(defaults)
    for key, value in given.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merge(merged[key], value) if both else value
    return merged

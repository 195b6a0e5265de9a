"""Settings of an experiment: defaults, then the TOML file, then the command line's options."""

from __future__ import annotations

import difflib
import json
import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, field_validator

from cxrcompare.comparison.compare_options import check_rule, decision_thresholds
from cxrcompare.datasets.parsing.own_columns import OwnColumns
from cxrcompare.errors import InputError, reason
from cxrcompare.filesystem import files
from cxrcompare.labels.policy import Policy
from cxrcompare.models import names, short_name
from cxrcompare.options import evaluation, experiment
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

_MOST = 100
"""Maximum length in bytes of an experiment's name, which is also a folder name."""

_PLAIN = {
    "too_short": "must name at least one",
    "string_too_short": "must not be empty",
    "path_type": "must be a path",
}
"""Error messages by pydantic's error type."""


class _Table(BaseModel, frozen=True):
    model_config = ConfigDict(extra="forbid")


class Images(_Table, experiment.Images, frozen=True):
    """The table [images]: settings of the image store."""


class Splits(_Table, experiment.Splits, frozen=True):
    """The table [splits]: shares of the splits if the data set has no official split."""


class Sample(_Table, experiment.Sample, frozen=True):
    """The table [sample]: settings of the embedded sample."""


class Evaluation(_Table, evaluation.Evaluation, frozen=True):
    """The table [evaluation]: options of the comparison."""

    @field_validator("threshold_rule")
    @classmethod
    def _rule(cls, rule: str | None) -> str | None:
        if rule is not None:
            check_rule(rule)
        return rule

    @field_validator("decision_thresholds")
    @classmethod
    def _thresholds(cls, given: str) -> str:
        decision_thresholds(given)
        return given


class Settings(_Table, experiment.Experiment, frozen=True):
    """All settings of an experiment.

    Attributes:
        labels: The uncertainty policy; see `cxrcompare.labels.policy`.
        training: The recipe and settings that override it; see `cxrcompare.training.run_config`.
        columns: The columns of the user's own label file.
    """

    images: Images = Images()
    splits: Splits = Splits()
    sample: Sample = Sample()
    labels: dict[str, Any] = Field(default_factory=dict)
    training: dict[str, Any] = Field(default_factory=dict)
    evaluation: Evaluation = Evaluation()
    columns: OwnColumns = OwnColumns()

    @field_validator("name")
    @classmethod
    def _plain(cls, name: str) -> str:
        if not name or name != _name_of_folder(name):
            raise ValueError(
                "must have only letters, digits, spaces, hyphens, underscores and dots, at most "
                f"{_MOST} bytes, and no dot or space at the beginning or the end"
            )
        return name

    @field_validator("models")
    @classmethod
    def _known(cls, models: tuple[str, ...]) -> tuple[str, ...]:
        _need_one(models)
        known = names()
        for model in models:
            if ":" not in model and model not in known:
                near = difflib.get_close_matches(model, known, 1)
                meant = f" (did you mean {near[0]}?)" if near else ""
                raise ValueError(f"must be one of {', '.join(known)}, or module:function{meant}")
        _once(tuple(short_name(model).casefold() for model in models))
        return models

    @field_validator("seeds")
    @classmethod
    def _seeds(cls, seeds: tuple[int, ...]) -> tuple[int, ...]:
        _need_one(seeds)
        if min(seeds) < 0:
            raise ValueError("must be 0 or more")
        return _once(seeds)


def _name_of_folder(name: str) -> str:
    """Returns a name with all characters that an experiment's name cannot have replaced by "_"."""
    kept = "".join(c if c.isalnum() or c in "-_. " else "_" for c in name)
    return kept.encode()[:_MOST].decode(errors="ignore").strip(". ")


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
        given["name"] = _name_of_folder(folder.name) or "comparison"
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


def _need_one(values: Sequence[Any]) -> None:
    if not values:
        raise ValueError("must name at least one")


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise ValueError("must not have repeated values")
    return values

"""Settings: all settings of an experiment, by table of the TOML file, with their checks."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from cxrcompare.comparison.compare_options import check_rule, decision_thresholds
from cxrcompare.datasets.parsing.own_columns import OwnColumns
from cxrcompare.models import names, short_name
from cxrcompare.options import evaluation, experiment

_MOST = 100
"""Maximum length in bytes of an experiment's name, which is also a folder name."""


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
        if not name or name != name_of_folder(name):
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


def name_of_folder(name: str) -> str:
    """Returns a name with all characters that an experiment's name cannot have replaced by "_"."""
    kept = "".join(c if c.isalnum() or c in "-_. " else "_" for c in name)
    return kept.encode()[:_MOST].decode(errors="ignore").strip(". ")


def _need_one(values: Sequence[Any]) -> None:
    if not values:
        raise ValueError("must name at least one")


def _once(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) < len(values):
        raise ValueError("must not have repeated values")
    return values

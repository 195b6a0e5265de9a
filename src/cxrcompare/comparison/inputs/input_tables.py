"""Sources of a comparison: files, or tables in memory with the names of models or readers."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError
from cxrcompare.predictions import (
    Predictions,
    Reference,
    Rows,
    is_id,
    read_predictions,
    read_reader,
    read_reference,
    run_name,
    split_name,
)

if TYPE_CHECKING:
    from cxrcompare.predictions import TableSource

    Source = TableSource | Predictions
    """The predictions of a run."""
    Runs = Mapping[str, Source | Sequence[Source]] | Sequence[str | os.PathLike[str] | Predictions]
    """The predictions of all runs, by name, or named after their files."""
    Readers = Mapping[str, TableSource] | Sequence[str | os.PathLike[str]]
    """The ratings of all readers, by name, or named after their files."""


def predictions_of(
    what: str, given: Runs, scores: Callable[[str], bool], like: Rows
) -> list[Predictions]:
    """Returns the predictions of all runs.

    Args:
        what: The name of the argument, for error messages.
        given: {name: source}, where a list of sources holds the seeds 0, 1, ... of the name; or a
            list of files or `Predictions`, which have names.
        scores: Returns whether a model may have any finite scores, not only probabilities.
        like: The rows of the reference.

    Raises:
        InputError: A table is not valid, or has no name; the message names the table.
    """
    prefix = "" if what == "predictions" else f"{what} "
    return [
        _predictions(source, name, scores, like, f"{prefix}{name}")
        for name, source in named(what, given)
    ]


def models_of(what: str, given: Runs) -> set[str]:
    """Returns the names of the models; arguments as for `predictions_of`."""
    return {_run_of(source, name)[0] for name, source in named(what, given)}


def reference_of(given: TableSource | Reference, name: str = "") -> Reference:
    """Returns the reference standard; arguments as for `read_reference`."""
    return given if isinstance(given, Reference) else read_reference(given, name)


def readers_of(given: Readers, like: Rows) -> list[Reference]:
    """Returns the ratings of all readers; arguments as for `predictions_of`."""
    return [read_reader(source, name, like) for name, source in named("readers", given)]


def named(what: str, given: Any) -> list[tuple[str, Any]]:
    """Returns the name, empty for that of the file, and the source of every run or reader.

    Raises:
        InputError: `given` is neither a list nor a dict of tables, or a table has no name.
    """
    one_table = isinstance(given, str | os.PathLike | pd.DataFrame | Predictions)
    if one_table or _is_table(given) or not isinstance(given, Mapping | Sequence):
        received = given if isinstance(given, str | os.PathLike) else type(given).__name__
        raise InputError(
            f"`{what}` must be a list of files, or a dict of names and tables. Received: {received}"
        )
    if not isinstance(given, Mapping):
        return [("", source) for source in map(_with_own_name, given)]
    found: list[tuple[str, Any]] = []
    for name, source in given.items():
        if not isinstance(name, str) or not name.strip():
            raise InputError(f"`{what}` must have names of text. Received: {name!r}")
        if isinstance(source, list | tuple):
            found += [(f"{name}__seed{seed}", one) for seed, one in enumerate(source)]
        else:
            found.append((name, source))
    return found


def _is_table(given: Any) -> bool:
    """Returns whether a dict is one table of arrays instead of tables by name."""
    if not isinstance(given, Mapping) or not given:
        return False
    has_ids = any(is_id(name) for name in given if isinstance(name, str))
    return has_ids or all(isinstance(one, np.ndarray | pd.Series) for one in given.values())


def _with_own_name(source: Any) -> Any:
    if isinstance(source, pd.DataFrame | Mapping):
        raise InputError(
            "a table in memory needs a name: {name: table}. "
            f"Received: a list with a {type(source).__name__}"
        )
    return source


def _predictions(
    source: Source, name: str, scores: Callable[[str], bool], like: Rows, label: str
) -> Predictions:
    model, seed = _run_of(source, name)
    any_range = scores(model)
    if not isinstance(source, Predictions):
        return read_predictions(source, scores=any_range, name=name, like=like, label=label)
    _check_values(source, any_range)
    return dataclasses.replace(source, name=model, seed=seed, probabilities=not any_range)


def _run_of(source: Source, name: str) -> tuple[str, str]:
    """Returns the model and the seed of a source: by its name, or that of its file."""
    if name:
        return split_name(name)
    if isinstance(source, Predictions):
        return source.name, source.seed
    return run_name(source) if isinstance(source, str | os.PathLike) else ("", "")


def _check_values(one: Predictions, scores: bool) -> None:
    expected = (len(one.rows.ids), len(one.findings))
    if one.values.shape != expected:
        raise InputError(f"{one.path}: `values` must be {expected}. Received: {one.values.shape}")
    valid = np.isfinite(one.values)
    if not scores:
        valid &= (one.values >= 0) & (one.values <= 1)
    if not valid.all():
        first = one.values[~valid][0]
        expected_values = "finite scores" if scores else "probabilities in [0, 1]"
        raise InputError(f"{one.path}: must contain {expected_values}. Received: {first:g}")

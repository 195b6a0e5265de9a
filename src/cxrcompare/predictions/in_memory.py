"""Tables in memory as columns of cells: data frames, dicts of arrays, and arrays of npz files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare.errors import InputError, reason
from cxrcompare.predictions.columns import IMAGE, PATIENT, STUDY, is_text, key
from cxrcompare.predictions.table import Rows

IDS = ("ids", "id")
"""Names of an id column of images or of studies; the ids of the reference decide which."""

Column = list[str] | np.ndarray


def is_id(name: str) -> bool:
    """Returns whether a column of this name has the ids of images or studies."""
    return key(name) in {*IMAGE, *STUDY, *IDS}


def from_frame(path: Path, frame: pd.DataFrame) -> dict[str, Any]:
    """Returns the columns of a data frame, {name: (N,) values}.

    The index is used if its name is that of an id column, or if it is text and there is no id
    column. The order of the rows, and an index of numbers, have no meaning.

    Args:
        path: `<name>`, for error messages.
        frame: A row per image or study.

    Raises:
        InputError: Two columns have the same name.
    """
    names = [str(name) for name in frame.columns]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{path}: each column must have its own name. Received: {twice!r} twice")
    columns: dict[str, Any] = {name: frame.iloc[:, number] for number, name in enumerate(names)}
    for number, level in enumerate(frame.index.names):
        if (is_id(str(level)) or key(str(level)) in PATIENT) and str(level) not in columns:
            columns[str(level)] = frame.index.get_level_values(number)
    has_ids = any(map(is_id, columns))
    if not has_ids and frame.index.nlevels == 1 and not pd.api.types.is_numeric_dtype(frame.index):
        columns[IDS[0]] = frame.index
    return columns


def from_arrays(path: Path, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the columns of a dict of arrays, {name: (N,) values}.

    Args:
        path: `<name>`, or the npz file, for error messages.
        arrays: The ids, and either an array (N,) per finding, or `findings`, F names, and
            `scores`, (N, F).

    Raises:
        InputError: `findings` and `scores` do not fit each other.
    """
    columns = {str(name): values for name, values in arrays.items()}
    if "scores" not in columns and "findings" not in columns:
        return columns
    if "scores" not in columns or "findings" not in columns:
        raise InputError(
            f"{path}: must have both `findings` and `scores`, or an array per finding. "
            f"Received: {', '.join(columns)}"
        )
    findings = [str(name) for name in _array(path, "findings", columns.pop("findings")).ravel()]
    scores = _array(path, "scores", columns.pop("scores"))
    if scores.ndim != 2 or scores.shape[1] != len(findings):
        raise InputError(
            f"{path}: `scores` must be (N, {len(findings)}), a column per finding. "
            f"Received: {_shape(scores)}"
        )
    both = next((name for name in findings if name in columns or findings.count(name) > 1), None)
    if both is not None:
        raise InputError(f"{path}: each finding must be given once. Received: {both!r} twice")
    return columns | dict(zip(findings, scores.T, strict=True))


def cells(path: Path, columns: Mapping[str, Any], like: Rows | None) -> dict[str, Column]:
    """Returns the cells of each column: text, or (N,) float64.

    Args:
        path: `<name>`, or the npz file, for error messages.
        columns: {name: (N,) values}.
        like: The rows of the reference; they decide whether a column `ids` names images or studies.

    Raises:
        InputError: A column is not (N,), or contains values that are neither numbers nor text.
    """
    found: dict[str, Column] = {}
    length, first = None, ""
    for name, values in columns.items():
        array = _array(path, name, values)
        if array.ndim != 1:
            raise InputError(f"{path}: `{name}` must be (N,). Received: {_shape(array)}")
        if length is not None and len(array) != length:
            raise InputError(
                f"{path}: `{name}` must have {length} values, as {first!r} has. "
                f"Received: {len(array)}"
            )
        length, first = len(array), first or name
        found[name] = _cells(path, name, array)
    return _with_id_level(found, like)


def _array(path: Path, name: str, values: Any) -> np.ndarray:
    if isinstance(values, pd.Series | pd.Index):
        return _pandas(values)
    try:
        return np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:  # e.g. a torch tensor with gradient
        raise InputError(
            f"{path}: `{name}` must be an array. Received: {type(values).__name__}, {reason(error)}"
        ) from error


def _pandas(values: pd.Series | pd.Index) -> np.ndarray:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.to_numpy(dtype=object)
    if pd.api.types.is_float_dtype(values.dtype) or (
        pd.api.types.is_integer_dtype(values.dtype) and values.isna().any()
    ):
        return values.to_numpy(dtype=np.float64, na_value=np.nan)
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.to_numpy(dtype=np.int64)
    return values.to_numpy(dtype=object)


def _cells(path: Path, name: str, array: np.ndarray) -> Column:
    if array.dtype.kind in "iu" and is_text(name):
        return [str(value) for value in array.tolist()]
    if array.dtype.kind in "iufb":
        return array.astype(np.float64)
    if array.dtype.kind in "USO":
        return [_text(value) for value in array.tolist()]
    raise InputError(
        f"{path}: `{name}` must contain numbers or text. Received: dtype {array.dtype}"
    )


def _text(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(int(value)) if isinstance(value, bool | np.bool_) else str(value)


def _with_id_level(columns: dict[str, Column], like: Rows | None) -> dict[str, Column]:
    """Renames a column `ids` to `image_id` or `study_id`, unless there is an image id."""
    keys = {key(name): name for name in columns}
    generic = next((keys[name] for name in IDS if name in keys), None)
    if generic is None or any(name in keys for name in IMAGE):
        return columns
    level = "image"
    if like is not None and not any(name in keys for name in STUDY):
        level = _level(columns[generic], like)
    return {f"{level}_id" if name == generic else name: one for name, one in columns.items()}


def _level(ids: Column, like: Rows) -> str:
    names = _names(ids)
    if not names.isdisjoint(like.ids.tolist()):
        return like.level
    return "study" if not names.isdisjoint(like.studies.tolist()) else "image"


def _names(ids: Column) -> set[str]:
    if isinstance(ids, np.ndarray):
        return {f"{value:.15g}" for value in ids.tolist()}
    return {value.strip() for value in ids} - {""}


def _shape(array: np.ndarray) -> str:
    return f"shape={tuple(array.shape)}"


def kinds(source: object) -> str:
    """Returns what a source of a table may be, and what was received, for error messages."""
    received = type(source).__name__
    if isinstance(source, np.ndarray):
        received = f"an array without ids, {_shape(source)}"
    elif isinstance(source, Sequence) and not isinstance(source, str | bytes):
        received = f"a {received} of {len(source)}"
    return (
        "must be a file, a data frame, a dict of arrays (ids and an array per finding) or "
        f"Predictions. Received: {received}"
    )

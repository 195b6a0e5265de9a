"""Comparison: all results of a comparison as tables; the content of `comparison.json`."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from typing import Any, get_type_hints

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from cxrcompare import files
from cxrcompare.errors import InputError

FORMAT = 1

TABLES: dict[str, tuple[str, ...]] = {
    "metrics": (
        "model",
        "seed",
        "finding",
        "metric",
        "value",
        "low",
        "high",
        "positives",
        "negatives",
        "subgroup",
        "defined",
        "method",
        "patient_sd",
        "seed_sd",
    ),
    "differences": (
        "model_a",
        "model_b",
        "finding",
        "metric",
        "difference",
        "low",
        "high",
        "p_value",
        "p_adjusted",
        "method",
        "subgroup",
        "p_adjusted_all",
    ),
    "ranks": ("model", "metric", "rank", "low", "high", "probability_best", "tie_group"),
    "readers": (
        "model",
        "finding",
        "reader",
        "reader_sensitivity",
        "reader_specificity",
        "below_curve",
        "sensitivity_low",
        "sensitivity_high",
        "specificity_low",
        "specificity_high",
        "model_sensitivity_at_reader",
        "model_specificity_at_reader",
    ),
    "agreement": ("finding", "reader_a", "reader_b", "kappa", "low", "high"),
    "counts": ("finding", "positives", "negatives", "unknown"),
    "resolution": ("finding", "metric", "minimum_detectable_difference", "power", "level", "basis"),
    "thresholds": ("model", "seed", "finding", "threshold", "rule", "source"),
    "confusion": ("model", "seed", "finding", "threshold", "tp", "fp", "fn", "tn"),
    "warnings": ("code", "message", "model", "finding"),
}
"""The columns of each table, in order."""


@dataclass(frozen=True)
class Comparison:
    """The protocol and all results of a comparison.

    Tables are data frames with the columns of `TABLES`. `seed` is "all" in the row of an
    architecture (its mean over seeds) and the seed's number in the row of one run. `finding` is a
    finding's name, "mean" (macro; `defined` is the number of findings) or "micro". `subgroup` is
    empty for the whole test set, else `column=value`. Undefined numbers are NaN.

    Attributes:
        protocol: Data, options and environment. Keys, each a text or number that a report can show
            unchanged, or None if not stated: title, data, split, synthetic (bool), unit,
            views_rule, reference, images, studies, patients, uncertainty_policy, blank_rule,
            thresholds_rule, thresholds_source, seeds ({model: [seed, ...]}), replicates,
            degenerate_replicates, level, interval, resampled ("patients", or "studies" where
            patients are unknown), correction, random_seed, non_inferiority_margin, ece_bins,
            scores ("probabilities" or "scores"), versions ({package: version}), hardware, commit,
            command.
        models: One dict per row of the main table, networks in order of their rank, baselines
            last: name, kind ("network", or "trivial" for a baseline), seeds (list), description,
            and cost, None or {parameters, train_seconds, images_per_second,
            prediction_images_per_second, epochs, weights, recipe, image_size} as means over seeds.
        findings: The findings compared, in order.
        curves: {finding: {model: {...}}} for networks, of all seeds together:
            roc: {fpr, tpr, low, high} on a grid of false positive rates;
            pr: {recall, precision, low, high} on a grid of recalls;
            reliability: a list of {left, right, predicted, observed, low, high, count};
            histogram: {edges, positive, negative}, counts of scores per bin by reference label;
            operating: {threshold, tp, fp}, cumulative counts at ascending thresholds ("positive
            where the score is at least the threshold"), at most 201 of them; absent if the model
            has no threshold.
            And {finding: {"": {positives, negatives}}}.
        multilabel_confusion: {model: {"rows": [...], "columns": [...], "counts": [[...]]}} after
            Heydarian et al. 2022; the last row is "no true label", the last column "no predicted
            label".
        training: {model: {seed: {column of history.csv: [value of each epoch]}}}; may be empty.
        subgroups: {column: {value: count of units}}; may be empty.
        extra: Further results by name, as JSON values (e.g. non-inferiority tests).
    """

    protocol: dict[str, Any]
    models: list[dict[str, Any]]
    findings: tuple[str, ...]
    metrics: pd.DataFrame
    differences: pd.DataFrame
    ranks: pd.DataFrame
    readers: pd.DataFrame
    agreement: pd.DataFrame
    counts: pd.DataFrame
    resolution: pd.DataFrame
    thresholds: pd.DataFrame
    confusion: pd.DataFrame
    warnings: pd.DataFrame
    curves: dict[str, dict[str, dict[str, Any]]]
    multilabel_confusion: dict[str, dict[str, Any]]
    training: dict[str, dict[str, dict[str, list[Any]]]] = field(default_factory=dict)
    subgroups: dict[str, dict[str, int]] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Checks that every table has its columns."""
        for name, columns in TABLES.items():
            table = getattr(self, name)
            if tuple(table.columns) != columns:
                raise ValueError(
                    f"`{name}` must have the columns {columns}. Received: {tuple(table.columns)}"
                )

    def write(self, path: str | os.PathLike[str]) -> None:
        """Writes `comparison.json` with tables by column and undefined numbers as null."""
        content: dict[str, Any] = {"format": FORMAT}
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, pd.DataFrame):
                value = {column: value[column].tolist() for column in value.columns}
            content[item.name] = value
        files.write_json(path, content)


def read(path: str | os.PathLike[str]) -> Comparison:
    """Reads `comparison.json`.

    Raises:
        InputError: The file does not exist, is not a comparison, has another format version, or a
            field has the wrong type.
    """
    content = files.read_json(path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InputError(f"{path}: must be a comparison.json of format {FORMAT}")
    try:
        values = {item.name: content[item.name] for item in fields(Comparison)}
        _check_types(path, values)
        for name, columns in TABLES.items():
            values[name] = _frame(values[name], columns)
        values["findings"] = tuple(values["findings"])
        return Comparison(**values)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"{path}: must be a complete comparison.json. Received: {error!r}"
        ) from error


_AS_JSON: dict[Any, Any] = {pd.DataFrame: dict[str, list[Any]], tuple[str, ...]: list[str]}


def _check_types(path: str | os.PathLike[str], values: dict[str, Any]) -> None:
    for name, kind in get_type_hints(Comparison).items():
        try:
            TypeAdapter(_AS_JSON.get(kind, kind)).validate_python(values[name], strict=True)
        except ValidationError as error:
            first = error.errors()[0]
            location = ".".join(map(str, (name, *first["loc"])))
            expected = first["msg"].removeprefix("Input should be ")
            raise InputError(
                f"{path}: `{location}` must be {expected}. Received: {repr(first['input'])[:40]}"
            ) from error


_NUMBERS = frozenset(
    name
    for columns in TABLES.values()
    for name in columns
    if name.endswith(("low", "high", "_sd", "sensitivity", "specificity", "_at_reader"))
) | {
    "value",
    "positives",
    "negatives",
    "unknown",
    "defined",
    "difference",
    "p_value",
    "p_adjusted",
    "p_adjusted_all",
    "rank",
    "probability_best",
    "kappa",
    "minimum_detectable_difference",
    "power",
    "level",
    "threshold",
    "tp",
    "fp",
    "fn",
    "tn",
}


def _frame(columns: dict[str, list[Any]], order: tuple[str, ...]) -> pd.DataFrame:
    frame = pd.DataFrame({name: columns[name] for name in order})
    for name in order:
        if name in _NUMBERS:
            frame[name] = pd.to_numeric(frame[name], errors="raise")
    return frame


def table(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Returns a table of the comparison with the columns of `TABLES` in order.

    Args:
        name: A key of `TABLES`.
        rows: One dict per row, each with every column.
    """
    return pd.DataFrame(rows, columns=list(TABLES[name]))

"""Comparison: all results of a comparison as tables; the content of `comparison.json`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cxrcompare.comparison.result.content import FORMAT, check, numeric_columns
from cxrcompare.comparison.result.content_types import (
    Curves,
    History,
    ModelRow,
    MultilabelConfusion,
    Protocol,
)
from cxrcompare.comparison.row_types.all_rows import ROWS
from cxrcompare.filesystem import files
from cxrcompare.filesystem.files import JsonText

TABLES: dict[str, tuple[str, ...]] = {name: row._fields for name, row in ROWS.items()}
"""The columns of each table, in order."""


def table(name: str, rows: Sequence[NamedTuple] = ()) -> pd.DataFrame:
    """Returns a table of the comparison with the columns of `TABLES` in order.

    Args:
        name: A key of `TABLES`.
        rows: Rows of the type `ROWS[name]`.
    """
    names = TABLES[name]
    if not rows:  # most tables are empty, and pandas would look for the types of their columns
        numeric = numeric_columns(name)
        kinds = {column: np.int64 if column in numeric else object for column in names}
        return pd.DataFrame({column: np.empty(0, dtype=kind) for column, kind in kinds.items()})
    return _numeric(name, pd.DataFrame(list(rows), columns=list(names)))


def _numeric(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    for column in numeric_columns(name):
        frame[column] = pd.to_numeric(frame[column])
    return frame


@dataclass(frozen=True)
class Comparison:
    """The protocol and all results of a comparison.

    Tables are data frames with the columns of `TABLES`, whose row types are in
    `comparison.row_types`. Undefined numbers are NaN.

    Attributes:
        protocol: Data, options and environment.
        models: The rows of the main table, networks in order of their rank, baselines last.
        findings: The findings compared, in order.
        curves: {finding: {network: curves of all its seeds together}}; empty without both classes.
        multilabel_confusion: {network: table} after Heydarian et al. 2022; the last row is "no true
            label", the last column "no predicted label".
        training: {model: {seed: {column of history.csv: [value of each epoch]}}}; may be empty.
        subgroups: {column: {value: count of units}}; may be empty.
        non_inferiority: Non-inferiority tests; empty without a margin.
        against_trivial: Differences between networks and baselines.
        added_to_metadata: Networks combined with metadata against metadata alone.
        net_benefit: Decision curves; empty for scores that are not probabilities.
        net_benefit_differences: Paired differences at the decision thresholds.
        analytic: Analytic tests, in addition to the bootstrap.
        subgroup_gaps: Each group minus the rest of the test set or minus the reference group.
        gap_differences: The gap of one network minus that of another, paired.
        reference_agreement: The reference as a labeller against the second reference.
        reference_models: AUROCs and ranks under both references.
        reference_pairs: Verdicts under both references, and the change of each difference.
        reference_order: Joint tests that both references change all networks alike.
        label_correction: Metrics corrected for the error rates of the labeller.
        label_correction_pairs: AUROC differences corrected for them.
        reader_panel: Networks against the mean reader and against the panel of readers.
        reader_net_benefit: Net benefit of readers at the decision thresholds.
        partial_pooling: AUROC differences in a model that pools findings.
        site_metrics: AUROCs at each site.
        site_differences: Paired AUROC differences at each site.
        site_pooled: Differences pooled over sites, with heterogeneity and prediction interval.
        model_agreement: Kappa of each pair of networks at their thresholds.
        joint_errors: How often one network alone is right or wrong, and how often all are.
        disagreements: The units on which networks disagree most, or that all get wrong.
        net_benefit_opponents: Networks against treating all and treating none.
        at_prevalence: What each model does at its thresholds at a site of a given prevalence.
        cost_differences: Paired differences of costs at the site.
        calibration_errors: Smoothed calibration errors with tests of calibration.
        calibration_differences: Paired differences of the squared smoothed calibration errors.
        recalibrated: Networks as they are and recalibrated on validation.
        recalibrated_differences: Recalibrated against raw, and recalibrated networks in pairs.
        recalibrated_curves: Decision curves of recalibrated networks.
        views_calibration: Calibration with the maximum and with the mean over views.
        operating_points: Networks at the same sensitivity, specificity and flags, side by side.
        localisation: Measures of maps against true regions; empty without maps or regions.
        localisation_differences: Paired differences of these measures.
        map_agreement: Rank correlations of the maps of seeds, networks and random weights.
        localisation_correctness: Whether detected images are localised better than missed ones.
        map_mass: The share of the maps' excess over negative images in lungs, heart and region.
        sample_size: Units needed to detect a difference, or to show equivalence.
        readers_below: {network: {finding, or "mean": number of readers below its ROC curve}}.
        degenerate_replicates: {finding: number of replicates with one class}.
    """

    protocol: Protocol
    models: list[ModelRow]
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
    curves: dict[str, dict[str, Curves]]
    multilabel_confusion: dict[str, MultilabelConfusion]
    training: dict[str, dict[str, History]] = field(default_factory=dict)
    subgroups: dict[str, dict[str, int]] = field(default_factory=dict)
    non_inferiority: pd.DataFrame = field(default_factory=partial(table, "non_inferiority"))
    against_trivial: pd.DataFrame = field(default_factory=partial(table, "against_trivial"))
    added_to_metadata: pd.DataFrame = field(default_factory=partial(table, "added_to_metadata"))
    net_benefit: pd.DataFrame = field(default_factory=partial(table, "net_benefit"))
    net_benefit_differences: pd.DataFrame = field(
        default_factory=partial(table, "net_benefit_differences")
    )
    analytic: pd.DataFrame = field(default_factory=partial(table, "analytic"))
    subgroup_gaps: pd.DataFrame = field(default_factory=partial(table, "subgroup_gaps"))
    sample_size: pd.DataFrame = field(default_factory=partial(table, "sample_size"))
    model_agreement: pd.DataFrame = field(default_factory=partial(table, "model_agreement"))
    joint_errors: pd.DataFrame = field(default_factory=partial(table, "joint_errors"))
    disagreements: pd.DataFrame = field(default_factory=partial(table, "disagreements"))
    localisation: pd.DataFrame = field(default_factory=partial(table, "localisation"))
    localisation_differences: pd.DataFrame = field(
        default_factory=partial(table, "localisation_differences")
    )
    map_agreement: pd.DataFrame = field(default_factory=partial(table, "map_agreement"))
    localisation_correctness: pd.DataFrame = field(
        default_factory=partial(table, "localisation_correctness")
    )
    map_mass: pd.DataFrame = field(default_factory=partial(table, "map_mass"))
    gap_differences: pd.DataFrame = field(default_factory=partial(table, "gap_differences"))
    net_benefit_opponents: pd.DataFrame = field(
        default_factory=partial(table, "net_benefit_opponents")
    )
    at_prevalence: pd.DataFrame = field(default_factory=partial(table, "at_prevalence"))
    cost_differences: pd.DataFrame = field(default_factory=partial(table, "cost_differences"))
    calibration_errors: pd.DataFrame = field(default_factory=partial(table, "calibration_errors"))
    calibration_differences: pd.DataFrame = field(
        default_factory=partial(table, "calibration_differences")
    )
    recalibrated: pd.DataFrame = field(default_factory=partial(table, "recalibrated"))
    recalibrated_differences: pd.DataFrame = field(
        default_factory=partial(table, "recalibrated_differences")
    )
    recalibrated_curves: pd.DataFrame = field(default_factory=partial(table, "recalibrated_curves"))
    views_calibration: pd.DataFrame = field(default_factory=partial(table, "views_calibration"))
    operating_points: pd.DataFrame = field(default_factory=partial(table, "operating_points"))
    reference_agreement: pd.DataFrame = field(default_factory=partial(table, "reference_agreement"))
    reference_models: pd.DataFrame = field(default_factory=partial(table, "reference_models"))
    reference_pairs: pd.DataFrame = field(default_factory=partial(table, "reference_pairs"))
    reference_order: pd.DataFrame = field(default_factory=partial(table, "reference_order"))
    label_correction: pd.DataFrame = field(default_factory=partial(table, "label_correction"))
    label_correction_pairs: pd.DataFrame = field(
        default_factory=partial(table, "label_correction_pairs")
    )
    site_metrics: pd.DataFrame = field(default_factory=partial(table, "site_metrics"))
    site_differences: pd.DataFrame = field(default_factory=partial(table, "site_differences"))
    site_pooled: pd.DataFrame = field(default_factory=partial(table, "site_pooled"))
    reader_panel: pd.DataFrame = field(default_factory=partial(table, "reader_panel"))
    reader_net_benefit: pd.DataFrame = field(default_factory=partial(table, "reader_net_benefit"))
    partial_pooling: pd.DataFrame = field(default_factory=partial(table, "partial_pooling"))
    readers_below: dict[str, dict[str, float | None]] = field(default_factory=dict)
    degenerate_replicates: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Checks that every table has its columns."""
        for name, columns in TABLES.items():
            table = getattr(self, name)
            if tuple(table.columns) != columns:
                raise ValueError(
                    f"`{name}` must have the columns {columns}. Received: {tuple(table.columns)}"
                )

    def write(
        self, path: str | os.PathLike[str], tables: Mapping[str, JsonText] | None = None
    ) -> None:
        """Writes `comparison.json` with tables by column and undefined numbers as null.

        Args:
            path: The file.
            tables: The JSON of some tables, e.g. from `table_text`.
        """
        content: dict[str, Any] = {"format": FORMAT}
        for item in fields(self):
            value = getattr(self, item.name)
            if tables is not None and item.name in tables:
                value = tables[item.name]
            elif isinstance(value, pd.DataFrame):
                value = {column: value[column].tolist() for column in value.columns}
            content[item.name] = value
        files.write_text(path, files.compact_json_text(content))


def read(path: str | os.PathLike[str]) -> Comparison:
    """Reads `comparison.json`.

    Raises:
        InputError: The file does not exist, is not a comparison, has another format version, or a
            field has a wrong type, range, length or name.
    """
    content = files.read_json(path)
    check(path, content)
    values = {item.name: content[item.name] for item in fields(Comparison)}
    values |= {
        name: _numeric(name, pd.DataFrame(content[name], columns=list(columns)))
        for name, columns in TABLES.items()
    }
    values["findings"] = tuple(values["findings"])
    return Comparison(**values)

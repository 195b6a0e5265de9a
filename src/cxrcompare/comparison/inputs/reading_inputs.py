"""Reads all inputs of a comparison and joins them by id and finding name."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.ensembles import added_runs
from cxrcompare.comparison.ensembles.chosen import Ensemble
from cxrcompare.comparison.inputs import (
    given_prevalence,
    second_labels,
    several_sites,
    validation_inputs,
)
from cxrcompare.comparison.inputs.given_prevalence import Site
from cxrcompare.comparison.inputs.input_tables import (
    models_of,
    predictions_of,
    readers_of,
)
from cxrcompare.comparison.inputs.sources import Sources
from cxrcompare.comparison.inputs.thresholds import given_thresholds
from cxrcompare.errors import InputError
from cxrcompare.evaluation.thresholds.label_noise import LabellerRates
from cxrcompare.predictions import (
    Aligned,
    Metadata,
    Note,
    Predictions,
    Reference,
    TrainingRows,
    align,
    attach_metadata,
    attach_reader,
    read_metadata,
    training_rows,
)

if TYPE_CHECKING:
    from cxrcompare.comparison.inputs.input_tables import Readers


@dataclass(frozen=True)
class Inputs:
    """The aligned input files of a comparison.

    Attributes:
        predictions: The files of the test set; the seeds of an architecture are adjacent.
        standard: The reference standard of the test set.
        test: Aligned labels and scores of the test set.
        validation: The same runs and findings on other studies, or None.
        ratings: {reader: (N, F) in {0, 1, NaN}}.
        test_metadata: {column: (N,) text}.
        validation_metadata: The same columns of validation; empty if not available.
        training: Metadata and labels of training units from the same file, or None.
        notes: Warnings.
        thresholds: (M, F), the thresholds that the user gives, or None.
        second_labels: (N, F) in {0, 1, NaN}, the second reference, or None.
        labeller_rates: {finding: the error rates of the labeller}; may be empty.
        sites: (N,) text, the site of each unit, empty if not known; None without sites.
        ensembles: The ensembles among the runs.
        site_of_finding: {finding: prevalence and costs at the user's site}; may be empty.
        other_views: (M0, N, F), the scores of the runs that are no ensembles if the views of a
            study are combined by the rule that was not chosen; None if no study has several views.
    """

    predictions: tuple[Predictions, ...]
    standard: Reference
    test: Aligned
    validation: Aligned | None
    ratings: dict[str, np.ndarray]
    test_metadata: dict[str, np.ndarray]
    validation_metadata: dict[str, np.ndarray]
    training: TrainingRows | None
    notes: tuple[Note, ...]
    thresholds: np.ndarray | None = None
    second_labels: np.ndarray | None = None
    labeller_rates: Mapping[str, LabellerRates] = field(default_factory=dict)
    sites: np.ndarray | None = None
    ensembles: tuple[Ensemble, ...] = ()
    site_of_finding: Mapping[str, Site] = field(default_factory=dict)
    other_views: np.ndarray | None = None


def read(sources: Sources, options: Options) -> Inputs:
    """Reads and joins all files.

    Raises:
        InputError: A file is not valid, or does not match the others.
    """
    _check_scores(models_of("predictions", sources.predictions), options)
    references = several_sites.references_of(sources.reference)
    standard = several_sites.together(references)
    files = predictions_of("predictions", sources.predictions, options.has_scores, standard.rows)
    if len(references) > 1:
        files = several_sites.merged(files)
    test = align(files, standard, options.unit, options.views_rule, options.findings)
    order = _by_architecture(test)
    files = [files[index] for index in order]
    test = dataclasses.replace(
        test, runs=tuple(test.runs[index] for index in order), scores=test.scores[order]
    )
    held_out, held_out_tables = validation_inputs.read(test, sources, options)
    tables: list[Reference | Predictions] = [standard, *files]
    ratings, notes = _readers(sources.readers, standard, test, tables)
    second: np.ndarray | None = None
    more: list[Note] = []
    if sources.second_reference is not None:
        second, more = second_labels.second_reference(sources.second_reference, test, tables)
    rates = {}
    if sources.labeller_rates is not None:
        rates = second_labels.labeller_rates(sources.labeller_rates, test)
    about, about_validation, training = _subgroups(
        sources, standard, test, tables, held_out, held_out_tables
    )
    sites = None
    if len(references) > 1:
        sites = several_sites.sites_of_units(references, test, tables)
    if options.site is not None:
        sites = _site(options.site, about, sites is not None)
    prevalence = options.prevalence if sources.prevalence is None else sources.prevalence
    at_site = {} if prevalence is None else given_prevalence.read(prevalence, test.findings)
    added = added_runs.add(files, test, held_out, options.ensemble, options.ensemble_rule)
    thresholds = None
    if sources.thresholds is not None:
        probabilities = np.array([one.probabilities for one in added.files])
        thresholds = given_thresholds.read(sources.thresholds, added.test, probabilities)
    return Inputs(
        predictions=tuple(added.files),
        standard=standard,
        test=added.test,
        validation=added.validation,
        ratings=ratings,
        test_metadata=about,
        validation_metadata=about_validation,
        training=training,
        notes=(*test.notes, *notes, *more, *added.notes),
        thresholds=thresholds,
        second_labels=second,
        labeller_rates=rates,
        sites=sites,
        ensembles=added.ensembles,
        site_of_finding=at_site,
        other_views=_other_views(files, standard, test, options),
    )


def _subgroups(
    sources: Sources,
    standard: Reference,
    test: Aligned,
    tables: list[Reference | Predictions],
    validation: Aligned | None,
    validation_tables: list[Reference | Predictions],
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], TrainingRows | None]:
    """Returns the metadata of test and validation units, and those of training units."""
    if sources.subgroups is None:
        return {}, {}, None
    metadata = read_metadata(sources.subgroups, standard.rows, test.findings)
    about = _metadata(metadata, test, tables)
    if validation is None:
        return about, {}, training_rows(metadata, [test])
    return (
        about,
        _metadata(metadata, validation, validation_tables, required=False),
        training_rows(metadata, [test, validation]),
    )


def _other_views(
    files: list[Predictions], standard: Reference, test: Aligned, options: Options
) -> np.ndarray | None:
    if options.unit != "study" or test.images is None or test.images <= len(test.units):
        return None
    other = "mean" if options.views_rule == "max" else "max"
    return align(files, standard, options.unit, other, test.findings).scores


def _site(column: str, about: dict[str, np.ndarray], several: bool) -> np.ndarray:
    """Returns the values of the column that names the sites."""
    if several:
        raise InputError(
            f"`site` must not be given with several references. Received: {column} and references "
            "of several sites"
        )
    if column not in about:
        raise InputError(
            f"`site` must be a column of the subgroups ({', '.join(about) or 'none are given'}). "
            f"Received: {column}"
        )
    return about[column]


def _check_scores(names: set[str], options: Options) -> None:
    unknown = [] if isinstance(options.scores, bool) else sorted({*options.scores} - names)
    if unknown:
        raise InputError(
            f"`scores` must name models, of {', '.join(sorted(names))}. Received: "
            f"{', '.join(unknown)}"
        )


def _by_architecture(test: Aligned) -> list[int]:
    """Returns run indices grouped by architecture in file order, seeds in numeric order."""
    first: dict[str, int] = {}
    for index, (name, _) in enumerate(test.runs):
        first.setdefault(name, index)
    return sorted(
        range(len(test.runs)), key=lambda m: (first[test.runs[m][0]], int(test.runs[m][1] or 0))
    )


def _readers(
    given: Readers, standard: Reference, test: Aligned, tables: list[Reference | Predictions]
) -> tuple[dict[str, np.ndarray], list[Note]]:
    ratings: dict[str, np.ndarray] = {}
    notes: list[Note] = []
    for one in readers_of(given, standard.rows):
        if one.name in ratings:
            raise InputError(
                f"{one.path}: each reader must have a unique file name. Received: {one.name}"
            )
        ratings[one.name], more = attach_reader(one, test, tables)
        notes += more
    return ratings, notes


def _metadata(
    metadata: Metadata,
    aligned: Aligned,
    tables: list[Reference | Predictions],
    required: bool = True,
) -> dict[str, np.ndarray]:
    columns = attach_metadata(metadata, aligned, tables)
    any_value = any((values != "").any() for values in columns.values())
    if not any_value and required and _has_ids(metadata, aligned):
        raise InputError(
            f"{metadata.path}: must contain a value of {', '.join(columns)} for the test set. "
            "Received: blank cells only"
        )
    if not any_value and required:
        raise InputError(
            f"{metadata.path}: must contain ids of the test set, such as {aligned.units[0]!r}. "
            f"Received: none of them; its first id is {metadata.rows.ids[0]!r}"
        )
    return columns if any_value else {}


def _has_ids(metadata: Metadata, aligned: Aligned) -> bool:
    """Returns whether a table of metadata names a unit or a study of the aligned files."""
    ids = set(metadata.rows.ids.tolist()) | set(metadata.rows.studies.tolist())
    return not ids.isdisjoint([*aligned.units.tolist(), *aligned.studies.tolist()])

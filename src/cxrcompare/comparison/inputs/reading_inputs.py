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
from cxrcompare.comparison.inputs import given_prevalence, second_labels, several_sites
from cxrcompare.comparison.inputs.given_prevalence import Site
from cxrcompare.comparison.inputs.input_tables import (
    models_of,
    named,
    predictions_of,
    readers_of,
    reference_of,
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
    held_out, held_out_tables = _validation(test, sources, options)
    ratings, notes = _readers(sources.readers, standard, test, [standard, *files])
    second: np.ndarray | None = None
    more: list[Note] = []
    if sources.second_reference is not None:
        second, more = second_labels.second_reference(
            sources.second_reference, test, [standard, *files]
        )
    sites = None
    if len(references) > 1:
        sites = several_sites.sites_of_units(references, test, [standard, *files])
    metadata = None
    if sources.subgroups is not None:
        metadata = read_metadata(sources.subgroups, standard.rows, test.findings)
    about = _metadata(metadata, test, [standard, *files]) if metadata is not None else {}
    if options.site is not None:
        sites = _site(options.site, about, sites is not None)
    at_site = options.prevalence if sources.prevalence is None else sources.prevalence
    added = added_runs.add(files, test, held_out, options.ensemble, options.ensemble_rule)
    return Inputs(
        tuple(added.files),
        standard,
        added.test,
        added.validation,
        ratings,
        about,
        _metadata(metadata, held_out, held_out_tables, required=False)
        if metadata is not None and held_out is not None
        else {},
        training_rows(metadata, [test, *([] if held_out is None else [held_out])])
        if metadata is not None
        else None,
        (*test.notes, *notes, *more, *added.notes),
        None
        if sources.thresholds is None
        else given_thresholds.read(
            sources.thresholds, added.test, np.array([one.probabilities for one in added.files])
        ),
        second,
        {}
        if sources.labeller_rates is None
        else second_labels.labeller_rates(sources.labeller_rates, test),
        sites,
        added.ensembles,
        {} if at_site is None else given_prevalence.read(at_site, test.findings),
        _other_views(files, standard, test, options),
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


def _validation(
    test: Aligned, sources: Sources, options: Options
) -> tuple[Aligned | None, list[Reference | Predictions]]:
    """Reads the validation set of the same runs; rejects studies or patients of the test set."""
    given, reference = sources.validation, sources.validation_reference
    empty = not named("validation", given)
    if empty == (reference is not None):
        missing = "`validation`" if empty else "`validation_reference`"
        raise InputError(
            f"{missing} must be given too: thresholds need both validation predictions and their "
            "reference standard. Received: one of them"
        )
    if reference is None:
        return None, []
    standard = reference_of(reference, "validation reference")
    files = _matching(test, predictions_of("validation", given, options.has_scores, standard.rows))
    held_out = align(files, standard, options.unit, options.views_rule, test.findings)
    columns = [held_out.findings.index(finding) for finding in test.findings]
    held_out = dataclasses.replace(
        held_out,
        findings=test.findings,
        labels=held_out.labels[:, columns],
        scores=held_out.scores[:, :, columns],
    )
    for what, own, other in (
        ("studies", held_out.studies, test.studies),
        ("patients", held_out.patients, test.patients),
    ):
        shared = np.intersect1d(own.astype(str), other.astype(str))
        if len(shared):
            raise InputError(
                f"{standard.path}: validation must share no {what} with the test set. Received: "
                f"{len(shared)} in both, the first {shared[0]}"
            )
    return held_out, [standard, *files]


def _matching(test: Aligned, files: list[Predictions]) -> list[Predictions]:
    by_run = {(one.name, one.seed): one for one in files}
    missing = [run for run in test.runs if run not in by_run]
    extra = [run for run in by_run if run not in test.runs]
    if missing or extra or len(by_run) < len(files):
        problem = "none for" if missing else "a file without a match," if extra else "two of"
        names = ", ".join(
            f"{name}__seed{seed}" if seed else name for name, seed in missing or extra or by_run
        )
        raise InputError(
            "`validation` must have one file of the same name for each file of predictions. "
            f"Received: {problem} {names}"
        )
    return [by_run[run] for run in test.runs]


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

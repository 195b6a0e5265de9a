"""Compares the prediction files of any models: which differ, by how much, how certainly."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from cxrcompare.comparison import (
    added_to_metadata,
    curve_tables,
    data_quality,
    further,
)
from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.decisions import decision_tables, operating_points
from cxrcompare.comparison.decisions.operating_points import AT_FLAGS
from cxrcompare.comparison.inference import (
    analytic_check,
    detectable_difference,
    differences,
    metric_methods,
    non_inferiority,
    ranks,
    scoring,
    tested_estimates,
)
from cxrcompare.comparison.inference.estimates import (
    calibration_lines,
    metric_estimates,
    seed_averages,
)
from cxrcompare.comparison.inputs import run_costs
from cxrcompare.comparison.inputs.all_inputs import STEPS, reading
from cxrcompare.comparison.inputs.assembly import assemble
from cxrcompare.comparison.inputs.baselines import metadata_baseline
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.inputs.protocol import protocol
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.inputs.sources import Sources
from cxrcompare.comparison.readers import against_models
from cxrcompare.comparison.result.comparison import Comparison, table
from cxrcompare.comparison.result.content_types import History, ModelRow
from cxrcompare.comparison.row_types.main_rows import CountRow, DifferenceRow, RankRow, WarningRow
from cxrcompare.comparison.subgroups import within_groups
from cxrcompare.comparison.suspicions import all_checks
from cxrcompare.evaluation import metrics
from cxrcompare.evaluation.bootstrap.one_class import one_class
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.thresholds import roc_points
from cxrcompare.predictions import Note, Predictions, Reference
from cxrcompare.progress import Advance
from cxrcompare.threads import threads_for

if TYPE_CHECKING:
    from cxrcompare.comparison.inputs.given_prevalence import PrevalenceSource
    from cxrcompare.comparison.inputs.input_tables import Readers, Runs
    from cxrcompare.comparison.inputs.second_labels import RatesSource
    from cxrcompare.comparison.inputs.several_sites import References
    from cxrcompare.comparison.inputs.thresholds.given_thresholds import ThresholdsSource
    from cxrcompare.predictions import TableSource

__all__ = ["Options", "compare"]


def compare(
    predictions: Runs,
    reference: References,
    *,
    validation: Runs = (),
    validation_reference: TableSource | Reference | None = None,
    readers: Readers = (),
    subgroups: TableSource | None = None,
    thresholds: ThresholdsSource | None = None,
    second_reference: TableSource | Reference | None = None,
    labeller_rates: RatesSource | None = None,
    prevalence: PrevalenceSource | None = None,
    options: Options = Options(),  # noqa: B008
    context: Mapping[str, Any] | None = None,
) -> Comparison:
    """Compares models on one test set.

    Args:
        predictions: See `Sources`, like all arguments up to `prevalence`.
        reference: The reference standard of the test set.
        validation: Predictions of the same runs on other patients.
        validation_reference: The reference standard of validation.
        readers: One table per human reader of the test set.
        subgroups: A table of sex, age, view, ... of the test set.
        thresholds: Thresholds to use instead of choosing them.
        second_reference: Other labels of the same test set, e.g. of experts.
        labeller_rates: The sensitivity and specificity of the labeller of the reference.
        prevalence: The prevalence at your site, instead of the file of the options.
        options: See `Options`.
        context: Facts that the files do not contain: data, split, patients_source,
            finding_columns, rejected_files, near_duplicates, starting_weights, device, synthetic,
            uncertainty_policy, blank_rule, command, title, training_prevalence ({finding: share}),
            notes (warnings).

    Returns:
        The comparison.

    Raises:
        InputError: A file or an option is not valid; the message names the file and position.
    """
    sources = Sources(
        predictions,
        reference,
        validation,
        validation_reference,
        readers,
        subgroups,
        thresholds,
        second_reference,
        labeller_rates,
        prevalence,
    )
    with reading(sources, options) as (inputs, advance):
        return compare_inputs(inputs, options, dict(context or {}), advance)


@threadpool_limits.wrap(limits=1)  # for the same bytes with any number of cores; also faster
def compare_inputs(
    inputs: Inputs, options: Options, context: dict[str, Any], advance: Advance
) -> Comparison:
    """Compares the models of inputs that were read; see `compare`.

    Args:
        inputs: From `reading`.
        options: See `Options`.
        context: Facts that the files do not contain.
        advance: Is called after each step; `note` is the next step.
    """
    steps = iter(STEPS)

    def done() -> None:
        advance(note=next(steps))

    done()
    all_checks.refuse(inputs)
    rng = np.random.default_rng(options.seed)
    panel, described, chosen, notes, metadata = assemble(inputs, options, context, rng)
    runs = scoring.score(panel, _wanted(panel), options.bins)
    weights = seed_averages.seed_weights(panel, rng)
    done()
    with threads_for(panel.scores.size) as start:
        flagged = start(operating_points.at_flags, panel, inputs.site_of_finding, options)
        checked = start(data_quality.check, panel, runs["auroc"])
        extended = start(further.tables, panel, inputs, options)
        groups_of_test = metadata_baseline.groups(inputs.test_metadata)
        grouped = start(within_groups.compare, panel, groups_of_test, weights, options)
        analysed = start(analytic_check.check, panel, options.level)
        recalibrated = start(calibration_lines.rows, panel, options.level)
        read = start(
            against_models.compare_with_models,
            panel,
            inputs.ratings,
            options.level,
            options.correction,
        )
        drawn = start(curve_tables.draw, panel, options)
        used = start(decision_tables.of_probabilities, panel, inputs, options)
        added = start(added_to_metadata.rows, panel, inputs, metadata, options)
        averaged = {name: seed_averages.average(panel, runs[name], weights) for name in runs}
        found = tested_estimates.estimates(panel, runs, options.level)
        found[AT_FLAGS] = flagged.result()
        averaged[AT_FLAGS] = seed_averages.of_estimates(found[AT_FLAGS])
        pairs = differences.differences(panel, found, options)
        compared = operating_points.defined(differences.rows(pairs, options))
        ranked = _ranked(panel, found, compared, options)
        estimated = operating_points.defined(
            metric_estimates.rows_of_architectures(panel, averaged, found, options)
        )
        done()
        decided = decision_tables.at_thresholds(
            panel, runs, averaged, estimated, compared, inputs, options
        )
        done()
        groups, (analytic, doubts) = grouped.result(), analysed.result()
        calibrated, (more_tables, more_notes) = recalibrated.result(), extended.result()
        done()
        curves, readings = drawn.result(), read.result()
        done()
        notes = [
            *context.get("notes", ()),
            *inputs.notes,
            *notes,
            *checked.result(),
            *all_checks.notes(inputs, panel, runs["auroc"]),
            *more_notes,
            *against_models.reference_notes(panel, inputs.ratings),
            *data_quality.check_slopes(panel, calibrated),
        ]
    aurocs = detectable_difference.auroc_of(pairs)
    resolved = detectable_difference.resolution(panel, found["auroc"], aurocs, options)
    return Comparison(
        protocol=protocol(panel, inputs, options, context, metadata),
        models=_models(described, ranked),
        findings=panel.findings,
        metrics=table(
            "metrics",
            estimated
            + metric_estimates.rows_of_runs(panel, runs, options)
            + calibrated
            + groups.metrics,
        ),
        differences=table("differences", compared + groups.differences),
        ranks=table("ranks", ranked),
        readers=table("readers", readings),
        agreement=table(
            "agreement", against_models.agreement(panel, inputs.ratings, options.level)
        ),
        counts=table("counts", _counts(panel)),
        resolution=table("resolution", resolved),
        sample_size=table(
            "sample_size", detectable_difference.sample_sizes(panel, aurocs, options)
        ),
        thresholds=table("thresholds", chosen),
        confusion=table("confusion", curve_tables.two_by_two(panel)),
        warnings=_warnings([*notes, *doubts, *groups.notes]),
        curves=curves,
        multilabel_confusion=curve_tables.multilabel(panel),
        training=_training(inputs.predictions),
        subgroups=groups.counts,
        non_inferiority=table("non_inferiority", non_inferiority.rows(pairs, options)),
        against_trivial=table(
            "against_trivial", differences.against_baselines(panel, found, options)
        ),
        added_to_metadata=table("added_to_metadata", added.result()),
        analytic=table("analytic", analytic),
        readers_below=against_models.below_counts(readings, panel.findings),
        degenerate_replicates=_degenerate(panel),
        **more_tables,
        **decided,
        **used.result(),
    )


def _wanted(panel: Panel) -> tuple[str, ...]:
    """Returns the metrics that any network has."""
    networks = [index for index, run in enumerate(panel.runs) if run.kind == "network"]
    wanted = (*metrics.SCORE_METRICS, *roc_points.METRICS, *metrics.THRESHOLD_METRICS)
    return tuple(metric for metric in wanted if panel.has(metric)[networks].any())


def _ranked(
    panel: Panel, found: dict[str, Estimates], compared: list[DifferenceRow], options: Options
) -> list[RankRow]:
    """Ranks the models that have a metric, by the metrics whose mean has a test."""
    networks = [index for index, run in enumerate(panel.runs) if run.kind == "network"]
    names, rows = panel.networks, []
    for metric, estimated in found.items():
        if metric_methods.untested(panel, metric, networks)[scoring.MEAN_INDEX]:
            continue
        has = panel.has(metric)
        kept = [a for a, name in enumerate(names) if has[panel.architectures[name]].all()]
        part = {metric: estimated.take(kept)}
        rows += ranks.ranks([names[a] for a in kept], part, compared, options.seed)
    return rows


def _degenerate(panel: Panel) -> dict[str, int]:
    counts = one_class(panel.labels, panel.resamples).sum(axis=0)
    return dict(zip(panel.findings, counts.tolist(), strict=True))


def _models(models: list[ModelRow], ranked: list[RankRow]) -> list[ModelRow]:
    rank = {row.model: row.rank for row in ranked if row.metric == "auroc"}
    return sorted(models, key=lambda one: (one["kind"] == "trivial", rank.get(one["name"], 10**9)))


def _counts(panel: Panel) -> list[CountRow]:
    positives, negatives, unknown = metrics.class_counts(panel.labels)
    return [
        CountRow(finding=finding, positives=int(p), negatives=int(n), unknown=int(u))
        for finding, p, n, u in zip(panel.findings, positives, negatives, unknown, strict=True)
    ]


def _warnings(notes: list[Note]) -> pd.DataFrame:
    return table(
        "warnings", [WarningRow(**dataclasses.asdict(note)) for note in dict.fromkeys(notes)]
    )


def _training(files: Sequence[Predictions]) -> dict[str, dict[str, History]]:
    found: dict[str, dict[str, History]] = {}
    for one in files:
        history = run_costs.history(one)
        if history:
            found.setdefault(one.name, {})[one.seed or "0"] = history
    return found

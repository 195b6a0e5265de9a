"""compare and load: a comparison from files or tables in memory, or from its folder."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cxrcompare.api.comparisons.comparison_result import ComparisonResult
from cxrcompare.comparison.compare import compare_inputs
from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inputs.all_inputs import reading
from cxrcompare.comparison.inputs.sources import Sources
from cxrcompare.comparison.result import comparison as stored
from cxrcompare.comparison.result.saving import FILE
from cxrcompare.errors import InputError
from cxrcompare.options.evaluation import EnsembleRule, Evaluation, Unit, ViewsRule

if TYPE_CHECKING:
    from cxrcompare.comparison.inputs.given_prevalence import PrevalenceSource
    from cxrcompare.comparison.inputs.input_tables import Readers, Runs
    from cxrcompare.comparison.inputs.second_labels import RatesSource
    from cxrcompare.comparison.inputs.several_sites import References
    from cxrcompare.comparison.inputs.thresholds.given_thresholds import ThresholdsSource
    from cxrcompare.predictions import Reference, TableSource


def compare(
    predictions: Runs,
    reference: References,
    *,
    validation: Runs = (),
    validation_reference: TableSource | Reference | None = None,
    readers: Readers = (),
    metadata: TableSource | None = None,
    findings: str | Sequence[str] = Options.findings,
    unit: Unit = Evaluation.unit,
    views_rule: ViewsRule = Evaluation.views_rule,
    replicates: int = Evaluation.replicates,
    level: float = Evaluation.level,
    seed: int = Evaluation.seed,
    correction: Literal["bonferroni", "holm", "fdr"] = Evaluation.correction,
    margin: float | None = Evaluation.margin,
    min_patients: int = Evaluation.min_patients,
    threshold_rule: str | None = Evaluation.threshold_rule,
    thresholds: ThresholdsSource | None = None,
    second_reference: TableSource | Reference | None = None,
    labeller_rates: RatesSource | None = None,
    scores: bool | Sequence[str] = Evaluation.scores,
    fixed_specificity: float = Evaluation.fixed_specificity,
    fixed_sensitivity: float = Evaluation.fixed_sensitivity,
    fixed_flags: float | None = Evaluation.fixed_flags,
    partial_rate: float = Evaluation.partial_rate,
    decision_thresholds: str = Evaluation.decision_thresholds,
    bins: int = Evaluation.bins,
    power: float = Evaluation.power,
    minimum_cell: int = Evaluation.minimum_cell,
    gap_margin: float = Evaluation.gap_margin,
    reference_groups: Sequence[str] = Evaluation.reference_groups,
    site: str | None = Evaluation.site,
    pooling_scale: float = Evaluation.pooling_scale,
    ensemble: Sequence[str] = Evaluation.ensemble,
    ensemble_rule: EnsembleRule = Evaluation.ensemble_rule,
    prevalence: PrevalenceSource | None = Evaluation.prevalence,
    context: Mapping[str, Any] | None = None,
) -> ComparisonResult:
    """Compares models on one test set: which differ, by how much, and what the data cannot show.

    A table is a file (CSV, Parquet, npz), a data frame, a dict of arrays, or `Predictions`. It has
    an id column (`study_id`, `image_id`, `Path`, ...; `ids` in a dict, for the ids of the
    reference), may have `study_id` and `patient_id`, and has a column per finding. Tables are
    joined by id, never by the order of rows.

    Args:
        predictions: {model: table} of probabilities in [0, 1], or a list of files, which are named
            after the models. The names `model__seed0`, `model__seed1`, or a list of tables, are
            seeds of a model.
        reference: The reference standard of the test set: 1, 0, or missing if unknown. A list of
            references is several sites, named after their files; the predictions of a model may
            then be in several files of one name.
        validation: Predictions of the same runs on other patients; used to choose thresholds.
        validation_reference: The reference standard of validation.
        readers: {reader: table} of ratings 1 or 0, or a list of files.
        metadata: A table of sex, age, view, ... for subgroups and the metadata baseline.
        findings: "all" (those that the reference and all models have), "competition", or names.
        unit: Unit of the analysis, "study" or "image".
        views_rule: How the scores of a study's views are combined, "max" or "mean".
        replicates: Number of bootstrap replicates, at least 100.
        level: Level of the confidence intervals; tests use alpha = 1 - level.
        seed: Seed of the resampling.
        correction: Correction of p-values for multiple tests, "bonferroni", "holm" or "fdr".
        margin: The largest AUROC difference that does not matter.
        min_patients: Minimum number of patients with a positive, and with a negative, that a
            finding needs for intervals, tests and the mean.
        threshold_rule: How to choose thresholds on validation: "youden" (the default), "f1",
            "sensitivity=0.9", "specificity=0.9", "net-benefit=0.2" or "cost=10" (of a miss, in
            false positives).
        thresholds: Thresholds to use instead of choosing them: one number, or a table with the
            columns finding, threshold and optionally model.
        second_reference: Other labels of the same test set, e.g. of experts: how verdicts change.
        labeller_rates: Sensitivity and specificity of the labeller of the reference, to correct
            for: {finding: (sensitivity, specificity)}, or a table with these columns.
        scores: Whether predictions are scores of any range, or the models whose predictions are;
            they have no calibration.
        fixed_specificity: Specificity of the metric sensitivity_at_specificity.
        fixed_sensitivity: Sensitivity of the metric specificity_at_sensitivity.
        fixed_flags: Flags per 1,000 patients of the metric sensitivity_at_flags; as many as have
            the finding by default.
        partial_rate: False positive rate up to which the metric partial_auroc goes.
        decision_thresholds: Threshold probabilities at which net benefit is compared, "0.1,0.2".
        bins: Number of bins of the ECE.
        power: Power for the minimum detectable difference.
        minimum_cell: Minimum number of positives, and of negatives, of a subgroup.
        gap_margin: The largest gap between groups that does not matter.
        reference_groups: Groups, "column=value", to compare the others of their column with,
            instead of the rest.
        site: The column of `metadata` that names the site of each unit: results per site, and
            differences pooled over sites.
        pooling_scale: Scale of the half-normal prior of the standard deviation of AUROC
            differences between findings, in the model that pools them; 0 for a flat prior.
        ensemble: Ensembles to compare too, each as text: "a,b" (models), "name=a,b", "a" (the seeds
            of a), "seeds" (those of every model), "best" (the best subset on validation).
        prevalence: Your site: {finding: prevalence}, or a table with the columns finding and
            prevalence, and optionally cost_false_positive and cost_miss; the prevalence of the test
            set by default.
        ensemble_rule: What an ensemble averages, "probabilities", "logits" or "ranks".
        context: Facts for the protocol that the tables do not contain: "title", "data", "split",
            "synthetic", "uncertainty_policy", "blank_rule".

    Returns:
        The result: tables as data frames, `verdict`, `plot`, `save`, `to_html`.

    Raises:
        InputError: A table or an option is not valid; the message names the table, as `<name>` if
            it is in memory, with row and column.
    """
    options = Options(
        findings=findings,
        unit=unit,
        views_rule=views_rule,
        replicates=replicates,
        level=level,
        seed=seed,
        correction=correction,
        margin=margin,
        min_patients=min_patients,
        threshold_rule=threshold_rule,
        scores=scores if isinstance(scores, bool) else tuple(scores),
        fixed_specificity=fixed_specificity,
        fixed_sensitivity=fixed_sensitivity,
        fixed_flags=fixed_flags,
        partial_rate=partial_rate,
        decision_thresholds=decision_thresholds,
        bins=bins,
        power=power,
        minimum_cell=minimum_cell,
        gap_margin=gap_margin,
        reference_groups=tuple(reference_groups),
        site=site,
        pooling_scale=pooling_scale,
        ensemble=tuple(ensemble),
        ensemble_rule=ensemble_rule,
    )
    sources = Sources(
        predictions,
        reference,
        validation,
        validation_reference,
        readers,
        metadata,
        thresholds,
        second_reference,
        labeller_rates,
        prevalence,
    )
    with reading(sources, options) as (inputs, advance):
        found = compare_inputs(inputs, options, dict(context or {}), advance)
    return ComparisonResult(found, inputs)


def load(folder: str | os.PathLike[str]) -> ComparisonResult:
    """Reads a comparison that `save`, `cxrcompare compare` or `cxrcompare run` wrote.

    Args:
        folder: The folder of the comparison, or its `comparison.json`.

    Raises:
        InputError: There is no comparison, or it is not valid.
    """
    path = Path(folder)
    if path.is_dir():
        path = path / FILE
    if not path.is_file():
        raise InputError(f"{folder}: must be the folder of a comparison. Received: no {FILE}")
    return ComparisonResult(stored.read(path))

"""Options of a comparison: those of `compare`, and the `[evaluation]` table of an experiment."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cxrcompare.options.declaration import Option

Unit = Literal["study", "image"]
ViewsRule = Literal["max", "mean"]
EnsembleRule = Literal["probabilities", "logits", "ranks"]
DEFAULT_MARGIN = 0.02
"""The margin of equivalence of the AUROC if none is given."""


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Options of the statistical analysis, without findings and files."""

    unit: Annotated[Unit, Option("unit of the analysis")] = "study"
    views_rule: Annotated[
        ViewsRule, Option("how to combine the scores of a study's views", flag="views")
    ] = "max"
    replicates: Annotated[
        int, Option("number of bootstrap replicates", ge=100, le=1_000_000, shown="N")
    ] = 10_000
    level: Annotated[
        float,
        Option(
            "level of confidence intervals; tests use alpha = 1 - level",
            ge=0.5,
            le=0.9999,
            shown="SHARE",
        ),
    ] = 0.95
    seed: Annotated[int, Option("seed of the resampling", ge=0, le=2**63 - 1, shown="N")] = 0
    correction: Annotated[
        Literal["bonferroni", "holm", "fdr"],
        Option(
            "correction of p-values for multiple tests: only bonferroni agrees with simultaneous "
            "intervals; fdr is Benjamini and Hochberg's"
        ),
    ] = "bonferroni"
    margin: Annotated[
        float | None,
        Option(
            "AUROC margin of equivalence and of the sample size; non-inferiority is tested only "
            "if it is given",
            gt=0,
            lt=0.5,
            shown="AUROC",
            default="0.02",
        ),
    ] = None
    min_patients: Annotated[
        int,
        Option(
            "minimum number of patients with a positive, and with a negative, that a finding needs "
            "for intervals, tests and the mean",
            ge=2,
            le=1_000_000,
            shown="N",
        ),
    ] = 10
    threshold_rule: Annotated[
        str | None,
        Option(
            "how to choose thresholds on validation: youden, f1, sensitivity=0.9, specificity=0.9, "
            "net-benefit=0.2 (at this threshold probability) or cost=10 (a miss costs 10 false "
            "positives)",
            shown="RULE",
            default="youden",
        ),
    ] = None
    decision_thresholds: Annotated[
        str,
        Option(
            "threshold probabilities at which the net benefit of networks is compared",
            shown="T,T,...",
        ),
    ] = "0.1,0.2,0.5"
    scores: Annotated[
        bool | tuple[str, ...],
        Option(
            "predictions are scores of any range, not probabilities: of all models, or of those "
            "named; skips their calibration",
            shown="NAME,NAME",
        ),
    ] = False
    fixed_specificity: Annotated[
        float,
        Option("specificity of the metric sensitivity_at_specificity", gt=0, lt=1, shown="SHARE"),
    ] = 0.9
    fixed_sensitivity: Annotated[
        float,
        Option("sensitivity of the metric specificity_at_sensitivity", gt=0, lt=1, shown="SHARE"),
    ] = 0.9
    fixed_flags: Annotated[
        float | None,
        Option(
            "flags per 1,000 patients of the metric sensitivity_at_flags",
            gt=0,
            lt=1000,
            shown="N",
            default="as many as have the finding",
        ),
    ] = None
    partial_rate: Annotated[
        float,
        Option(
            "false positive rate up to which the metric partial_auroc goes",
            gt=0,
            le=1,
            shown="SHARE",
        ),
    ] = 0.1
    bins: Annotated[
        int, Option("number of bins of the ECE, of equal width", ge=2, le=1000, shown="N")
    ] = 15
    power: Annotated[
        float,
        Option(
            "power of the minimum detectable difference and of the sample size",
            ge=0.05,
            le=0.9999,
            shown="SHARE",
        ),
    ] = 0.8
    minimum_cell: Annotated[
        int,
        Option(
            "minimum number of positives, and of negatives, of a subgroup",
            ge=1,
            le=1_000_000,
            shown="N",
        ),
    ] = 10
    gap_margin: Annotated[
        float,
        Option(
            "the largest gap between groups, or between networks and readers, that does not "
            "matter, in AUROC, sensitivity, specificity and observed minus expected; of net "
            "benefit, times the prevalence",
            gt=0,
            lt=0.5,
            shown="SHARE",
        ),
    ] = 0.05
    site: Annotated[
        str | None,
        Option(
            "column of the subgroups that names the site of each unit: results per site, and "
            "differences pooled over sites",
            shown="COLUMN",
            default="none",
        ),
    ] = None
    pooling_scale: Annotated[
        float,
        Option(
            "scale of the half-normal prior of the standard deviation of AUROC differences between "
            "findings, in the model that pools them; 0 for a flat prior",
            ge=0,
            le=1,
            shown="AUROC",
        ),
    ] = 0.05
    reference_groups: Annotated[
        tuple[str, ...],
        Option(
            "groups to compare the others of their column with, instead of the rest",
            shown="COLUMN=VALUE,...",
        ),
    ] = ()
    ensemble: Annotated[
        tuple[str, ...],
        Option(
            "compare an ensemble too: a,b,c (models, or name=a,b,c), a (the seeds of a), seeds "
            "(those of every model) or best (the best subset on validation); give it several times "
            "for several ensembles",
            shown="A,B,C",
            repeated=True,
        ),
    ] = ()
    ensemble_rule: Annotated[
        EnsembleRule, Option("what is averaged over the members of an ensemble")
    ] = "probabilities"
    prevalence: Annotated[
        str | None,
        Option(
            "your site: a CSV with the columns finding and prevalence, and optionally "
            "cost_false_positive and cost_miss",
            shown="FILE",
            default="the prevalence of the test set",
        ),
    ] = None

"""Metrics and differences of networks, corrected for the known error rates of the labeller."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.families import adjust_both, verdict
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.label_rows import LabelCorrectionPairRow, LabelCorrectionRow
from cxrcompare.evaluation.thresholds import label_noise
from cxrcompare.evaluation.thresholds.label_noise import Corrected, LabellerRates
from cxrcompare.predictions import Note


def correct(
    panel: Panel, rates: Mapping[str, LabellerRates], options: Options
) -> tuple[list[LabelCorrectionRow], list[LabelCorrectionPairRow], list[Note]]:
    """Returns the corrected metrics, the corrected AUROC differences, and warnings.

    Only eligible findings with rates are corrected; the mean is over these.

    Args:
        panel: The runs that are compared.
        rates: {finding: the error rates of the labeller}.
        options: Margin, level, correction.
    """
    architectures = [panel.architectures[name] for name in panel.networks]
    rows: list[LabelCorrectionRow] = []
    notes: list[Note] = []
    found: dict[str, dict[str, Corrected]] = {}
    for f, finding in enumerate(panel.findings):
        if finding not in rates or not panel.eligible[f]:
            continue
        known = ~np.isnan(panel.labels[:, f])
        label = panel.labels[known, f]
        about = label_noise.mixture(float(label.mean()), *rates[finding][:2])
        if np.isnan(about.kept):
            text = (
                f"the labels have {label.mean():.1%} positives, which the labeller's sensitivity "
                f"{rates[finding].sensitivity:g} and specificity {rates[finding].specificity:g} "
                "cannot give: not corrected"
            )
            notes.append(Note("labeller_rates_impossible", text, finding=finding))
            continue
        runs = [m for members in architectures for m in members]
        decided = panel.decided[runs, f].all()
        found[finding] = label_noise.correct(
            label,
            panel.scores[:, known, f],
            panel.decisions[:, known, f] if decided else None,
            panel.resamples.patient[known],
            architectures,
            rates[finding],
        )
        rows += _rows(panel, finding, found[finding], rates[finding], about.prevalence, options)
    if not found:
        return [], [], notes
    averages = {
        metric: label_noise.mean([one[metric] for one in found.values()])
        for metric in ("auroc", "sensitivity", "specificity")
        if all(metric in one for one in found.values())
    }
    means = _rows(panel, MEAN, averages, None, float("nan"), options)
    aurocs = {MEAN: averages["auroc"]} | {name: one["auroc"] for name, one in found.items()}
    return means + rows, _pairs(panel, aurocs, options), notes


def _rows(
    panel: Panel,
    finding: str,
    found: Mapping[str, Corrected],
    rates: LabellerRates | None,
    prevalence: float,
    options: Options,
) -> list[LabelCorrectionRow]:
    nan = float("nan")
    rows = []
    for metric, one in found.items():
        tested = label_noise.intervals(one, options.level)
        rows += [
            LabelCorrectionRow(
                model=name,
                finding=finding,
                metric=metric,
                observed=float(one.observed[a]),
                corrected=float(tested.value[a]),
                low=float(tested.low[a]),
                high=float(tested.high[a]),
                labeller_sensitivity=nan if rates is None else rates.sensitivity,
                labeller_specificity=nan if rates is None else rates.specificity,
                prevalence=prevalence,
            )
            for a, name in enumerate(panel.networks)
        ]
    return rows


def _pairs(
    panel: Panel, aurocs: Mapping[str, Corrected], options: Options
) -> list[LabelCorrectionPairRow]:
    names = panel.networks
    pairs = list(itertools.combinations(range(len(names)), 2))
    if not pairs:
        return []
    first, second = np.array(pairs).T
    nan, margin = float("nan"), options.chosen_margin
    rows = []
    for finding, one in aurocs.items():
        tested = label_noise.differences(one, first, second, margin, options.level)
        observed = one.observed[first] - one.observed[second]
        rows += [
            LabelCorrectionPairRow(
                model_a=names[a],
                model_b=names[b],
                finding=finding,
                observed=float(observed[q]),
                difference=float(tested.value[q]),
                low=float(tested.low[q]),
                high=float(tested.high[q]),
                p_value=float(tested.p_value[q]),
                p_adjusted=nan,
                margin=margin,
                p_equivalence=float(tested.p_equivalence[q]),
                verdict="",
            )
            for q, (a, b) in enumerate(pairs)
        ]
    different, equal = adjust_both(rows, ["auroc"] * len(rows), options.correction)
    return [
        row._replace(
            p_adjusted=p,
            p_equivalence=e,
            verdict=verdict(
                row.difference, p, e, options.level, ("a_better", "b_better", "equivalent")
            ),
        )
        for row, p, e in zip(rows, different, equal, strict=True)
    ]

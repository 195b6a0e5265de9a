"""Tests whether a network adds to metadata: both combined against metadata alone."""

from __future__ import annotations

import numpy as np
from scipy import special

from cxrcompare.comparison.compare_options import Options
from cxrcompare.comparison.inference.multiplicity import adjust
from cxrcompare.comparison.inputs.baselines.metadata_baseline import FittedMetadata
from cxrcompare.comparison.inputs.panel import Panel
from cxrcompare.comparison.inputs.reading_inputs import Inputs
from cxrcompare.comparison.row_types.column_types import MEAN
from cxrcompare.comparison.row_types.main_rows import AddedToMetadataRow
from cxrcompare.evaluation.auroc import auroc_tests
from cxrcompare.evaluation.influence.influence_estimates import Estimates
from cxrcompare.evaluation.intervals import TWO_SEEDS
from cxrcompare.evaluation.probabilities import ridge_regression

_CLIP = 1e-6


def rows(
    panel: Panel, inputs: Inputs, metadata: FittedMetadata | None, options: Options
) -> list[AddedToMetadataRow]:
    """Returns a row per network and finding, and for the mean over findings.

    A logistic regression on the network's log-odds and the log-odds of the metadata baseline is
    fitted on validation, per run and finding. The test set compares its AUROC with that of the
    metadata baseline, paired, by influence functions clustered by patient; seeds add their variance
    (Welch). If the network adds nothing, the regression adds noise only, so the test rejects in at
    most half of the nominal share of data sets.

    Args:
        panel: The runs that are compared.
        inputs: The aligned input files.
        metadata: The fitted metadata baseline.
        options: Level and correction.

    Returns:
        The rows; none without a metadata baseline or without metadata of validation.

    Source: combined against reduced model: Demler et al. 2012, doi 10.1002/sim.5328, who show that
    the test on the data of the fit is not valid; here fit and test use different patients.
    """
    if metadata is None or metadata.validation is None or inputs.validation is None:
        return []
    runs = len(inputs.test.runs)
    scores = np.concatenate([np.repeat(metadata.test[None], runs, axis=0), metadata.test[None]])
    usable = panel.eligible & metadata.fitted
    for f, label in enumerate(inputs.validation.labels.T):
        if not ((label == 1).any() and (label == 0).any()):
            usable[f] = False
            continue
        for m in range(runs):
            scores[m, :, f] = _combined(
                (inputs.validation.scores[m, :, f], metadata.validation[:, f]),
                (panel.scores[m, :, f], metadata.test[:, f]),
                label,
                not panel.probabilities[m],
            )
    entries = [panel.architectures[name] for name in panel.networks]
    estimates = auroc_tests.estimate(
        panel.labels, scores, panel.resamples.patient, [*entries, [runs]], usable
    )
    found = [
        row
        for a in range(len(entries))
        for row in _of_network(panel, estimates, a, usable, options.level)
    ]
    return _adjusted(found, options.correction)


def _combined(
    validation: tuple[np.ndarray, np.ndarray],
    test: tuple[np.ndarray, np.ndarray],
    label: np.ndarray,
    any_scores: bool,
) -> np.ndarray:
    """Returns the log-odds on the test set of a regression that is fitted on validation."""

    def design(network: np.ndarray, metadata: np.ndarray) -> np.ndarray:
        clipped = network if any_scores else special.logit(np.clip(network, _CLIP, 1 - _CLIP))
        return np.column_stack([clipped, metadata])

    fitted = design(*validation)
    mean, sd = fitted.mean(axis=0), fitted.std(axis=0)
    sd[sd == 0] = 1.0
    labelled = ~np.isnan(label)
    model = ridge_regression.fit(((fitted - mean) / sd)[labelled], label[labelled])
    return model.log_odds((design(*test) - mean) / sd)


def _of_network(
    panel: Panel, estimates: Estimates, a: int, usable: np.ndarray, level: float
) -> list[AddedToMetadataRow]:
    alone = len(estimates.seeds) - 1
    test = auroc_tests.differences(estimates, np.array([a]), np.array([alone]))
    low, high = test.interval(level)
    tested = np.append(usable, usable.any())
    two = estimates.seeds[a] == TWO_SEEDS
    p_value = np.where(two, np.nan, test.p_value[0])
    return [
        AddedToMetadataRow(
            model=panel.networks[a],
            finding=finding,
            auroc_metadata=float(estimates.value[alone, k]),
            auroc_combined=float(estimates.value[a, k]),
            difference=float(test.difference[0, k]),
            low=float(low[0, k]),
            high=float(high[0, k]),
            p_value=float(p_value[k]),
            p_adjusted=float("nan"),
        )
        for k, finding in enumerate((*panel.findings, MEAN))
        if tested[k]
    ]


def _adjusted(rows: list[AddedToMetadataRow], correction: str) -> list[AddedToMetadataRow]:
    """Adjusts the means over networks, and the findings over networks and findings."""
    p_values = np.array([row.p_value for row in rows], dtype=float)
    means = np.array([row.finding == MEAN for row in rows], dtype=bool)
    adjusted = np.empty(len(rows))
    for family in (means, ~means):
        adjusted[family] = adjust(p_values[family], correction)
    return [row._replace(p_adjusted=p) for row, p in zip(rows, adjusted.tolist(), strict=True)]

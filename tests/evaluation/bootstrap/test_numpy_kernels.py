"""Kernels in NumPy give what the compiled kernels give, which have slow references of their own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from cxrcompare.evaluation import curves
from cxrcompare.evaluation.bootstrap import (
    bootstrap_kernels,
    decision_replicates,
    metric_replicates,
    numpy_kernels,
    resampling,
    threshold_kernels,
    unit_codes,
)
from cxrcompare.evaluation.thresholds.operating import RULES

SHAPES = [(60, 1, 0.3), (60, 15, 0.05), (50, 2, 0.9), (400, 3, 0.2), (8, 1, 0.5), (40, 0, 0.5)]
"""Units, decimals of the scores (few: ties; 0: all alike), prevalence (low: also one class)."""


def replaced(monkeypatch) -> None:
    for module in (bootstrap_kernels, threshold_kernels):
        for name in set(vars(module)) & set(vars(numpy_kernels)):
            if callable(getattr(module, name)):
                monkeypatch.setattr(module, name, getattr(numpy_kernels, name))


def both(work: Callable[[], dict[str, np.ndarray]], monkeypatch) -> None:
    """Checks that a computation has the same results with both kinds of kernels."""
    compiled = work()
    replaced(monkeypatch)
    for name, values in work().items():
        np.testing.assert_allclose(values, compiled[name], rtol=0, atol=1e-12, err_msg=name)


@pytest.fixture(params=SHAPES, ids=str)
def drawn(request, problem):
    units, decimals, prevalence = request.param
    one = problem(units=units, decimals=decimals, prevalence=prevalence, unknown=0.1)
    if decimals == 0:
        one.scores[:] = 0.25
    return one, resampling.draw(one.patients, 140, one.rng)


def test_metrics_of_scores(drawn, monkeypatch):
    one, resamples = drawn

    def work() -> dict[str, np.ndarray]:
        found = metric_replicates.with_pooled(one.labels, one.scores, resamples)
        values = {name: by_finding for name, (by_finding, _) in found.items()}
        return values | {f"{name} pooled": pooled for name, (_, pooled) in found.items()}

    both(work, monkeypatch)


@pytest.mark.parametrize("rule", RULES)
def test_thresholds_and_decisions(drawn, rule, monkeypatch):
    one, resamples = drawn

    def work() -> dict[str, np.ndarray]:
        data = one.labels, one.scores
        limits = decision_replicates.choose_thresholds(*data, resamples, rule, 0.8)
        return {
            "thresholds": limits,
            "counts": decision_replicates.decision_counts(*data, limits, resamples),
            "one threshold": decision_replicates.decision_counts(
                *data, np.full(limits.shape[1:], 0.5), resamples
            ),
            "subsets": decision_replicates.subset_accuracy(
                *data, np.nan_to_num(limits, nan=0.5), resamples
            ),
        }

    both(work, monkeypatch)


def test_bands_of_curves(drawn, monkeypatch):
    one, resamples = drawn

    def work() -> dict[str, np.ndarray]:
        roc, precision = curves.bands(one.labels[:, 0], one.scores[:, :, 0], resamples)
        return {
            f"{name} {end}": getattr(band, end)
            for name, band in (("roc", roc), ("precision", precision))
            for end in ("low", "high")
        }

    both(work, monkeypatch)


def test_every_kernel_of_the_bootstrap_has_its_form_in_numpy():
    kernels = {"rank_metrics", "absolute_sums", "curves", "choose", "count", "all_correct"}
    assert kernels <= set(vars(numpy_kernels))


def test_steps_by_hand():
    # Scores .9 (negative), .8 (positive), .5 (negative and positive), .1 (negative); weights 1 to 5
    # in the first replicate, 0 but for the last two units in the second.
    code = unit_codes
    codes = [code.NEGATIVE, code.POSITIVE, code.TIED_NEGATIVE, code.LAST_POSITIVE, code.NEGATIVE]
    weight = np.array([[1, 0], [2, 0], [3, 0], [4, 6], [5, 7]], dtype=np.float64)
    steps = numpy_kernels.steps(weight, np.arange(5, dtype=np.int32), np.array(codes, np.uint8))
    assert steps.last.tolist() == [1, 3]
    assert steps.ties.tolist() == [1]
    assert steps.tied_tp.tolist() == [[2, 0], [4, 6]]
    assert steps.tied_fp.tolist() == [[0, 0], [3, 0]]
    assert steps.tp.tolist() == [[2, 0], [6, 6]]
    assert steps.fp.tolist() == [[1, 0], [4, 0]]
    assert steps.positives.tolist() == [6, 6]
    assert steps.negatives.tolist() == [9, 7]

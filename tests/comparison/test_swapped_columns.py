"""Swapped and shifted score columns are found; noise, poor and related columns are not."""

import numpy as np
import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.swapped_columns import of_runs, swapped_columns


def panel(rng, units=400, findings=8, skill=1.0, prevalence=0.2):
    """Returns labels and scores of a network with some skill, and ids of patients."""
    labels = (rng.random((units, findings)) < prevalence).astype(float)
    return labels, rng.normal(size=(units, findings)) + skill * labels, np.arange(units)


@pytest.mark.parametrize(
    ("order", "cycles"),
    [
        ([0, 2, 1, 3, 4, 5, 6, 7], [{1, 2}]),
        ([1, 0, 2, 3, 5, 4, 6, 7], [{0, 1}, {4, 5}]),
        ([7, 0, 1, 2, 3, 4, 5, 6], [set(range(8))]),
    ],
    ids=["a swap", "two swaps", "a shift"],
)
def test_permuted_columns_are_found(order, cycles):
    labels, scores, patients = panel(np.random.default_rng(0))
    labels[::20, 3] = np.nan
    found = swapped_columns(labels, scores[:, order], patients, runs=10)
    assert [set(swap.columns) for swap in found] == cycles
    for swap in found:
        for column, target in zip(swap.columns, (*swap.columns[1:], swap.columns[0]), strict=True):
            assert order[column] == target
        assert (swap.permuted > 0.65).all()
        assert (swap.own < 0.6).all()


def test_runs_together_are_as_one_by_one():
    labels, scores, patients = panel(np.random.default_rng(4))
    runs = [scores, scores[:, [1, 0, 2, 3, 4, 5, 6, 7]], -scores]
    found = of_runs(labels, runs, patients)
    assert [len(one) for one in found] == [0, 1, len(found[2])]
    for one, swaps in zip(runs, found, strict=True):
        expected = swapped_columns(labels, one, patients, runs=3)
        assert [(s.columns, s.p_value) for s in swaps] == [(s.columns, s.p_value) for s in expected]


def test_columns_in_order_are_not_reported():
    labels, scores, patients = panel(np.random.default_rng(1))
    assert swapped_columns(labels, scores, patients) == []


def test_a_useless_column_that_follows_a_related_finding_is_not_a_swap():
    rng = np.random.default_rng(2)
    labels, scores, patients = panel(rng)
    scores[:, 0] = scores[:, 1] + 0.1 * rng.normal(size=len(scores))
    assert swapped_columns(labels, scores, patients) == []


def test_noise_is_reported_in_at_most_five_percent_of_comparisons():
    rng = np.random.default_rng(3)
    fired = 0
    for _ in range(40):
        labels, _, patients = panel(rng, units=200, findings=6, prevalence=0.05)
        runs = rng.normal(size=(5, 200, 6))
        fired += any(swapped_columns(labels, scores, patients, runs=5) for scores in runs)
    assert fired <= 5  # 40 comparisons at 5 %: more than 5 has a probability of 1.4 %


def test_patients_with_many_units_count_once():
    """Ten copies of each unit: the evidence is that of the patients, not of the units."""
    rng = np.random.default_rng(4)
    labels, scores, patients = panel(rng, units=60, findings=4, skill=0.9)
    order = [1, 0, 2, 3]
    once = swapped_columns(labels, scores[:, order], patients)
    copies = swapped_columns(
        *(np.repeat(x, 10, axis=0) for x in (labels, scores[:, order], patients))
    )
    assert [swap.columns for swap in once] == [swap.columns for swap in copies]
    for one, other in zip(once, copies, strict=True):
        assert one.p_value == pytest.approx(other.p_value)


def test_a_finding_with_few_positive_patients_is_left_out():
    labels, scores, patients = panel(np.random.default_rng(6), findings=3)
    labels[:, 2] = 0
    labels[:4, 2] = 1
    scores[:, 2] = np.r_[np.zeros(4), np.ones(len(scores) - 4)]
    assert swapped_columns(labels, scores[:, [2, 1, 0]], patients) == []


def test_findings_of_one_class_are_left_out():
    labels, scores, patients = panel(np.random.default_rng(5), findings=3)
    labels[:, 2] = 0
    assert [s.columns for s in swapped_columns(labels, scores[:, [1, 0, 2]], patients)] == [(0, 1)]
    assert swapped_columns(labels[:, 2:], scores[:, 2:], patients) == []


def test_compare_names_findings_areas_and_run(make_bench, row):
    bench = make_bench(studies=300)
    scores = np.random.default_rng(0).normal(size=(300, 3)) + 1.5 * np.nan_to_num(
        bench.labels["test"]
    )
    table = bench.table("a__seed2", 1 / (1 + np.exp(-scores[:, [1, 0, 2]])))
    found = compare([table], bench.standard(), options=Options(replicates=100))
    warning = row(found.warnings, code="swapped_columns")
    assert warning["model"] == "a seed 2"
    first, second = bench.findings[:2]
    assert f"the columns {first}, {second} are probably swapped: AUROC of" in warning["message"]

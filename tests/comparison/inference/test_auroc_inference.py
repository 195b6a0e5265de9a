"""AUROC by influence functions: differences, intervals and non-inferiority of architectures."""

import numpy as np
import pytest

from cxrcompare.comparison.inference import auroc_inference
from cxrcompare.evaluation.auroc import delong


@pytest.fixture
def scored():
    """Sixty labels, and scores of three networks of which the first is best."""
    rng = np.random.default_rng(4)
    labels = (np.arange(60) % 3 == 0).astype(float)
    noise = {"a": 0.5, "b": 1.5, "c": 3.0}
    return labels, {name: labels + sd * rng.normal(size=60) for name, sd in noise.items()}


def columns(scores):
    return {name: values[:, None] for name, values in scores.items()}


def test_a_difference_of_single_runs_has_the_error_of_delong(make_panel, scored):
    labels, scores = scored
    panel = make_panel(labels[:, None], columns(scores))
    estimates = auroc_inference.estimate(panel)
    found = auroc_inference.difference(panel, estimates, 0, 1, 0.95)
    areas = delong.delong(labels, np.array([scores["a"], scores["b"]]))
    expected = delong.paired(areas, 0, 1, 0.95)
    assert found.standard_error[0] == pytest.approx(expected.standard_error)
    # Student's distribution in place of the normal one: wider, and a larger p-value
    assert found.low[0] < expected.low < expected.high < found.high[0]
    assert expected.p_value < found.p_value[0] < 1e-4
    middle = (found.low[0] + found.high[0]) / 2
    assert middle == pytest.approx(expected.difference)
    # the mean over one finding is that finding
    assert found.p_value[1] == pytest.approx(found.p_value[0])
    assert found.method == "DeLong"


def test_two_seeds_have_an_interval_but_no_test(make_panel, scored):
    labels, scores = scored
    runs = {"a__seed0": scores["a"], "a__seed1": scores["b"], "c": scores["c"]}
    panel = make_panel(labels[:, None], columns(runs))
    estimates = auroc_inference.estimate(panel)
    found = auroc_inference.difference(panel, estimates, 0, 1, 0.95)
    assert np.isnan(found.p_value).all()
    assert (found.low < found.high).all()
    assert found.method == "DeLong and seeds (Welch)"
    assert np.isnan(auroc_inference.not_inferior(panel, estimates, 0, 1, 0.05)).all()


def test_the_method_names_clusters_and_seeds(make_panel, scored):
    labels, scores = scored
    runs = {"a": scores["a"], "b__seed0": scores["b"], "b__seed1": scores["c"]}
    panel = make_panel(labels[:, None], columns(runs), patients=np.arange(60) // 2)
    low, high, methods = auroc_inference.intervals(panel, auroc_inference.estimate(panel), 0.95)
    assert methods == ["Obuchowski, logit", "Obuchowski and seeds (Welch), logit"]
    assert ((low > 0) & (low < high) & (high < 1)).all()


def test_a_finding_with_few_patients_has_no_interval_and_no_test(make_panel):
    # five positives of twelve patients, fewer than the ten that are needed
    labels = np.repeat([1.0, 0.0], [5, 7])[:, None]
    rng = np.random.default_rng(0)
    panel = make_panel(labels, {name: rng.random((12, 1)) for name in "ab"})
    estimates = auroc_inference.estimate(panel)
    found = auroc_inference.difference(panel, estimates, 0, 1, 0.95)
    for values in (found.low, found.high, found.p_value, found.standard_error):
        assert np.isnan(values).all()
    assert np.isnan(auroc_inference.intervals(panel, estimates, 0.95)[0]).all()


def test_identical_models_are_not_inferior(make_panel, scored):
    labels, scores = scored
    panel = make_panel(labels[:, None], columns({"a": scores["a"], "b": scores["a"]}))
    estimates = auroc_inference.estimate(panel)
    assert auroc_inference.not_inferior(panel, estimates, 0, 1, 0.05).tolist() == [0, 0]


def test_every_run_is_an_entry_where_asked(make_panel, scored):
    labels, scores = scored
    runs = {"a__seed0": scores["a"], "a__seed1": scores["b"], "c": scores["c"]}
    panel = make_panel(labels[:, None], columns(runs))
    assert len(auroc_inference.estimate(panel).seeds) == 2
    assert auroc_inference.estimate(
        panel, [[m] for m in range(len(panel.runs))]
    ).seeds.tolist() == [1, 1, 1]

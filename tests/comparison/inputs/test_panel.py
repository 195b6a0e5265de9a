"""The panel: its architectures, and the findings and units that count."""

import numpy as np
import pytest


def test_seeds_are_runs_of_one_architecture_and_baselines_are_no_networks(make_panel):
    column = [[0.1], [0.9]]
    scores = {"a__seed0": column, "a__seed1": column, "b": column, "prevalence": column}
    panel = make_panel([[0], [1]], scores, trivial=("prevalence",))
    assert panel.architectures == {"a": [0, 1], "b": [2], "prevalence": [3]}
    assert panel.networks == ["a", "b"]


def test_totals_leave_blank_labels_out(make_panel):
    # positives: 2 and 1, together 3; negatives: 1 and 1, together 2
    panel = make_panel([[1, 0], [0, np.nan], [1, 1]], {"a": np.zeros((3, 2))})
    positives, negatives = panel.totals
    assert positives.tolist() == [2, 1, 3, 3]
    assert negatives.tolist() == [1, 1, 2, 2]


def test_a_finding_needs_ten_patients_of_each_class(make_panel):
    labels = np.zeros((20, 2))
    labels[:10, 0], labels[:9, 1] = 1, 1
    scores = {"a": np.zeros((20, 2))}
    assert make_panel(labels, scores).eligible.tolist() == [True, False]
    # two units of each patient: ten positive units are five patients
    assert not make_panel(labels, scores, patients=np.arange(20) // 2).eligible.any()


@pytest.mark.parametrize(("patients", "expected"), [("ab", True), ("aa", False)])
def test_units_are_independent_if_every_patient_has_one(make_panel, patients, expected):
    panel = make_panel([[0], [1]], {"a": [[0], [1]]}, patients=list(patients))
    assert panel.independent == expected
    assert panel.whole.counts.tolist() == [[1] * len(set(patients))]


def test_a_finding_is_decided_if_any_network_has_a_threshold(make_panel):
    scores = {"a": np.ones((2, 2)), "b": np.ones((2, 2)), "prevalence": np.ones((2, 2))}
    limits = [[0.5, np.nan], [np.nan, np.nan], [0.5, 0.5]]
    panel = make_panel(np.zeros((2, 2)), scores, thresholds=limits, trivial=("prevalence",))
    assert panel.decided.tolist() == [[True, False], [False, False], [True, True]]
    assert panel.decided_by_networks.tolist() == [True, False]
    assert not panel.decisions[1].any()

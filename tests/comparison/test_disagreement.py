"""Units that one model alone gets right, all get wrong, or that split them."""

import numpy as np
import pytest

from cxrcompare.comparison import disagreement
from cxrcompare.comparison.disagreement import select, signed_depths

NAN = np.nan
LABELS = np.array([1.0, 1, 0, 0, NAN, 1])
CALLS = np.array([[1.0, 0, 1, 0, 1, NAN], [0, 0, 1, 1, 0, 1], [0, 0, 1, 0, 0, 0]])
DEPTHS = np.array(
    [
        [0.6, -0.2, 0.8, -0.1, 0.5, NAN],
        [-0.4, -0.6, 0.9, 0.3, -0.5, 0.2],
        [-0.8, -0.4, 0.1, -0.2, -0.5, -0.1],
    ]
)


def test_the_kinds_of_a_small_table():
    found = select(LABELS, CALLS, DEPTHS)
    # unit 0: only model 0 is right, strength (0.6 + (0.4 + 0.8) / 2) / 2 = 0.6
    assert found[0] == ("one_right", 0, 0, 1, 1, 3, pytest.approx(0.6))
    # units 2 and 1 are wrong for all, mean depths (0.8 + 0.9 + 0.1) / 3 = 0.6 and 1.2 / 3 = 0.4
    assert [(one.kind, one.unit) for one in found[1:3]] == [("all_wrong", 2), ("all_wrong", 1)]
    assert [one.strength for one in found[1:3]] == pytest.approx([0.6, 0.4])
    # unit 5 has one call of two on each side: 1; units 0, 3, 4 one of three: 2/3, by total depth
    assert [(one.unit, one.called) for one in found[3:]] == [(5, 2), (0, 3), (4, 3), (3, 3)]
    assert [one.strength for one in found[3:]] == pytest.approx([1, 2 / 3, 2 / 3, 2 / 3])


def test_at_most_and_one_model():
    assert [one.unit for one in select(LABELS, CALLS, DEPTHS, at_most=1)] == [0, 2, 5]
    assert select(LABELS, CALLS[:1], DEPTHS[:1]) == []


def test_selection_equals_a_slow_count():
    rng = np.random.default_rng(3)
    labels = rng.choice([0.0, 1, NAN], 60, p=[0.6, 0.3, 0.1])
    calls = rng.choice([0.0, 1, NAN], (4, 60), p=[0.5, 0.45, 0.05])
    depths = rng.uniform(0, 1, (4, 60)) * np.where(calls == 1, 1, -1)
    found = select(labels, calls, depths, at_most=100)
    slow = {"one_right": {}, "all_wrong": {}, "split": {}}
    for unit in range(60):
        own = [c for c in calls[:, unit] if c == c]
        right = [m for m in range(4) if calls[m, unit] == labels[unit]]
        if len(own) == 4 and labels[unit] == labels[unit]:
            depth = np.abs(depths[:, unit])
            if len(right) == 1:
                others = [depth[m] for m in range(4) if m != right[0]]
                slow["one_right"][unit] = (depth[right[0]] + np.mean(others)) / 2
            if not right:
                slow["all_wrong"][unit] = depth.mean()
        if 0 < sum(own) < len(own):
            slow["split"][unit] = min(sum(own), len(own) - sum(own)) / len(own) * 2
    for kind, expected in slow.items():
        got = {one.unit: one.strength for one in found if one.kind == kind}
        assert got == pytest.approx(expected)
        strengths = [one.strength for one in found if one.kind == kind]
        assert strengths == sorted(strengths, reverse=True)


def test_depths_are_ranks_on_each_side_of_the_threshold():
    scores = np.array([0.1, 0.9, 0.5, 0.7, 0.4, 0.7])
    # four positive calls 0.5 < 0.7 = 0.7 < 0.9: (0.5, 1.5 or 2 for the tie, 3.5) / 4
    assert signed_depths(scores, 0.5) == pytest.approx([-0.75, 0.875, 0.125, 0.5, -0.25, 0.5])
    assert np.array_equal(signed_depths(scores**3, 0.125), signed_depths(scores, 0.5))
    assert np.isnan(signed_depths(scores, NAN)).all()
    assert (signed_depths(scores, 0.0) > 0).all()


def test_the_majority_of_the_seeds_is_the_call_of_a_model(make_panel):
    scores = {f"a__seed{s}": [[v]] * 1 for s, v in enumerate((0.9, 0.8, 0.1))}
    scores |= {"b__seed0": [[0.9]], "b__seed1": [[0.1]], "c": [[0.2]]}
    panel = make_panel([[1.0]], scores)
    calls, depths = disagreement.of_models(panel, 0)
    assert calls[[0, 2], 0].tolist() == [1, 0]
    assert np.isnan(calls[1, 0])  # one seed each way
    assert depths[:, 0] == pytest.approx([(0.5 + 0.5 - 0.5) / 3, 0, -0.5])
    assert disagreement.of_models(panel, 0, ["c"])[0].tolist() == [[0]]


def test_a_model_without_a_threshold_has_no_call(make_panel):
    panel = make_panel(
        [[1.0], [0]], {"a": [[0.9], [0.1]], "b": [[0.9], [0.1]]}, thresholds=[[0.5], [NAN]]
    )
    calls, depths = disagreement.of_models(panel, 0)
    assert np.isnan(calls[1]).all()
    assert np.isnan(depths[1]).all()
    assert not np.isnan(calls[0]).any()

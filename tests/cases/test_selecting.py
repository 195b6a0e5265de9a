"""Cases are selected by rule: cases worked by hand, invariances, and a slow reference."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.cases.selecting import RULES, Selected, select

NAN = float("nan")

# Two networks, thresholds 0.5. Studies:      0    1    2    3    4    5    6    7
LABELS = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, NAN, 1.0])
SCORES = np.array(
    [
        [0.9, 0.4, 0.1, 0.8, 0.2, 0.3, 0.7, 0.6],
        [0.8, 0.3, 0.9, 0.6, 0.7, 0.1, 0.2, 0.9],
    ]
)


def units(rule, found):
    return [one.unit for one in found if one.rule == rule]


def test_by_hand():
    """Depths of network 1: positive calls 0.6, 0.7, 0.8, 0.9 have 1/8, 3/8, 5/8, 7/8; negative
    calls 0.1, 0.2, 0.3, 0.4 have -7/8, -5/8, -3/8, -1/8. Of network 2: 0.6, 0.7, 0.8, 0.9, 0.9
    have 0.1, 0.3, 0.5, 0.8, 0.8; 0.1, 0.2, 0.3 have -5/6, -1/2, -1/6.
    """
    found = select(LABELS, SCORES, np.array([0.5, 0.5]), 5)
    # Positives that a network misses: 1 with mean depth (-1/8 - 1/6) / 2, 2 with (-7/8 + 0.8) / 2.
    assert units("miss", found) == [1, 2]
    # Negatives with a positive call: 3 with (5/8 + 0.1) / 2, 4 with (-5/8 + 0.3) / 2.
    assert units("false_alarm", found) == [3, 4]
    # One is right: 2, network 2 (0.8 and 7/8), and 4, network 1 (5/8 and 0.3).
    assert units("one_right", found) == [2, 4]
    # All are wrong: 3 (mean depth 0.3625) and 1 (0.1458).
    assert units("all_wrong", found) == [3, 1]
    # Divided one to one: 2, 4, and 6 without a label; total depths 1.675, 0.925, 0.875.
    assert units("split", found) == [2, 4, 6]
    assert [one.rule for one in found] == sorted((one.rule for one in found), key=[*RULES].index)


def test_at_most():
    found = select(LABELS, SCORES, np.array([0.5, 0.5]), 1)
    assert found == [
        Selected("miss", 1),
        Selected("false_alarm", 3),
        Selected("one_right", 2),
        Selected("all_wrong", 3),
        Selected("split", 2),
    ]
    assert select(LABELS, SCORES, np.array([0.5, 0.5]), 0) == []


def test_one_network_has_misses_and_false_alarms_only():
    found = select(LABELS, SCORES[:1], np.array([0.5]), 9)
    assert units("miss", found) == [2, 1]
    assert units("false_alarm", found) == [3]
    assert {one.rule for one in found} == {"miss", "false_alarm"}


def test_a_network_without_a_threshold_is_ignored():
    limits = np.array([0.5, NAN])
    assert select(LABELS, SCORES, limits, 9) == select(LABELS, SCORES[:1], limits[:1], 9)
    assert select(LABELS, SCORES, np.array([NAN, NAN]), 9) == []


@pytest.mark.parametrize("seed", range(20))
def test_against_a_slow_reference_and_monotone_maps(seed):
    rng = np.random.default_rng(seed)
    networks, count = int(rng.integers(1, 5)), 40
    labels = rng.choice([0.0, 1.0, NAN], count)
    scores = np.round(rng.random((networks, count)), 1)
    limits = rng.uniform(0.2, 0.8, networks)
    found = select(labels, scores, limits, 6)
    assert found == select(labels, scores**3, limits**3, 6)

    def depth(network, unit):
        side = [s >= limits[network] for s in scores[network]]
        same = [s for s, one in zip(scores[network], side, strict=True) if one == side[unit]]
        own = scores[network][unit]
        if side[unit]:
            return (sum(s < own for s in same) + 0.5 * sum(s == own for s in same)) / len(same)
        return -(sum(s > own for s in same) + 0.5 * sum(s == own for s in same)) / len(same)

    def called(network, unit):
        return scores[network][unit] >= limits[network]

    every = range(networks)
    missed = [
        (round(np.mean([depth(m, u) for m in every]), 9), u)
        for u in range(count)
        if labels[u] == 1 and not all(called(m, u) for m in every)
    ]
    alarms = [
        (round(-np.mean([depth(m, u) for m in every]), 9), u)
        for u in range(count)
        if labels[u] == 0 and any(called(m, u) for m in every)
    ]
    for rule, expected in (("miss", missed), ("false_alarm", alarms)):
        values = {u: value for value, u in expected}
        chosen = units(rule, found)
        assert len(chosen) == min(6, len(expected))
        assert [values[u] for u in chosen] == sorted(values.values())[: len(chosen)]

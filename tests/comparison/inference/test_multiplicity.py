import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from cxrcompare.comparison.inference.multiplicity import (
    adjust,
    benjamini_hochberg,
    holm,
    step_down,
    tie_groups,
)


def test_holm_by_hand():
    # sorted .01 .03 .04: times 3, 2, 1 = .03 .06 .04, then never below the one before
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, 0.03])), [0.06, 0.03, 0.06])


def test_benjamini_hochberg_by_hand():
    # sorted .01 .03 .04: times 3/1, 3/2, 3/3 = .03 .045 .04, then never above the one after
    np.testing.assert_allclose(benjamini_hochberg(np.array([0.04, 0.01, 0.03])), [0.04, 0.03, 0.04])


@settings(max_examples=60, deadline=None)
@given(p=st.lists(st.floats(1e-9, 1), min_size=1, max_size=8))
def test_holm_is_the_closed_bonferroni_test(p):
    """A hypothesis is rejected where every set of hypotheses that holds it is, by Bonferroni."""
    places = range(len(p))
    sets = [s for size in places for s in itertools.combinations(places, size + 1)]
    expected = [
        min(max(len(s) * min(p[i] for i in s) for s in sets if place in s), 1) for place in places
    ]
    np.testing.assert_allclose(holm(np.array(p)), expected, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(p=st.lists(st.floats(1e-9, 1), min_size=1, max_size=40))
def test_the_false_discovery_rate_is_scipys(p):
    np.testing.assert_allclose(
        benjamini_hochberg(np.array(p)), false_discovery_control(p), rtol=1e-12
    )


@pytest.mark.parametrize("correction", ["bonferroni", "holm", "fdr"])
def test_undefined_tests_are_not_counted(correction):
    with_gaps = adjust(np.array([np.nan, 0.01, np.nan, 0.04]), correction)
    np.testing.assert_array_equal(np.isnan(with_gaps), [True, False, True, False])
    np.testing.assert_allclose(
        with_gaps[[1, 3]], adjust(np.array([0.01, 0.04]), correction), rtol=1e-15
    )
    assert np.isnan(adjust(np.array([np.nan]), correction)).all()
    assert adjust(np.array([]), correction).size == 0


@pytest.mark.parametrize("correction", ["bonferroni", "holm", "fdr"])
@given(p=st.lists(st.floats(1e-9, 1), min_size=2, max_size=10), data=st.data())
def test_order_does_not_matter_and_nothing_gets_smaller(correction, p, data):
    values = np.array(p)
    order = np.array(data.draw(st.permutations(range(len(p)))))
    adjusted = adjust(values, correction)
    assert (adjusted >= values - 1e-15).all()
    assert (adjusted <= 1).all()
    np.testing.assert_allclose(adjust(values[order], correction), adjusted[order], rtol=1e-12)


@pytest.mark.parametrize(
    ("models", "different", "letters"),
    [
        (1, [], ["a"]),
        (3, [], ["a", "a", "a"]),
        (3, [(0, 1), (0, 2), (1, 2)], ["a", "b", "c"]),
        (3, [(0, 2)], ["a", "ab", "b"]),
        (4, [(0, 2), (0, 3), (1, 3)], ["a", "ab", "bc", "c"]),
    ],
)
def test_letters(models, different, letters):
    assert tie_groups(models, different) == letters


@settings(max_examples=200)
@given(st.data())
def test_a_shared_letter_says_exactly_what_the_tests_say(data):
    models = data.draw(st.integers(1, 8))
    pairs = list(itertools.combinations(range(models), 2))
    different = data.draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    letters = [set(group) for group in tie_groups(models, different)]
    for first, second in pairs:
        assert bool(letters[first] & letters[second]) == ((first, second) not in different)
    assert all(letters)


@pytest.mark.slow
def test_holm_keeps_the_family_wise_error_and_unadjusted_tests_do_not():
    """Ten equal models: 45 correlated z-tests; a false rejection in at most 5 % of studies.

    4,000 studies: the standard error of a rate of .05 is .0034.
    """
    rng = np.random.default_rng(5)
    from scipy.special import ndtr

    studies, models = 4000, 10
    estimates = rng.normal(size=(studies, models))
    pairs = np.array(list(itertools.combinations(range(models), 2)))
    z = (estimates[:, pairs[:, 0]] - estimates[:, pairs[:, 1]]) / np.sqrt(2)
    p = 2 * ndtr(-np.abs(z))
    adjusted = np.array([holm(one) for one in p])
    assert (adjusted < 0.05).any(axis=1).mean() < 0.05 + 3 * 0.0034
    assert (adjusted < 0.05).any(axis=1).mean() > 0.01
    assert (p < 0.05).any(axis=1).mean() > 0.4


def test_two_hypotheses_of_a_pair_share_the_error():
    # three pairs; a pair counts until both of its hypotheses are rejected. In order of size: .001
    # times 3, .002 times 3 (the first pair is done), .02 times 2, .03 times 2, .4 times 2 (the
    # second is done), .5 times 1, but not below .8
    different, equivalent = step_down(np.array([0.001, 0.02, 0.5]), np.array([0.002, 0.4, 0.03]))
    assert different.tolist() == pytest.approx([0.003, 0.04, 0.8])
    assert equivalent.tolist() == pytest.approx([0.006, 0.8, 0.06])


def test_step_down_without_equivalence_is_holm():
    rng = np.random.default_rng(0)
    p = rng.random(8) ** 3
    p[2] = np.nan
    found, none = step_down(p, np.full(8, np.nan))
    np.testing.assert_allclose(found, holm(p))
    assert np.isnan(none).all()

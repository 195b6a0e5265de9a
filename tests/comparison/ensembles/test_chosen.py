"""Forward selection against all subsets, on cases where it finds the best one."""

import itertools

from cxrcompare.comparison.ensembles.chosen import forward_selection

GAINS = {"a": 0.3, "b": 0.2, "c": -0.1, "d": 0.0}


def test_it_keeps_what_raises_the_value_in_order():
    kept = forward_selection([*"cdba"], lambda names: sum(GAINS[name] for name in names))
    assert kept == ["a", "b"]
    every = [one for n in range(1, 5) for one in itertools.combinations("abcd", n)]
    assert set(max(every, key=lambda names: sum(GAINS[name] for name in names))) == set(kept)


def test_of_ties_the_first_is_chosen_and_undefined_values_end_it():
    assert forward_selection(["a", "b"], lambda names: 1.0) == ["a"]
    assert forward_selection(["a", "b"], lambda names: float("nan")) == []

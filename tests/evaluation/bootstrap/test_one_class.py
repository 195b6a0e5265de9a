"""Replicates that lack the positives or the negatives of a finding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxrcompare.evaluation.bootstrap import one_class, resampling


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(0, 999), st.sampled_from([1, 3, 8]))
def test_equals_a_loop_over_replicates(units, seed, at_once):
    rng = np.random.default_rng(seed)
    patients = rng.integers(0, units, units)
    labels = rng.choice([0, 0, 0, 1, np.nan], size=(units, 3))
    resamples = resampling.draw(patients, 60, rng)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_class, "_AT_ONCE", at_once)
        found = one_class.one_class(labels, resamples)
    for r in range(60):
        weights = resamples.weights(r)
        lacks = [any(weights[labels[:, f] == side].sum() == 0 for side in (0, 1)) for f in range(3)]
        assert found[r].tolist() == lacks


def test_no_finding_has_no_replicate():
    resamples = resampling.draw(np.arange(5), 7, np.random.default_rng(0))
    assert one_class.one_class(np.empty((5, 0)), resamples).shape == (7, 0)

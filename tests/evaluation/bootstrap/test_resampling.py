from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.evaluation.bootstrap import resampling

PATIENTS = np.array(["b", "a", "b", "c", "a", "d"])


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_as_many_patients_are_drawn_as_there_are():
    resamples = resampling.draw(PATIENTS, 700, rng())
    assert resamples.counts.shape == (700, 4)
    assert (resamples.counts.sum(axis=1) == 4).all()


def test_units_of_one_patient_stay_together():
    resamples = resampling.draw(PATIENTS, 50, rng())
    for replicate in range(50):
        weights = resamples.weights(replicate)
        assert weights[0] == weights[2]
        assert weights[1] == weights[4]


def test_patients_are_numbered_in_order_of_their_ids():
    index, number = resampling.index_patients(PATIENTS)
    assert index.tolist() == [1, 0, 1, 2, 0, 3]
    assert number == 4


def test_same_seed_same_draws_and_other_seed_others():
    one, same = (resampling.draw(PATIENTS, 300, rng(3)).counts for _ in range(2))
    np.testing.assert_array_equal(one, same)
    assert (one != resampling.draw(PATIENTS, 300, rng(4)).counts).any()


def test_counts_are_multinomial():
    # Each count is binomial(P, 1/P): mean 1, variance 1 - 1/P; two counts have covariance -1/P.
    number = 20
    counts = resampling.draw(np.arange(number), 40_000, rng()).counts.astype(float)
    covariance = np.cov(counts.T)
    assert counts.mean(axis=0) == pytest.approx(1, abs=0.03)
    assert np.diag(covariance) == pytest.approx(1 - 1 / number, abs=0.05)
    off = covariance[~np.eye(number, dtype=bool)]
    assert off.mean() == pytest.approx(-1 / number, abs=0.005)


def test_whole_counts_everyone_once():
    resamples = resampling.whole(PATIENTS)
    assert resamples.replicates == 1
    assert resamples.weights(0).tolist() == [1] * 6


def test_repeat_pools_findings_of_a_unit():
    resamples = resampling.draw(PATIENTS, 5, rng()).repeat(3)
    assert resamples.patient.tolist() == [1, 1, 1, 0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0, 3, 3, 3]


@pytest.mark.parametrize(
    "units", [np.array([0, 3]), np.array([True, False, False, True, False, False])]
)
def test_take_keeps_the_draws(units):
    whole = resampling.draw(PATIENTS, 5, rng())
    part = whole.take(units)
    assert part.patient.tolist() == [1, 2]
    assert part.counts is whole.counts


@pytest.mark.parametrize("replicates", [0, -1])
def test_no_replicates_are_refused(replicates):
    with pytest.raises(ValueError, match="replicates"):
        resampling.draw(PATIENTS, replicates, rng())


@pytest.mark.parametrize(
    ("patient", "counts"),
    [
        (np.array([0, 4], dtype=np.int32), np.ones((2, 4), dtype=np.uint8)),
        (np.array([-1], dtype=np.int32), np.ones((2, 4), dtype=np.uint8)),
        (np.array([0], dtype=np.int64), np.ones((2, 4), dtype=np.uint8)),
        (np.array([], dtype=np.int32), np.ones((2, 4), dtype=np.uint8)),
        (np.array([0], dtype=np.int32), np.ones((2, 4))),
        (np.array([0], dtype=np.int32), np.ones(4, dtype=np.uint8)),
    ],
)
def test_malformed_resamples_are_refused(patient, counts):
    with pytest.raises(ValueError, match="must be"):
        resampling.Resamples(patient, counts)

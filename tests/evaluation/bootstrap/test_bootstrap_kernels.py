from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.evaluation.bootstrap import bootstrap_kernels, unit_codes


def test_every_replicate_is_visited_once():
    seen = np.zeros(1000, dtype=int)

    def kernel(start: int, stop: int) -> None:
        seen[start:stop] += 1
        assert stop - start <= unit_codes.LANES

    bootstrap_kernels.over_replicates(kernel, 1000)
    assert (seen == 1).all()


def test_an_error_in_a_thread_is_raised():
    def kernel(start: int, stop: int) -> None:
        raise MemoryError("no room")

    with pytest.raises(MemoryError, match="no room"):
        bootstrap_kernels.over_replicates(kernel, 1000)


def test_arguments_are_passed_on():
    out = np.zeros(5)

    def kernel(start: int, stop: int, factor: float, into: np.ndarray) -> None:
        into[start:stop] = factor

    bootstrap_kernels.over_replicates(kernel, 5, 3.0, out)
    assert out.tolist() == [3] * 5


def test_kernels_give_the_same_compiled_and_as_python():
    # Two tasks: 1 0 (right order) and a tie of both; weights 2 and 3.
    counts = np.array([[2, 3]], dtype=np.uint8)
    patients = np.array([0, 1, 0, 1], dtype=np.int32)
    codes = np.array(
        [
            unit_codes.POSITIVE,
            unit_codes.NEGATIVE,
            unit_codes.TIED_POSITIVE,
            unit_codes.LAST_NEGATIVE,
        ],
        dtype=np.uint8,
    )
    offsets = np.array([0, 2, 4])
    for kernel in (bootstrap_kernels.rank_metrics, bootstrap_kernels.rank_metrics.py_func):
        area, precision = np.empty((1, 2)), np.empty((1, 2))
        with np.errstate(over="ignore"):
            kernel(0, 1, counts, patients, codes, offsets, area, precision)
        assert area.tolist() == [[1.0, 0.5]]
        assert precision.tolist() == [[1.0, 0.4]]  # 2 positives among 5 called

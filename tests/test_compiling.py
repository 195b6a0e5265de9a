"""Tests of compiling where nothing can be kept on disk."""

import numpy as np

from cxrcompare import compiling


def test_a_kernel_is_compiled_where_no_folder_can_be_written(monkeypatch):
    real = compiling.njit

    def njit(cache=False, **options):
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(compiling, "njit", njit)

    def double(values):
        for i in range(len(values)):
            values[i] *= 2

    values = np.arange(3.0)
    compiling.compiled(double)(values)
    assert values.tolist() == [0, 2, 4]

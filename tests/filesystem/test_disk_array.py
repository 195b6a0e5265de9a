"""DiskArray: what is appended is read; the file has no name; other rows are refused."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.filesystem.disk_array import DiskArray


@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_rows_are_read_in_their_order_and_no_file_stays(tmp_path, dtype):
    rows = np.random.default_rng(0).integers(0, 255, (7, 2, 3)).astype(dtype)
    with DiskArray(tmp_path) as made:
        made.append(rows[:3])
        made.append(rows[3:])
        made.append(rows[:0])
        found = made.array()
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, rows)
    assert found.dtype == dtype
    assert list(tmp_path.iterdir()) == []


def test_rows_that_are_not_contiguous_are_written_as_they_look(tmp_path):
    rows = np.arange(12, dtype=np.float32).reshape(2, 3, 2).swapaxes(1, 2)
    with DiskArray(tmp_path) as made:
        made.append(rows)
        np.testing.assert_array_equal(made.array(), rows)


def test_no_rows():
    with DiskArray() as made:
        assert made.array().shape == (0,)
        made.append(np.empty((0, 4), np.float32))
        assert made.array().shape == (0, 4)


def test_other_rows_are_refused():
    with DiskArray() as made:
        made.append(np.zeros((1, 2), np.float32))
        _refuses(made)


def _refuses(made):
    with pytest.raises(ValueError, match=r"must be \(2,\) float32. Received: \(3,\) float32"):
        made.append(np.zeros((1, 3), np.float32))
    with pytest.raises(ValueError, match="float64"):
        made.append(np.zeros((1, 2)))

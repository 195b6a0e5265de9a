"""Hand-worked estimates of disk space and memory."""

import shutil
from types import SimpleNamespace

import pytest

from cxrcompare.experiment import resources


def test_disk_space_is_of_store_networks_and_running_checkpoints(tmp_path, monkeypatch):
    # Store: 10 images of 100 bytes. Networks: (5 + 7 + 7) * 4 bytes. Checkpoints of the two largest
    # in parallel: state of 3 arrays and best of 1, each twice: 8 * 4 bytes * (7 + 7).
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1600))
    store = resources.store_bytes(10, 10)
    assert store == 1000
    need = resources.disk(tmp_path / "not" / "made", store, [5, 7, 7], jobs=2)
    assert need == (1000 + 76 + 448, 1600)
    assert need.met
    assert not resources.disk(tmp_path, store + 100, [5, 7, 7], jobs=2).met


def test_no_training_needs_only_the_store(tmp_path):
    assert resources.disk(tmp_path, 9, [], jobs=3).needed == 9


@pytest.mark.parametrize(("precision", "width"), [("float32", 4), ("bfloat16", 2)])
def test_memory_is_of_parameters_with_their_state_and_of_a_batch(precision, width):
    # 1000 parameters with gradient and two moments: 16,000 bytes.
    # 200 outputs of 8 images, times 1.5.
    found = resources.training_bytes(1000, 200, 8, precision)
    assert found == 0.7e9 + 16_000 + 1.5 * 200 * 8 * width


def test_memory_is_that_of_the_largest_parallel_trainings():
    assert resources.memory([1.0, 5.0, 3.0], jobs=2).needed == 8.0
    assert resources.memory([1.0], jobs=4).needed == 1.0


@pytest.mark.parametrize(
    ("count", "text"), [(123e6, "0.12 GB"), (2.345e9, "2.3 GB"), (0, "0.00 GB")]
)
def test_bytes_are_shown_in_gigabytes(count, text):
    assert resources.gigabytes(count) == text

"""Hand-worked estimates of disk space and memory."""

import shutil
from types import SimpleNamespace

import pytest

from cxrcompare.experiment import resources


def test_disk_space_is_of_store_networks_and_running_checkpoints(tmp_path, monkeypatch):
    # Store: 10 images of 100 bytes. Networks: (5 + 7 + 7) * 4 bytes. Checkpoints of the two largest
    # in parallel: state of 3 arrays and best of 1, each twice: 8 * 4 bytes * (7 + 7).
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: SimpleNamespace(free=1600))
    need = resources.disk(tmp_path / "not" / "made", 1000, [5, 7, 7], jobs=2)
    assert need == (1000 + 76 + 448, 1600)
    assert need.met
    assert not resources.disk(tmp_path, 1100, [5, 7, 7], jobs=2).met


def test_no_training_needs_only_the_store(tmp_path):
    assert resources.disk(tmp_path, 9, [], jobs=3).needed == 9


@pytest.mark.parametrize(
    ("precision", "width", "kept"), [("float32", 4, 0.75), ("bfloat16", 2, 1.15)]
)
def test_memory_is_of_parameters_with_their_state_and_of_a_batch(precision, width, kept):
    # 1000 parameters, 8 arrays of 4 bytes of each: 32,000 bytes.
    # 200 outputs of 8 images, times the factor of the precision.
    found = resources.training_bytes(1000, 200, 8, precision)
    assert found == pytest.approx(1e9 + 32_000 + kept * 200 * 8 * width)


@pytest.mark.parametrize(
    ("parameters", "outputs", "batch", "precision", "peak"),
    [
        (3_231_363, 1_389_507, 16, "bfloat16", 1.02),  # MobileNet, 64 px
        (3_231_363, 16_844_227, 32, "bfloat16", 2.15),  # MobileNet, 224 px
        (3_231_363, 34_337_731, 32, "bfloat16", 3.36),  # MobileNet, 320 px
        (21_296_963, 1_521_447, 16, "bfloat16", 1.69),  # ResNet34, 64 px
        (21_296_963, 17_077_927, 32, "bfloat16", 2.76),  # ResNet34, 224 px
        (21_296_963, 34_521_895, 16, "bfloat16", 2.79),  # ResNet34, 320 px
        (23_587_587, 37_015_463, 16, "bfloat16", 3.01),  # ResNet50, 224 px
        (23_587_587, 75_517_991, 16, "bfloat16", 4.20),  # ResNet50, 320 px
        (42_658_051, 55_781_287, 32, "bfloat16", 5.94),  # ResNet101, 224 px
        (7_034_307, 4_075_559, 16, "bfloat16", 1.69),  # DenseNet121, 64 px
        (7_034_307, 49_820_839, 32, "bfloat16", 5.02),  # DenseNet121, 224 px
        (7_034_307, 101_653_543, 16, "bfloat16", 5.11),  # DenseNet121, 320 px
        (3_231_363, 16_844_227, 16, "float32", 1.87),  # MobileNet, 224 px
        (23_587_587, 37_015_463, 16, "float32", 3.46),  # ResNet50, 224 px
        (7_034_307, 4_075_559, 16, "float32", 1.68),  # DenseNet121, 64 px
    ],
)
def test_estimates_are_near_the_measured_peaks(parameters, outputs, batch, precision, peak):
    """Peak resident memory in GB of trainings, TensorFlow on a CPU."""
    found = resources.training_bytes(parameters, outputs, batch, precision)
    assert found / 1e9 == pytest.approx(peak, rel=0.25)


def test_memory_is_that_of_the_largest_parallel_trainings():
    assert resources.memory([1.0, 5.0, 3.0], jobs=2).needed == 8.0
    assert resources.memory([1.0], jobs=4).needed == 1.0


@pytest.mark.parametrize(
    ("count", "text"), [(123e6, "0.12 GB"), (2.345e9, "2.3 GB"), (0, "0.00 GB")]
)
def test_bytes_are_shown_in_gigabytes(count, text):
    assert resources.gigabytes(count) == text

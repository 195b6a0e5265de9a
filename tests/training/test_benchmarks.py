"""The benchmarks run at a tiny size; their results are not checked."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.keras, pytest.mark.slow]
FOLDER = Path(__file__).parents[2] / "benchmarks"


def rows(script: str, store: Path, out: Path, *options: str) -> Any:
    command = [sys.executable, str(FOLDER / script), "--store", str(store), "--out", str(out)]
    small = ["--models", "mobilenet", "--batch", "2", "--steps", "1", "--rounds", "1"]
    subprocess.run([*command, *small, *options], check=True, capture_output=True)
    with out.open() as file:
        return {row["way"]: row for row in csv.DictReader(file)}


def test_the_gpu_benchmark_at_toy_size(store, tmp_path):
    found = rows("training_gpu.py", store, tmp_path / "gpu.csv", "--toy", "--sizes", "32")
    assert float(found["ours"]["images_per_second"]) > 0
    assert 0 < float(found["ours"]["matrix_share"]) < 1
    # MobileNet has 569 M multiply-adds at 224 pixels (Howard et al. 2017, table 8), its classifier
    # of 1000 classes with 1 M of them left out; at 32 pixels 1/49 of it, and its first convolution
    # sees one channel of three: 16 x 16 x 9 x 2 x 32 fewer. Times 6, in thousands of millions:
    # 6 * (568 / 49 - 0.147) / 1000 = 0.0687
    assert float(found["ours"]["gflops_per_image"]) == pytest.approx(0.0687, abs=0.006)


def test_the_cpu_benchmark_at_toy_size(store, tmp_path):
    ways = ("resident", "training")  # each way starts a framework
    found = rows(
        "training.py", store, tmp_path / "cpu.csv", "--size", "32", "--ways", ",".join(ways)
    )
    for way in ways:
        assert float(found[way]["images_per_second"]) > 0, found[way]["note"]
    assert float(found["training"]["of_resident"]) > 0

"""The images of cases: one run of each network."""

from __future__ import annotations

from pathlib import Path

from cxrcompare.experiment.case_images import _one_run_each


def test_the_smallest_seed_of_each_network():
    runs = [Path(f"out/{name}") for name in ("a__seed10", "a__seed2", "b__seed0")]
    assert _one_run_each(runs) == {"a": runs[1], "b": runs[2]}

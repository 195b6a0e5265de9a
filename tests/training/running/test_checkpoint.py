"""Checkpoints alone; `test_resume.py` resumes runs from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.training.objectives import losses
from cxrcompare.training.running import checkpoint
from cxrcompare.training.steps.compile_step import compile_step
from cxrcompare.training.steps.step import Update, snapshot

pytestmark = pytest.mark.keras


@pytest.fixture
def network(tiny: Any, backend: str) -> Callable[..., Any]:
    def make(findings: int = 3) -> Any:
        model = tiny.build("mobilenet", findings, 32)
        count = len(model.trainable_variables)
        return model, compile_step(model, losses.bce, Update([1.0] * count, [0.0] * count))

    return make


def test_a_checkpoint_restores_all_state(network, tmp_path):
    model, step = network()
    progress = checkpoint.Progress(2, "frozen", best=0.1 + 0.2, best_epoch=2, best_auroc=1 / 3)
    progress.history.append({"epoch": 2, "loss": 1 / 3, "phase": "frozen"})
    checkpoint.save(tmp_path, progress, model, step, snapshot(model))
    assert checkpoint.load_progress(tmp_path) == progress
    other, again = network()
    checkpoint.restore_model(tmp_path, other)
    checkpoint.restore_step(tmp_path, again)
    for one, two in zip(snapshot(model), snapshot(other), strict=True):
        assert np.array_equal(one, two)
    for one, two in zip(
        checkpoint.best_variables(tmp_path, progress), snapshot(model), strict=True
    ):
        assert np.array_equal(one, two)


def test_only_the_best_is_kept(network, tmp_path):
    model, step = network()
    for epoch in (1, 2, 3):
        best = snapshot(model) if epoch < 3 else None
        progress = checkpoint.Progress(epoch=epoch, best_epoch=min(epoch, 2))
        checkpoint.save(tmp_path, progress, model, step, best)
    names = sorted(path.name for path in (tmp_path / "checkpoint").iterdir())
    assert names == ["best-2.npz", "last.npz"]


def test_another_networks_checkpoint_is_refused(network, tmp_path):
    model, step = network()
    checkpoint.save(tmp_path, checkpoint.Progress(epoch=1, best_epoch=1), model, step, None)
    other, again = network(findings=2)
    with pytest.raises(InputError, match="must be a complete checkpoint of this run"):
        checkpoint.restore_model(tmp_path, other)
    with pytest.raises(InputError, match="must be a complete checkpoint of this run"):
        checkpoint.restore_step(tmp_path, again)


def test_no_checkpoint_is_a_fresh_start(tmp_path):
    assert checkpoint.load_progress(tmp_path).epoch == 0


def test_partial_files_of_a_killed_process_are_removed(tmp_path):
    (tmp_path / "checkpoint").mkdir()
    half = [tmp_path / "checkpoint" / ".last.npz.7.partial", tmp_path / ".model.7.keras"]
    for path in half:
        path.write_bytes(b"half")
    (tmp_path / "model.keras").write_bytes(b"whole")
    checkpoint.remove_partial_files(tmp_path)
    assert not any(path.exists() for path in half)
    assert (tmp_path / "model.keras").exists()

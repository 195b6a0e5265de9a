"""Data that vanish while they are read: one line, no output, and the same command continues."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.training.feeding import batches, file_batches
from cxrcompare.training.predict import predict
from cxrcompare.training.running import checkpoint
from cxrcompare.training.train import train

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]


@pytest.fixture(scope="module")
def own(store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a copy of the store that may be moved."""
    return Path(shutil.copytree(store, tmp_path_factory.mktemp("vanishing") / "store"))


@pytest.fixture(scope="module")
def run(tiny: Any, own: Path, backend: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a finished run with the store."""
    from cxrcompare import models
    from cxrcompare.training.run_config import RunConfig

    out = tmp_path_factory.mktemp("vanishing") / "run"
    given = {"weights": "none", "epochs": 1, "batch_size": 8, "precision": "float32"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(models, "build", tiny.build)
        train(RunConfig(model="mobilenet", store=own, **given), out)
    return out


def test_a_store_that_vanishes_in_a_training_keeps_the_checkpoint(
    config, own, tmp_path, monkeypatch
):
    away = own.with_name("away")
    save = checkpoint.save

    def then_vanish(*arguments: Any) -> None:
        save(*arguments)
        if own.exists():
            own.rename(away)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", then_vanish)
        with pytest.raises(InputError, match=r"store: must stay in place .* images\.npy is gone"):
            train(config(store=own), tmp_path / "r")
    with pytest.raises(InputError, match=r"store: must be a finished image store"):
        train(config(store=own), tmp_path / "r")
    away.rename(own)
    assert checkpoint.load_progress(tmp_path / "r").epoch == 1
    train(config(store=own), tmp_path / "r")
    assert (tmp_path / "r" / "summary.json").exists()


def test_a_run_folder_that_vanishes_ends_the_training_as_unfinished(
    config, own, tmp_path, monkeypatch
):
    save = checkpoint.save

    def then_vanish(*arguments: Any) -> None:
        save(*arguments)
        shutil.rmtree(tmp_path / "r")

    monkeypatch.setattr(checkpoint, "save", then_vanish)
    with pytest.raises(InputError, match=r"npz: must be a complete checkpoint of this run"):
        train(config(store=own), tmp_path / "r")
    assert not (tmp_path / "r" / "summary.json").exists()


def test_a_store_that_vanishes_in_a_prediction_leaves_no_file(run, own, tmp_path, monkeypatch):
    away = own.with_name("away")
    take = batches.take

    def then_vanish(*arguments: Any) -> np.ndarray:
        if own.exists():
            own.rename(away)
        return take(*arguments)

    monkeypatch.setattr(batches, "take", then_vanish)
    with pytest.raises(InputError, match=r"store: must stay in place"):
        predict(run, own, tmp_path / "out.csv")
    away.rename(own)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("first_read", [False, True])
def test_a_folder_that_vanishes_in_a_prediction_leaves_no_file(
    run, tmp_path, monkeypatch, first_read
):
    folder, away = tmp_path / "images", tmp_path / "away"
    folder.mkdir()
    for row in range(40):
        cv2.imwrite(str(folder / f"{row}.png"), np.full((20, 20), 5 * row, np.uint8))
    real = file_batches.read_images

    def then_vanish(root: Path, paths: list[str], size: int, workers: int) -> Any:
        """Reads the first file before the folder vanishes, or none."""
        if first_read:
            yield from real(root, paths[:1], size, workers)
        folder.rename(away)
        yield from real(root, paths, size, workers)

    monkeypatch.setattr(file_batches, "read_images", then_vanish)
    with pytest.raises(InputError, match=r"images: must stay in place .* is gone"):
        predict(run, folder, tmp_path / "out.csv", max_rejected=1.0)
    assert [path.name for path in tmp_path.iterdir()] == ["away"]

"""Run folders that are copied in the middle of a training, moved, or continued elsewhere."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrcompare.cli.commands import main
from cxrcompare.errors import InputError
from cxrcompare.training.running import checkpoint, phases
from cxrcompare.training.steps import device
from cxrcompare.training.train import train

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]

TIMES = ("seconds", "images_per_second")


def outcome(run: Path) -> tuple[list[dict[str, str]], bytes, bytes]:
    """Returns what has to be equal: the history without times, and the predictions."""
    with (run / "history.csv").open() as file:
        rows = [{k: v for k, v in row.items() if k not in TIMES} for row in csv.DictReader(file)]
    return rows, *((run / "predictions" / f"{s}.csv").read_bytes() for s in ("valid", "test"))


def copying(monkeypatch: pytest.MonkeyPatch, run: Path, copy: Path, moment: str) -> None:
    """Copies the run folder once, at a moment of its second epoch."""

    def now(epoch: int) -> None:
        if epoch == 1 and not copy.exists():
            shutil.copytree(run, copy)

    if moment == "between the files of a checkpoint":
        write, count = np.savez, iter(range(100))

        def writing(file: Any, *rest: Any, **arrays: Any) -> None:
            file.write(b"PK half")
            now(next(count) // 2)
            file.seek(0)
            file.truncate()
            write(file, *rest, **arrays)

        monkeypatch.setattr(np, "savez", writing)
    elif moment == "after a checkpoint":
        save = checkpoint.save

        def saving(folder: Path, progress: Any, *rest: Any) -> None:
            save(folder, progress, *rest)
            now(progress.epoch - 1)

        monkeypatch.setattr(checkpoint, "save", saving)
    else:
        batches = phases.training_batches

        def training(source: Any, plan: Any, epoch: int) -> Iterator[Any]:
            for batch in batches(source, plan, epoch):
                now(epoch)
                yield batch

        monkeypatch.setattr(phases, "training_batches", training)


@pytest.mark.parametrize(
    "moment", ["in an epoch", "between the files of a checkpoint", "after a checkpoint"]
)
def test_a_run_copied_in_its_training_ends_as_the_original(config, tmp_path, monkeypatch, moment):
    run, copy = tmp_path / "run", tmp_path / "elsewhere" / "copy"
    given = config(deterministic=True)
    with monkeypatch.context() as patch:
        copying(patch, run, copy, moment)
        train(given, run)
    assert (run / "summary.json").exists()
    assert not (copy / "summary.json").exists()
    train(given, copy)
    assert outcome(copy) == outcome(run)
    assert not list(copy.rglob("*.partial"))


def test_a_run_with_its_store_moved_in_the_middle_of_a_training_continues(
    config, store, tmp_path, monkeypatch
):
    first, second = tmp_path / "first", tmp_path / "second" / "machine"
    shutil.copytree(store, first / "store")
    expected = tmp_path / "whole"
    train(config(store=first / "store", deterministic=True), expected)
    with monkeypatch.context() as patch:
        copying(patch, first / "run", tmp_path / "kept", "after a checkpoint")
        train(config(store=first / "store", deterministic=True), first / "run")
    shutil.rmtree(first / "run")
    (tmp_path / "kept").rename(first / "run")
    second.parent.mkdir()
    first.rename(second)
    train(config(store=second / "store", deterministic=True), second / "run")
    assert outcome(second / "run") == outcome(expected)


def test_a_machine_with_another_precision_is_refused_with_the_setting(
    config, tmp_path, monkeypatch
):
    copy = tmp_path / "copy"
    given = config(precision="auto")
    with monkeypatch.context() as patch:
        patch.setattr(device, "precision", lambda asked: "float32")
        copying(patch, tmp_path / "run", copy, "after a checkpoint")
        train(given, tmp_path / "run")
    monkeypatch.setattr(device, "precision", lambda asked: "bfloat16")
    with pytest.raises(InputError, match=r"`precision` was 'float32'. Received: 'bfloat16'"):
        train(given, copy)


def test_a_copy_without_its_checkpoint_starts_again_or_is_refused(config, tmp_path, monkeypatch):
    """The history says that epochs were trained; without the checkpoint they are trained anew."""
    run, copy = tmp_path / "run", tmp_path / "copy"
    with monkeypatch.context() as patch:
        copying(patch, run, copy, "after a checkpoint")
        train(config(deterministic=True), run)
    shutil.rmtree(copy / "checkpoint")
    train(config(deterministic=True), copy)
    assert outcome(copy) == outcome(run)


@pytest.mark.parametrize(
    "lost", ["config.json", "model.keras", "predictions/test.csv", "summary.json"]
)
def test_a_finished_run_that_was_copied_in_part_is_one_line(
    config, tmp_path, monkeypatch, capsys, store, lost
):
    run = tmp_path / "run"
    train(config(epochs=1), run)
    (run / lost).unlink()
    words = {
        "predictions/test.csv": ["compare", str(run / lost), "--reference", str(run / "no.csv")],
    }.get(lost, ["predict", str(run), str(store)])
    assert main([*words, "--out", str(tmp_path / "out")]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("cxrcompare: ")
    assert str(run) in lines[0]
    assert not (tmp_path / "out").exists()

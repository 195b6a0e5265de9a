"""Runs that can be trusted: same seed, same numbers; killed anywhere, the same end."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrcompare import progress
from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import files
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.running import checkpoint, phases, training_loop
from cxrcompare.training.train import train

pytestmark = [pytest.mark.keras, pytest.mark.usefixtures("tiny_network")]
TIMES = ("seconds", "images_per_second")
HARD = {
    "weights": "imagenet",
    "frozen_epochs": 2,
    "epochs": 4,
    "image_size": 64,
    "dropout": 0.3,
    "schedule": "step",
    "step_epochs": (2,),
    "warmup_epochs": 1.5,
    "batch_norm": "trained",
}
"""Everything that a checkpoint has to remember."""


def outcome(run: Path) -> tuple[list[dict[str, str]], bytes, bytes]:
    """What has to be the same to the bit."""
    with (run / "history.csv").open() as file:
        rows = [{k: v for k, v in row.items() if k not in TIMES} for row in csv.DictReader(file)]
    return rows, *((run / "predictions" / f"{s}.csv").read_bytes() for s in ("valid", "test"))


@pytest.fixture(scope="module")
def whole(
    request: pytest.FixtureRequest, store: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Any]:
    """Returns the outcome of an uninterrupted run of a configuration, cached."""
    made = {}

    def get(config: RunConfig) -> Any:
        key = config.model_dump_json()
        if key not in made:
            run = tmp_path_factory.mktemp("whole") / "r"
            train(config, run)
            made[key] = outcome(run)
        return made[key]

    return get


def test_the_same_seed_gives_the_same_numbers_and_another_others(config, whole, tmp_path):
    train(config(**HARD, deterministic=True), tmp_path / "again")
    assert outcome(tmp_path / "again") == whole(config(**HARD, deterministic=True))
    train(config(**HARD, deterministic=True, seed=1), tmp_path / "other")
    assert outcome(tmp_path / "other") != whole(config(**HARD, deterministic=True))


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the package may catch it."""


def kill_at(monkeypatch: pytest.MonkeyPatch, moment: str, times: int) -> None:
    """Ends the run at the `times`-th occurrence of a moment."""
    visits = iter(range(1, 1_000))

    def visit() -> None:
        if next(visits) == times:
            raise Killed

    write, batches, record = np.savez, phases.training_batches, checkpoint.save
    if moment in ("before writing", "while writing"):

        def dying(file: Any, *rest: Any, **arrays: Any) -> None:
            if moment == "while writing":
                Path(file.name).with_name(".last.npz.1.partial").write_bytes(b"PK half")
            visit()
            write(file, *rest, **arrays)

        monkeypatch.setattr(np, "savez", dying)
    elif moment == "after the checkpoint":

        def dying(*arguments: Any) -> Any:
            record(*arguments)
            visit()

        monkeypatch.setattr(checkpoint, "save", dying)
    else:

        def dying(*arguments: Any) -> Any:
            for batch in batches(*arguments):
                visit()
                yield batch

        monkeypatch.setattr(phases, "training_batches", dying)


@pytest.mark.parametrize(
    ("place", "times"),
    [
        ("before writing", 1),
        ("before writing", 2),
        ("while writing", 4),
        ("after the checkpoint", 1),
        ("after the checkpoint", 2),
        ("after the checkpoint", 3),
        ("after the checkpoint", 6),
        ("in an epoch", 1),
        ("in an epoch", 6),
    ],
)
def test_killed_anywhere_it_ends_as_if_it_had_not_been(
    config, whole, tmp_path, monkeypatch, place, times
):
    hard = config(**HARD, deterministic=True)
    expected = whole(hard)
    with monkeypatch.context() as patch:
        kill_at(patch, place, times)
        with pytest.raises(Killed):
            train(hard, tmp_path / "r")
    done = checkpoint.load_progress(tmp_path / "r").epoch
    if place == "after the checkpoint":
        assert done == times
    train(hard, tmp_path / "r")
    assert outcome(tmp_path / "r") == expected
    assert not (tmp_path / "r" / "checkpoint").exists()
    assert not list((tmp_path / "r").rglob("*.partial"))


def test_killed_while_finishing(config, whole, tmp_path, monkeypatch):
    hard = config(**HARD, deterministic=True)
    expected = whole(hard)
    with monkeypatch.context() as patch:
        patch.setattr("cxrcompare.training.running.finish.record.write_split", lambda *a: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(hard, tmp_path / "r")
    train(hard, tmp_path / "r")
    assert outcome(tmp_path / "r") == expected


@pytest.mark.slow
def test_kill_9_after_random_epochs(config, tiny, tmp_path):
    hard = config(**{**HARD, "epochs": 40}, patience=0, deterministic=True)
    (tmp_path / "config.json").write_text(hard.model_dump_json())
    command = [sys.executable, tiny.__file__, str(tmp_path / "config.json")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1"}
    moments = random.Random(5)
    run, kills = tmp_path / "killed", 0
    for _ in range(2):
        process = subprocess.Popen(
            [*command, str(run)], env=environment, stderr=subprocess.DEVNULL, start_new_session=True
        )
        epochs = _epochs(run) + moments.randint(1, 9)
        while process.poll() is None and _epochs(run) < epochs:
            time.sleep(0.01)
        time.sleep(0.1 * moments.random())
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
    assert kills, "the training was too short to be killed"
    for folder in (run, tmp_path / "whole"):
        done = subprocess.run(
            [*command, str(folder)], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert "WARNING" not in done.stderr
        assert done.stdout == ""
    assert outcome(run) == outcome(tmp_path / "whole")


def _epochs(run: Path) -> int:
    try:
        return len((run / "history.csv").read_text().splitlines())
    except OSError:
        return 0


def test_a_loss_that_is_not_finite_stops_with_the_last_good_checkpoint(
    config, tmp_path, monkeypatch
):
    batches = phases.training_batches

    def poisoned(source: Any, plan: Any, epoch: int) -> Iterator[Any]:
        for batch in batches(source, plan, epoch):
            if epoch == 2:
                batch.values[0, 0] = np.nan
            yield batch

    with monkeypatch.context() as patch:
        patch.setattr(phases, "training_batches", poisoned)
        with pytest.raises(JobError, match=r"not finite in epoch 3; the checkpoint of epoch 2"):
            train(config(), tmp_path / "r")
    assert checkpoint.load_progress(tmp_path / "r").epoch == 2
    train(config(), tmp_path / "r")  # the cause gone, it goes on
    assert (tmp_path / "r" / "summary.json").exists()


def test_checkpoints_that_are_not_due_are_not_written_and_change_nothing(
    config, whole, tmp_path, monkeypatch
):
    rare = config(**HARD, deterministic=True, checkpoint_seconds=3600)
    saved = []
    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", lambda *a: saved.append(a))
        train(rare, tmp_path / "whole")
    assert not saved
    expected = whole(config(**HARD, deterministic=True))
    assert outcome(tmp_path / "whole") == expected
    with monkeypatch.context() as patch:
        kill_at(patch, "in an epoch", 6)
        with pytest.raises(Killed):
            train(rare, tmp_path / "killed")
    assert checkpoint.load_progress(tmp_path / "killed").epoch == 0
    train(config(**HARD, deterministic=True), tmp_path / "killed")  # the time may change
    assert outcome(tmp_path / "killed") == expected


def test_the_best_epoch_is_kept_until_a_checkpoint_is_due(config, whole, tmp_path, monkeypatch):
    """Epochs end at 10, 20, 30, ... seconds: 25 seconds after the last checkpoint, one is due."""
    hard = config(**HARD, deterministic=True, checkpoint_seconds=25)
    save, clock, epochs = checkpoint.save, iter(range(0, 10_000, 10)), []

    def saving(folder: Path, progress: Any, *rest: Any) -> None:
        epochs.append(progress.epoch)
        save(folder, progress, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", saving)
        patch.setattr(training_loop, "_seconds", lambda: next(clock))
        kill_at(patch, "in an epoch", 11)
        with pytest.raises(Killed):
            train(hard, tmp_path / "r")
    done = checkpoint.load_progress(tmp_path / "r").epoch
    assert [done] == epochs[-1:]
    assert np.diff([0, *epochs]).min() > 1
    train(hard, tmp_path / "r")
    assert outcome(tmp_path / "r") == whole(config(**HARD, deterministic=True))


def test_a_full_disk_keeps_the_checkpoint_before(config, tmp_path, monkeypatch):
    write, count = np.savez, iter(range(100))

    def full(file: Any, *arguments: Any, **arrays: Any) -> None:
        if next(count) == 3:
            file.write(b"PK")
            raise OSError(28, "No space left on device")
        write(file, *arguments, **arrays)

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full)
        with pytest.raises(JobError, match="No space left on device"):
            train(config(), tmp_path / "r")
    assert not list((tmp_path / "r").rglob("*.partial"))
    assert checkpoint.load_progress(tmp_path / "r").epoch >= 1
    train(config(), tmp_path / "r")
    assert (tmp_path / "r" / "summary.json").exists()


@pytest.mark.parametrize("change", ["cut short", "replaced"])
def test_a_store_changed_under_a_run_stops_it(config, tiny, tmp_path, monkeypatch, change):
    folder = tiny.write_store(tmp_path / "store")
    save = checkpoint.save

    def then_change(*arguments: Any) -> None:
        save(*arguments)
        pixels = folder / "images.npy"
        if change == "cut short":
            os.truncate(pixels, 500)
        else:
            shutil.copy(pixels, tmp_path / "copy.npy")
            (tmp_path / "copy.npy").replace(pixels)

    monkeypatch.setattr(checkpoint, "save", then_change)
    with pytest.raises(JobError, match="store changed"):
        train(config(store=folder), tmp_path / "r")
    assert checkpoint.load_progress(tmp_path / "r").epoch == 1


def test_a_run_does_not_go_on_with_another_store(config, tiny, tmp_path, monkeypatch):
    one, other = (tiny.write_store(tmp_path / str(seed), seed=seed) for seed in (0, 1))
    with monkeypatch.context() as patch:
        kill_at(patch, "after the checkpoint", 1)
        with pytest.raises(Killed):
            train(config(store=one), tmp_path / "r")
    with pytest.raises(InputError, match="store_content_hash"):
        train(config(store=other), tmp_path / "r")
    moved = one.rename(tmp_path / "moved")
    train(config(store=moved), tmp_path / "r")  # the same store elsewhere will do


def test_a_run_does_not_go_on_with_other_pictures(config, tiny, tmp_path, monkeypatch):
    folder = tiny.write_store(tmp_path / "store")
    with monkeypatch.context() as patch:
        kill_at(patch, "after the checkpoint", 1)
        with pytest.raises(Killed):
            train(config(store=folder), tmp_path / "r")
    pixels = np.load(folder / "images.npy")
    np.save(folder / "images.npy", 255 - pixels)
    with pytest.raises(InputError, match="must contain the images that it was made with"):
        train(config(store=folder), tmp_path / "r")


def test_one_changed_training_image_ends_the_run_with_its_name(config, tiny, tmp_path):
    folder = tiny.write_store(tmp_path / "store", images=1500)
    content = bytearray((folder / "images.npy").read_bytes())
    content[128 + 777 * 32 * 32 + 500] ^= 1  # row 777 is of the training split
    (folder / "images.npy").write_bytes(content)
    with pytest.raises(InputError, match=r"store: .*another image for p777/s/v\.png"):
        train(config(store=folder, epochs=1), tmp_path / "r")
    assert not (tmp_path / "r" / "summary.json").exists()


@pytest.mark.parametrize("damage", ["cut", "flipped", "no zip"])
def test_a_damaged_checkpoint_is_refused(config, tmp_path, monkeypatch, damage):
    with monkeypatch.context() as patch:
        kill_at(patch, "after the checkpoint", 1)
        with pytest.raises(Killed):
            train(config(), tmp_path / "r")
    path = tmp_path / "r" / "checkpoint" / "last.npz"
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "flipped":
        content[len(content) // 2] ^= 255
    else:
        content = bytearray(b"nothing")
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"last\.npz: must be a complete checkpoint"):
        train(config(), tmp_path / "r")


def test_two_trainings_do_not_share_a_folder(config, tmp_path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr("cxrcompare.training.train.PATIENCE", 0)

    (tmp_path / "r").mkdir()
    with FileLock(tmp_path / "r" / ".lock"), pytest.raises(InputError, match="in use"):
        train(config(), tmp_path / "r")


def test_progress_says_loss_auroc_and_rate(config, tmp_path, capfd, monkeypatch):
    monkeypatch.setattr("cxrcompare.progress.track", partial(progress.track, patience=0.0))
    with progress.shown():
        train(config(), tmp_path / "r")
    lines = capfd.readouterr().err
    assert "mobilenet seed 0" in lines
    assert "/s" in lines


def test_json_files_are_json(config, tmp_path):
    train(config(epochs=1), tmp_path / "r")
    for name in ("config", "environment", "summary"):
        assert isinstance(json.loads((tmp_path / "r" / f"{name}.json").read_text()), dict)
        assert files.read_json(tmp_path / "r" / f"{name}.json")

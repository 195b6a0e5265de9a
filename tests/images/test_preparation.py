"""Killed runs, changed files and full disks: the store ends up with the same bytes."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxrcompare.errors import InputError, JobError
from cxrcompare.image_table import ImageTable
from cxrcompare.images import journal, preparation
from cxrcompare.images.decoding import pool
from cxrcompare.images.decoding.decode import load
from cxrcompare.images.decoding.pool import Block
from cxrcompare.images.prepare import open_store, prepare

from .conftest import draw_image, files, jpeg

# --- a killed run --------------------------------------------------------------------------------

RUN = """
import sys
from pathlib import Path
import numpy as np
sys.path.insert(0, {tests!r})
from conftest import table_of
from cxrcompare.images import journal
from cxrcompare.images.prepare import prepare
journal.SECONDS = 0.02
root = Path({root!r})
paths = sorted(p.relative_to(root).as_posix() for p in root.rglob("*.jpg"))
prepare(table_of(root, paths), Path({out!r}), 48, workers=2, max_rejected=0.1)
"""


def start(root: Path, out: Path) -> subprocess.Popen[bytes]:
    code = RUN.format(tests=str(Path(__file__).parent), root=str(root), out=str(out))
    return subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)


@pytest.mark.slow
def test_killed_runs_end_in_the_same_bytes(folder_of, tmp_path):
    table = folder_of(400)
    for row in (3, 250, 350):
        (table.root / f"train/{row:03d}.jpg").write_bytes(b"broken")
    whole = prepare(table, tmp_path / "whole", 48, workers=2, max_rejected=0.1)
    rng = random.Random(4)
    out = tmp_path / "killed"
    advanced = 0
    for _ in range(3):
        run = start(table.root, out)
        marks = out / "journal.jsonl"
        before = marks.stat().st_size if marks.exists() else 0
        while run.poll() is None:
            if marks.exists() and marks.stat().st_size > before:
                time.sleep(rng.uniform(0, 0.05))
                break
            time.sleep(0.005)
        run.send_signal(signal.SIGKILL)
        run.wait()
        advanced += marks.exists() and marks.stat().st_size > before
        if not (out / "store.json").exists():
            with pytest.raises(InputError, match="unfinished"):
                open_store(out)
    assert advanced >= 2
    assert len(prepare(table, out, 48, max_rejected=0.1)) == 397
    assert files(out) == files(whole.folder)


class Killed(BaseException):
    """Ends a run at once, like SIGKILL."""


def kill_before_finish(patch: pytest.MonkeyPatch) -> None:
    """Ends a run when all images are decoded and no final file is written."""

    def killed(table: ImageTable) -> str:
        raise Killed

    patch.setattr(preparation, "table_text", killed)


def test_a_run_killed_anywhere_in_its_finish_ends_in_the_same_bytes(
    folder_of, tmp_path, monkeypatch
):
    table = folder_of(6)
    (table.root / "train/002.jpg").write_bytes(b"broken")
    whole = prepare(table, tmp_path / "whole", 16, workers=1, max_rejected=0.5)
    with monkeypatch.context() as patch:
        kill_before_finish(patch)
        with pytest.raises(Killed):
            prepare(table, tmp_path / "decoded", 16, workers=1, max_rejected=0.5)
    for step in range(40):
        shutil.copytree(tmp_path / "decoded", tmp_path / f"killed{step}")
        finished = finish_until(step, table, tmp_path / f"killed{step}", monkeypatch)
        prepare(table, tmp_path / f"killed{step}", 16, workers=1, max_rejected=0.5)
        assert files(tmp_path / f"killed{step}") == files(whole.folder)
        if finished:
            break
    assert 10 < step < 39


def finish_until(step: int, table: ImageTable, out: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Ends a run before its `step`th change on disk; returns whether the run finished."""
    steps = 0

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal steps
            if steps == step:
                raise Killed
            steps += 1
            return real(*arguments, **options)

        return call

    with monkeypatch.context() as patch:
        for owner, name in (
            (preparation, "write_text"),
            (preparation, "write_json"),
            (preparation, "replacing"),
            (preparation, "content_hash"),
            (preparation, "write_description"),
            (os, "fsync"),
            (Path, "replace"),
            (Path, "unlink"),
        ):
            patch.setattr(owner, name, counting(getattr(owner, name)))
        try:
            prepare(table, out, 16, workers=1, max_rejected=0.5)
        except Killed:
            return False
    return True


def test_lost_pixels_start_the_store_again(folder_of, tmp_path, monkeypatch):
    table = folder_of(40)
    whole = prepare(table, tmp_path / "whole", 16)
    with monkeypatch.context() as patch:
        kill_before_finish(patch)
        with pytest.raises(Killed):
            prepare(table, tmp_path / "store", 16)
    os.truncate(tmp_path / "store/images.partial", 1000)
    prepare(table, tmp_path / "store", 16)
    assert files(tmp_path / "store") == files(whole.folder)


def test_an_unfinished_store_of_other_inputs_is_refused(folder_of, tmp_path, monkeypatch):
    table = folder_of(3)
    with monkeypatch.context() as patch:
        kill_before_finish(patch)
        with pytest.raises(Killed):
            prepare(table, tmp_path / "store", 16)
    with pytest.raises(InputError, match="unfinished store with other inputs"):
        prepare(table, tmp_path / "store", 17)


def test_other_versions_start_an_unfinished_store_again(folder_of, tmp_path, monkeypatch):
    table = folder_of(3)
    with monkeypatch.context() as patch:
        kill_before_finish(patch)
        with pytest.raises(Killed):
            prepare(table, tmp_path / "store", 16)
    recorded = tmp_path / "store/inputs.json"
    recorded.write_text(recorded.read_text().replace('"pillow": "', '"pillow": "0.'))
    (table.root / "train/001.jpg").write_bytes(jpeg(draw_image(99)))
    store = prepare(table, tmp_path / "store", 16)
    plain = prepare(table, tmp_path / "plain", 16)
    assert (store.pixels[:] == plain.pixels[:]).all()


# --- a full disk ---------------------------------------------------------------------------------


def test_a_full_disk_is_one_clear_line_and_the_store_continues(folder_of, tmp_path):
    table = folder_of(300)
    whole = prepare(table, tmp_path / "whole", 48)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (200 * 48 * 48, old[1]))
        with pytest.raises(JobError, match=r"cannot be written: .*\. The same command continues"):
            prepare(table, tmp_path / "store", 48)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, ignored)
    assert not (tmp_path / "store/store.json").exists()
    assert (tmp_path / "store/journal.jsonl").stat().st_size > 0
    prepare(table, tmp_path / "store", 48)
    assert files(tmp_path / "store") == files(whole.folder)


def test_too_little_free_space_is_reported_before_anything_is_decoded(
    folder_of, tmp_path, monkeypatch
):
    usage = preparation.shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(preparation.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(JobError, match=r"needs 2,560 more bytes.*1,000 free"):
        prepare(folder_of(10), tmp_path / "store", 16)


def test_an_interrupted_run_keeps_what_it_has(folder_of, tmp_path, monkeypatch):
    table = folder_of(100)
    whole = prepare(table, tmp_path / "whole", 16)
    with monkeypatch.context() as patch:
        real = journal.Journal.add

        def interrupted(self: journal.Journal, block: Block) -> None:
            real(self, block)
            if block.start >= 32:
                raise KeyboardInterrupt

        patch.setattr(journal.Journal, "add", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prepare(table, tmp_path / "store", 16, workers=1)
    assert journal.read_journal(tmp_path / "store/journal.jsonl").rows == 64
    for row in range(64):
        unread_but_the_same(table.root / f"train/{row:03d}.jpg")
    prepare(table, tmp_path / "store", 16)
    assert files(tmp_path / "store") == files(whole.folder)


def unread_but_the_same(path: Path) -> None:
    """Replaces a file's bytes and keeps its size and time; decoded again, it would be rejected."""
    status = path.stat()
    path.write_bytes(b"\0" * status.st_size)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize("finishing", [False, True])
def test_a_run_continues_from_the_first_changed_file(
    folder_of, tmp_path, monkeypatch, caplog, finishing
):
    table = folder_of(100)
    (table.root / "train/002.jpg").write_bytes(b"broken")
    (table.root / "train/050.jpg").write_bytes(b"broken too")
    out = tmp_path / "store"

    def killed(*_: object) -> None:  # `images.npy` has its final name by now
        raise Killed

    with monkeypatch.context() as patch:
        if finishing:
            patch.setattr(preparation, "write_description", killed)
        else:
            kill_before_finish(patch)
        with pytest.raises(Killed):
            prepare(table, out, 16, workers=1, max_rejected=0.1)
    (table.root / "train/050.jpg").write_bytes(jpeg(draw_image(50)))  # repaired
    (table.root / "train/070.jpg").write_bytes(b"broken now")
    for row in range(50):
        unread_but_the_same(table.root / f"train/{row:03d}.jpg")
    store = prepare(table, out, 16, workers=1, max_rejected=0.1)
    assert "changed since they were read: 2 (first: train/050.jpg)" in caplog.text
    assert store.rejected()["path"].tolist() == ["train/002.jpg", "train/070.jpg"]
    kept = [row for row in range(100) if row not in (2, 70)]
    assert store.table.rows["image_id"].tolist() == [f"{row:04d}" for row in kept]
    for position, row in enumerate(kept):
        if row >= 50:
            expected = load(table.root / f"train/{row:03d}.jpg", 16)
            assert (store.pixels[position] == expected).all()
        else:
            assert (store.pixels[position] > 0).any()
    store.verify()


# --- a data folder that vanishes -----------------------------------------------------------------


@pytest.mark.parametrize("max_rejected", [0.01, 0.9])
def test_a_data_folder_that_vanishes_is_one_line_and_loses_no_progress(
    folder_of, tmp_path, monkeypatch, max_rejected
):
    """Also where so many rejected files are allowed that the store could be finished."""
    table = folder_of(100)
    whole = prepare(table, tmp_path / "whole", 16)
    away = tmp_path / "away"
    with monkeypatch.context() as patch:
        real = journal.Journal.add

        def then_vanish(self: journal.Journal, block: Block) -> None:
            real(self, block)
            if block.start == 32:
                table.root.rename(away)

        patch.setattr(journal.Journal, "add", then_vanish)
        patch.setattr(pool, "AHEAD", 0)  # later blocks are not yet read when the folder vanishes
        with pytest.raises(InputError, match=r"must stay in place .* is gone; nothing is lost"):
            prepare(table, tmp_path / "store", 16, workers=1, max_rejected=max_rejected)
    assert not (tmp_path / "store/store.json").exists()
    assert not (tmp_path / "store/rejected.csv").exists()
    away.rename(table.root)
    for row in range(32):
        unread_but_the_same(table.root / f"train/{row:03d}.jpg")
    prepare(table, tmp_path / "store", 16, max_rejected=max_rejected)
    assert files(tmp_path / "store") == files(whole.folder)

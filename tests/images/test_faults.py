"""Crashing decoders, killed runs and full disks: the store ends up with the same bytes."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from cxrcompare.errors import InputError, JobError
from cxrcompare.images import journal, preparation
from cxrcompare.images.decoding import pool
from cxrcompare.images.decoding.decode import load
from cxrcompare.images.prepare import open_store, prepare

from .conftest import draw_image, jpeg, table_of


def files(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name != ".lock"}


@pytest.fixture
def in_workers(tmp_path, monkeypatch):
    """Returns a function that makes every decoding process run code at its start."""

    def arrange(code: str) -> None:
        (tmp_path / "site").mkdir(exist_ok=True)
        (tmp_path / "site/sitecustomize.py").write_text(textwrap.dedent(code))
        monkeypatch.syspath_prepend(tmp_path / "site")

    return arrange


POISON = b"\xff\xd8\xff" + b"poison"


def bad_decoder(what: str) -> str:
    """Returns code that makes a worker run `what` when it decodes the poisoned file."""
    return f"""
        import os, signal, time
        import cxrcompare.images.decoding.decode as decode
        real = decode._jpeg
        def poisoned(data, size):
            if data.endswith(b"poison"):
                {what}
            return real(data, size)
        decode._jpeg = poisoned
    """


@pytest.mark.parametrize(
    "what", ["os.kill(os.getpid(), signal.SIGSEGV)", "time.sleep(1000)"], ids=["crash", "hang"]
)
def test_an_image_that_ends_its_decoder_is_rejected_alone(
    folder_of, tmp_path, in_workers, monkeypatch, what
):
    table = folder_of(50)
    plain = prepare(table, tmp_path / "plain", 16, max_rejected=0.1)
    (table.root / "train/021.jpg").write_bytes(POISON)
    in_workers(bad_decoder(what))
    monkeypatch.setattr(pool, "SECONDS", 3.0)
    store = prepare(table, tmp_path / "store", 16, workers=2, max_rejected=0.1)
    assert store.rejected().to_numpy().tolist() == [["train/021.jpg", pool.CRASHED]]
    others = [row for row in range(50) if row != 21]
    assert (store.pixels[:] == plain.pixels[others]).all()


def test_a_decoder_that_wants_all_memory_is_stopped(folder_of, tmp_path, in_workers):
    table = folder_of(5)
    (table.root / "train/002.jpg").write_bytes(POISON)
    in_workers(bad_decoder("bytearray(64 * 2**30)"))
    store = prepare(table, tmp_path / "store", 16, max_rejected=0.5)
    assert store.rejected()["reason"].tolist() == ["needs more memory than there is"]


def test_workers_that_die_again_and_again_change_nothing(folder_of, tmp_path, in_workers):
    # Every worker dies at its 40th image, as if it were killed for lack of memory.
    # A block is shorter, so that a new worker can decode it.
    table = folder_of(120)
    plain = prepare(table, tmp_path / "plain", 16)
    in_workers(f"""
        import os
        import cxrcompare.images.decoding.decode as decode
        real, count = decode._jpeg, 0
        def fragile(data, size):
            global count
            count += 1
            if count == 40:
                with open({str(tmp_path / "deaths")!r}, "a") as file:
                    file.write("x")
                os._exit(9)
            return real(data, size)
        decode._jpeg = fragile
    """)
    store = prepare(table, tmp_path / "store", 16, workers=1)
    assert (tmp_path / "deaths").read_text().startswith("xx")
    assert files(store.folder) == files(plain.folder)


def test_workers_that_cannot_start_are_one_clear_line(folder_of, tmp_path, in_workers):
    in_workers("raise SystemExit('no such library')")
    with pytest.raises(JobError, match=r"cannot start .*no such library"):
        prepare(folder_of(2), tmp_path / "store", 16)


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
        deadline = time.monotonic() + 60
        while run.poll() is None and time.monotonic() < deadline:
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


def test_a_run_killed_anywhere_in_its_finish_ends_in_the_same_bytes(
    folder_of, tmp_path, monkeypatch
):
    table = folder_of(6)
    (table.root / "train/002.jpg").write_bytes(b"broken")
    whole = prepare(table, tmp_path / "whole", 16, workers=1, max_rejected=0.5)
    with monkeypatch.context() as patch:
        patch.setattr(
            preparation.Preparation, "_finish", lambda self: (_ for _ in ()).throw(Killed)
        )
        with pytest.raises(Killed):
            prepare(table, tmp_path / "decoded", 16, workers=1, max_rejected=0.5)
    for step in range(30):
        shutil.copytree(tmp_path / "decoded", tmp_path / f"killed{step}")
        finished = finish_until(step, table, tmp_path / f"killed{step}", monkeypatch)
        prepare(table, tmp_path / f"killed{step}", 16, workers=1, max_rejected=0.5)
        assert files(tmp_path / f"killed{step}") == files(whole.folder)
        if finished:
            break
    assert 10 < step < 29


def finish_until(step: int, table, out: Path, monkeypatch) -> bool:
    """Ends a run before its `step`th change on disk; returns whether the run finished."""
    steps = 0

    def counting(real):
        def call(*arguments, **options):
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


def test_a_journal_cut_in_the_middle_of_a_line_is_read_up_to_that_line(tmp_path):
    path = tmp_path / "journal.jsonl"
    whole = b'{"rows": 2, "hashes": ["00", "01"], "rejected": {}, "stamps": [[5, 6], [7, 8]]}\n'
    path.write_bytes(whole + b'{"rows": 4, "hashes": ["02"], "rejec')
    done = journal.read_journal(path)
    assert (done.rows, done.hashes, done.rejected) == (2, [b"\0", b"\1"], {})
    assert done.all_stamps().tolist() == [[5, 6], [7, 8]]
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",
        b"3",
        b'{"rows": 2}',
        b'{"rows": 9, "hashes": [], "rejected": {}, "stamps": []}',
        b'{"rows": 3, "hashes": ["zz"], "rejected": {}, "stamps": [[1, 2]]}',
        b'{"rows": 3, "hashes": [], "rejected": {"7": "no"}, "stamps": [[1, 2]]}',
    ],
)
def test_a_journal_is_read_up_to_its_first_damaged_line(tmp_path, line):
    path = tmp_path / "journal.jsonl"
    whole = b'{"rows": 2, "hashes": ["00", "01"], "rejected": {}, "stamps": [[5, 6], [7, 8]]}\n'
    path.write_bytes(whole + line + b"\n")
    done = journal.read_journal(path)
    assert (done.rows, done.hashes, done.rejected) == (2, [b"\0", b"\1"], {})
    assert path.read_bytes() == whole


def test_lost_pixels_start_the_store_again(folder_of, tmp_path, monkeypatch):
    table = folder_of(40)
    whole = prepare(table, tmp_path / "whole", 16)
    with monkeypatch.context() as patch:
        patch.setattr(
            preparation.Preparation, "_finish", lambda self: (_ for _ in ()).throw(Killed)
        )
        with pytest.raises(Killed):
            prepare(table, tmp_path / "store", 16)
    os.truncate(tmp_path / "store/images.partial", 1000)
    prepare(table, tmp_path / "store", 16)
    assert files(tmp_path / "store") == files(whole.folder)


def test_an_unfinished_store_of_other_inputs_is_refused(folder_of, tmp_path, monkeypatch):
    table = folder_of(3)
    with monkeypatch.context() as patch:
        patch.setattr(
            preparation.Preparation, "_finish", lambda self: (_ for _ in ()).throw(Killed)
        )
        with pytest.raises(Killed):
            prepare(table, tmp_path / "store", 16)
    with pytest.raises(InputError, match="unfinished store with other inputs"):
        prepare(table, tmp_path / "store", 17)


def test_other_versions_start_an_unfinished_store_again(folder_of, tmp_path, monkeypatch):
    table = folder_of(3)
    with monkeypatch.context() as patch:
        patch.setattr(
            preparation.Preparation, "_finish", lambda self: (_ for _ in ()).throw(Killed)
        )
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

        def interrupted(self, block):
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

    def killed(*_):  # `images.npy` has its final name by now
        raise Killed

    with monkeypatch.context() as patch:
        if finishing:
            patch.setattr(preparation, "write_description", killed)
        else:
            patch.setattr(
                preparation.Preparation, "_finish", lambda self: (_ for _ in ()).throw(Killed)
            )
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


# --- odd files and folders -----------------------------------------------------------------------


def test_loops_of_symbolic_links_and_folders_are_rejected(folder_of, tmp_path):
    table = folder_of(3)
    (table.root / "train/loop.jpg").symlink_to("loop.jpg")
    (table.root / "train/folder.jpg").mkdir()
    paths = [*table.rows["path"], "train/loop.jpg", "train/folder.jpg", "train/a\0b.jpg"]
    store = prepare(table_of(table.root, paths), tmp_path / "store", 16, max_rejected=0.6)
    reasons = store.rejected()["reason"].tolist()
    assert ["symbolic links" in reasons[0], "directory" in reasons[1], "null" in reasons[2]] == [
        True,
        True,
        True,
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_rejected(folder_of, tmp_path):
    table = folder_of(3)
    (table.root / "train/001.jpg").chmod(0)
    store = prepare(table, tmp_path / "store", 16, max_rejected=0.5)
    assert "Permission denied" in store.rejected()["reason"][0]


def test_a_refusal_of_the_system_is_rejected_with_its_words(folder_of, tmp_path, in_workers):
    table = folder_of(3)
    in_workers("""
        import os
        real = os.open
        def refused(path, *rest, **options):
            if str(path).endswith("001.jpg"):
                raise PermissionError(13, "Permission denied")
            return real(path, *rest, **options)
        os.open = refused
    """)
    store = prepare(table, tmp_path / "store", 16, max_rejected=0.5)
    assert store.rejected()["reason"].tolist() == ["cannot be read: Permission denied"]


def test_names_beyond_ascii_and_ids_with_leading_zeros_come_back(tmp_path):
    root = tmp_path / "data"
    (root / "Röntgen 胸").mkdir(parents=True)
    paths = ["Röntgen 胸/a,b.jpg", 'Röntgen 胸/c"d.jpg', "Röntgen 胸/NA.jpg"]
    for row, path in enumerate(paths):
        (root / path).write_bytes(jpeg(draw_image(row)))
    table = table_of(
        root,
        paths,
        image_id=["007", "NA", "1e5"],
        patient_id=["00", "0", "None"],
        study_id=["00/1", "0/1", "nan"],
        age=[0.1 + 0.2, np.nan, 90.0],
    )
    found = prepare(table, tmp_path / "store", 16).table.rows
    for column in table.rows.columns:
        assert found[column].equals(table.rows[column]), column


def test_a_name_that_is_no_utf8_is_one_clear_line(folder_of, tmp_path):
    table = folder_of(2)
    rows = table.rows.astype({"path": object})
    rows.loc[1, "path"] = b"train/\xff.jpg".decode(errors="surrogateescape")
    wrong = type(table)(rows, table.findings, table.dataset, table.root)
    with pytest.raises(InputError, match="UTF-8"):
        prepare(wrong, tmp_path / "store", 16)

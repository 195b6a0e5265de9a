"""Tests of the decoding processes: a crash, a hang or missing memory rejects one image alone."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from cxrcompare.errors import JobError
from cxrcompare.images.decoding import pool
from cxrcompare.images.prepare import prepare

from ..conftest import files


@pytest.fixture
def in_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
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
        import simplejpeg
        real = simplejpeg.decode_jpeg_header
        def poisoned(data, **options):
            if data.endswith(b"poison"):
                {what}
            return real(data, **options)
        simplejpeg.decode_jpeg_header = poisoned
    """


@pytest.mark.parametrize(
    ("what", "seconds"),
    [("os.kill(os.getpid(), signal.SIGSEGV)", 120.0), ("time.sleep(1000)", 3.0)],
    ids=["crash", "hang"],
)
def test_an_image_that_ends_its_decoder_is_rejected_alone(
    folder_of, tmp_path, in_workers, monkeypatch, what, seconds
):
    table = folder_of(50)
    plain = prepare(table, tmp_path / "plain", 16, max_rejected=0.1)
    (table.root / "train/021.jpg").write_bytes(POISON)
    in_workers(bad_decoder(what))
    monkeypatch.setattr(pool, "SECONDS", seconds)
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
        import simplejpeg
        real, count = simplejpeg.decode_jpeg_header, 0
        def fragile(data, **options):
            global count
            count += 1
            if count == 40:
                with open({str(tmp_path / "deaths")!r}, "a") as file:
                    file.write("x")
                os._exit(9)
            return real(data, **options)
        simplejpeg.decode_jpeg_header = fragile
    """)
    store = prepare(table, tmp_path / "store", 16, workers=1)
    assert (tmp_path / "deaths").read_text().startswith("xx")
    assert files(store.folder) == files(plain.folder)


def test_workers_that_cannot_start_are_one_clear_line(folder_of, tmp_path, in_workers):
    in_workers("raise SystemExit('no such library')")
    with pytest.raises(JobError, match=r"cannot start .*no such library"):
        prepare(folder_of(2), tmp_path / "store", 16)


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

"""Tests of a decoding process by its messages."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xxhash

from cxrcompare import isolated
from cxrcompare.image_table import ImageTable
from cxrcompare.images.decoding.decode import load

SIZE = 16


@contextmanager
def started(root: Path, pixels: str) -> Iterator[Callable[..., dict[str, Any]]]:
    """Starts a process, and returns what sends it a message and receives its answer."""
    ours, theirs = Pipe()
    process = subprocess.Popen(
        isolated.command("cxrcompare.images.decoding.worker", str(theirs.fileno())),
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        env=isolated.environment(),
    )
    theirs.close()
    job = {"root": str(root), "pixels": pixels, "size": SIZE, "rows": 4}
    _send(ours, {**job, "seconds": 60.0, "memory": isolated.MEMORY})
    assert _answer(ours) == {"ready": True}

    def ask(**message: Any) -> dict[str, Any]:
        _send(ours, message)
        return _answer(ours)

    yield ask
    ours.close()
    assert process.wait(60) == 0


def _send(pipe: Connection, message: dict[str, Any]) -> None:
    pipe.send_bytes(json.dumps(message).encode())


def _answer(pipe: Connection) -> dict[str, Any]:
    assert pipe.poll(60)
    return json.loads(pipe.recv_bytes())


def test_a_block_is_decoded_then_written_at_its_offset(
    folder_of: Callable[[int], ImageTable], tmp_path: Path
):
    table = folder_of(4)
    paths = table.rows["path"].tolist()
    (table.root / paths[1]).write_bytes(b"")
    (tmp_path / "pixels").write_bytes(b"")
    with started(table.root, str(tmp_path / "pixels")) as ask:
        skip = {"10": "no reason", "9": "the path leads outside"}
        found = ask(decode=7, paths=[*paths[:2], "../x.jpg", paths[3]], skip=skip, careful=False)
        images = [load(table.root / paths[0], SIZE)]
        assert found["decoded"] == 7
        assert found["hashes"] == [xxhash.xxh3_128_hexdigest(image.data) for image in images]
        reasons = {"8": "is empty", "9": "the path leads outside", "10": "no reason"}
        assert found["rejected"] == reasons
        sizes = [size for size, _ in found["stamps"]]
        length = (table.root / paths[0]).stat().st_size
        assert sizes == [length, 0, -1, (table.root / paths[3]).stat().st_size]
        assert ask(write=7, at=5) == {"written": 7}
    content = (tmp_path / "pixels").read_bytes()
    assert content == bytes(5) + np.stack(images).tobytes()


def test_a_careful_block_says_which_row_comes_next(
    folder_of: Callable[[int], ImageTable], tmp_path: Path
):
    table = folder_of(1)
    (tmp_path / "pixels").write_bytes(b"")
    with started(table.root, str(tmp_path / "pixels")) as ask:
        path = table.rows["path"].iloc[0]
        assert ask(decode=0, paths=[path], skip={}, careful=True) == {"at": 0}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_file_that_cannot_be_written_is_reported(folder_of: Callable[[int], ImageTable]):
    table = folder_of(1)
    with started(table.root, "/dev/full") as ask:
        ask(decode=0, paths=[table.rows["path"].iloc[0]], skip={}, careful=False)
        assert ask(write=0, at=0) == {"failed": "No space left on device"}

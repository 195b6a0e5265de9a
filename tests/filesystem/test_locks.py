"""Locks: held in the block alone, by one process at a time."""

from __future__ import annotations

from pathlib import Path

import pytest
from filelock import FileLock, Timeout

from cxrcompare.errors import InputError
from cxrcompare.filesystem import locks


def test_a_lock_is_held_in_the_block_alone(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    with pytest.raises(KeyError), locks.locked(out / ".lock", out, "training"):
        with pytest.raises(InputError, match=r"out: must not be in use by another `prepare`"):  # noqa: SIM117
            with locks.locked(out / ".lock", out, "`prepare`"):
                pass
        raise KeyError("of the block")
    FileLock(out / ".lock").acquire(timeout=0).lock.release()


def test_a_timeout_of_the_block_stays_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(Timeout), locks.locked(tmp_path / ".lock", tmp_path, "training"):
        raise Timeout("another lock")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    out = tmp_path / "file" / "out"
    with (
        pytest.raises(InputError, match="out: must be in a writable folder"),
        locks.locked(out / ".lock", out, "training"),
    ):
        pass

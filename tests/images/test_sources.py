"""Tests of the size and time of source files, and of paths that lead outside."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxrcompare.images.sources import MISSING, changed, leads_outside, stamp


@pytest.mark.parametrize("path", ["/a", "../a", "a/../b", "..", "a/..", "a\\..\\b", "..\\a"])
def test_paths_that_can_lead_outside(path):
    assert leads_outside(path)


@pytest.mark.parametrize("path", ["a", "a/b.jpg", "a..b", "..a", "a/b../c", "...", "a/.../b", ""])
def test_paths_that_stay_inside(path):
    assert not leads_outside(path)


@given(st.lists(st.sampled_from(["a", "b..", ".", "..", "", "..."]), min_size=1, max_size=6))
def test_no_path_that_leaves_its_folder_is_taken_for_one_inside(parts):
    path = "/".join(parts)
    if not leads_outside(path):
        resolved = os.path.normpath(f"/root/data/{path}")
        assert resolved == "/root/data" or resolved.startswith("/root/data/")


def test_a_stamp_is_size_and_time(tmp_path):
    file = tmp_path / "a"
    file.write_bytes(b"12345")
    os.utime(file, ns=(1, 1_234_567_890_123_456_789))
    assert stamp(str(file)) == (5, 1_234_567_890_123_456_789)


def test_what_is_not_there_has_the_stamp_of_a_missing_file(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    for name in ("none", "none/a", "loop", "a\0b"):
        assert stamp(f"{tmp_path}/{name}") == MISSING


def test_changed_deleted_and_new_files_are_found_in_order(tmp_path: Path):
    paths = [f"{row}.jpg" for row in range(7)]
    for path in paths[:6]:
        (tmp_path / path).write_bytes(b"old")
    stamps = np.array([stamp(f"{tmp_path}/{path}") for path in paths], np.int64)
    assert changed(tmp_path, paths, stamps).tolist() == []
    (tmp_path / "1.jpg").write_bytes(b"longer")
    os.utime(tmp_path / "3.jpg", ns=(5, 5))
    (tmp_path / "5.jpg").unlink()
    (tmp_path / "6.jpg").write_bytes(b"new")
    assert changed(tmp_path, paths, stamps).tolist() == [1, 3, 5, 6]
    assert changed(tmp_path, paths, stamps[:4]).tolist() == [1, 3]
    assert changed(tmp_path, paths, stamps[:0]).tolist() == []


def test_a_path_outside_is_never_looked_at(tmp_path: Path):
    (tmp_path / "a.jpg").write_bytes(b"old")
    (tmp_path / "data").mkdir()
    recorded = np.array([MISSING, stamp(str(tmp_path / "a.jpg"))], np.int64)
    paths = ["../a.jpg", str(tmp_path / "a.jpg")]
    assert changed(tmp_path / "data", paths, recorded).tolist() == [1]

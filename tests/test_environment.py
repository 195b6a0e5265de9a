"""Tests of the recorded versions, hardware and commit."""

from __future__ import annotations

import subprocess
from importlib.metadata import version
from typing import Any

from cxrcompare import environment


def test_versions_are_those_installed():
    found = environment.versions()
    assert found["numpy"] == version("numpy")
    assert found["cxrcompare"] == version("cxrcompare")


def test_hardware_is_named():
    found = environment.hardware()
    assert found["processor"]
    assert found["cores"] >= 1
    assert found["memory_gib"] > 0


def test_commit_marks_a_dirty_tree(tmp_path):
    def git(*words: str) -> Any:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        subprocess.run(["git", "-C", tmp_path, *identity, *words], check=True, capture_output=True)

    assert environment.commit(tmp_path) is None
    git("init")
    (tmp_path / "a").write_text("1")
    assert environment.commit(tmp_path) is None  # a checkout that does not hold the package
    git("add", "a")
    git("commit", "-m", "a")
    clean = environment.commit(tmp_path)
    assert len(clean) == 12
    (tmp_path / "a").write_text("2")
    assert environment.commit(tmp_path) == clean + "+changes"

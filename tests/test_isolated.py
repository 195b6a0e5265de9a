"""Tests of child processes: their search path, and the error messages of failed ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

import cxrcompare
from cxrcompare import isolated
from cxrcompare.experiment import trainings

SOURCES = Path(cxrcompare.__file__).parent


def test_every_child_interpreter_is_started_by_the_same_function():
    starters = [
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.py")
        if "sys.executable" in path.read_text()
    ]
    assert starters == ["isolated.py"]
    spawners = [
        path.read_text() for path in SOURCES.rglob("*.py") if "get_context(" in path.read_text()
    ]
    assert all("with isolated.spawning():" in source for source in spawners)


@pytest.mark.parametrize("entry", ["", ".", "here"])
def test_a_child_has_no_current_folder_on_its_path(tmp_path, monkeypatch, entry):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path) if entry == "here" else entry)
    code = "import json, os, sys; print(json.dumps([sys.path, os.environ['PYTHONSAFEPATH']]))"
    words = isolated.command("json", "-")
    assert words == [sys.executable, "-P", "-m", "json", "-"]
    done = subprocess.run(
        [*words[:2], "-c", code], env=isolated.environment(), capture_output=True, text=True
    )
    path, flag = json.loads(done.stdout)
    assert flag == "1"
    assert not [entry for entry in path if os.path.realpath(entry) == str(tmp_path.resolve())]
    assert str(SOURCES.parent) in path


def test_a_package_in_the_current_folder_is_still_found(monkeypatch):
    monkeypatch.chdir(SOURCES.parent)
    done = subprocess.run(
        isolated.command("cxrcompare", "--version"),
        env=isolated.environment(),
        capture_output=True,
        text=True,
    )
    assert done.stdout.strip() == cxrcompare.__version__


def test_spawned_processes_get_the_same_path_and_the_parent_keeps_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    before = list(sys.path)
    with isolated.spawning():
        assert os.environ["PYTHONSAFEPATH"] == "1"
        assert "" not in sys.path
    assert sys.path == before
    assert "PYTHONSAFEPATH" not in os.environ


def test_a_folder_that_was_removed_has_no_effect(tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert "" not in isolated.environment()["PYTHONPATH"].split(os.pathsep)
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (1, "status 1"),
        (
            -9,
            "killed (signal 9), probably out of memory: lower `--jobs`, the batch size or the "
            "image size",
        ),
        (-6, "crashed (signal 6)"),
        (-11, "crashed (signal 11)"),
        (-15, "stopped (signal 15)"),
    ],
)
def test_the_end_of_a_process_is_described(status, words):
    assert isolated.ended(status) == words


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "import os; print('epoch 1', flush=True); os.kill(os.getpid(), 9)",
            r"1 of 1 trainings failed: one: killed \(signal 9\), probably out of memory: lower "
            r"`--jobs`, the batch size or the image size$",
        ),
        (
            "import sys; print('cxrcompare: the disk is full'); sys.exit(1)",
            r"trainings failed: one: status 1: cxrcompare: the disk is full$",
        ),
    ],
)
def test_a_training_that_was_killed_is_explained(tmp_path, monkeypatch, code, message):
    monkeypatch.setattr(isolated, "command", lambda *_: [sys.executable, "-c", code])
    with pytest.raises(trainings.JobError, match=message):
        trainings.train_all([(tmp_path / "one", {})], jobs=1)


def test_a_package_loads_no_submodule_on_demand_in_the_block_but_after_it():
    package = types.ModuleType("package")
    package.there = there = object()
    package.__getattr__ = lambda name: f"loaded {name}"
    with isolated.unloaded(package, "there", "absent", "imported"):
        assert package.there is there
        assert package.absent is None
        package.imported = imported = object()
    assert package.there is there
    assert package.imported is imported
    assert package.absent == "loaded absent"


def test_submodules_are_loaded_on_demand_after_an_error():
    package = types.ModuleType("package")
    with pytest.raises(ValueError, match="wrong"), isolated.unloaded(package, "absent"):
        raise ValueError("wrong")
    assert not hasattr(package, "absent")

"""Tests of output folders: complete at every moment, and no file of the user is changed."""

import json
import os
import subprocess
import sys

import pytest

from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import files, manifests, output_folder

OLD = {"a.txt": "old a", "b.txt": "old b", "deep/c.txt": "old c"}
NEW = {"a.txt": "new a", "deep/d.txt": "new d"}


def put(folder, content):
    for name, text in content.items():
        files.write_text(folder / name, text)


def make(out, content, kind="test", **options):
    with output_folder.replacing(out, kind, **options) as folder:
        put(folder, content)


def held(folder):
    return {name: (folder / name).read_text() for name in manifests.contents(folder)}


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_new_folder_replaces_the_earlier_one_as_a_whole(tmp_path):
    out = tmp_path / "x" / "y" / "out"
    make(out, OLD)
    assert held(out) == OLD
    make(out, NEW)
    assert held(out) == NEW
    assert names(out.parent) == ["out"]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest == {
        "format": 1,
        "written_by": "cxrcompare",
        "kind": "test",
        "files": {"a.txt": 5, "deep/d.txt": 5},
    }


def test_an_empty_folder_is_taken_and_keeps_its_mode(tmp_path):
    out = tmp_path / "out"
    out.mkdir(mode=0o700)
    (out / ".DS_Store").write_text("of a file manager")
    make(out, NEW)
    assert held(out) == NEW
    assert out.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["thesis.tex", ".hidden", "deep/mine.txt", "mine/c.txt"])
def test_a_file_that_no_manifest_lists_is_named_before_any_work(tmp_path, name):
    out = tmp_path / "out"
    make(out, OLD)
    put(out, {name: "mine"})
    with pytest.raises(InputError, match=r"must be a new or empty folder.*Received: a folder with"):
        make(out, NEW)
    assert (out / name).read_text() == "mine"
    assert {key: (out / key).read_text() for key in OLD} == OLD
    assert names(tmp_path) == ["out"]


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        "",
        "[1]",
        '{"files": {"a.txt": 1}}',
        '{"format": 1, "written_by": "cxrcompare", "kind": "other", "files": {"a.txt": 1}}',
        '{"format": 1, "written_by": "cxrcompare", "kind": "test", "files": null}',
        '{"format": 1, "written_by": "cxrcompare", "kind": "test", "files": ["a.txt"]}',
        "[" * 100_000,
    ],
)
def test_a_folder_without_a_manifest_of_its_kind_is_refused(tmp_path, manifest):
    out = tmp_path / "out"
    put(out, OLD)
    if manifest is not None:
        (out / "manifest.json").write_text(manifest)
    with pytest.raises(InputError, match=r"a folder with a\.txt and no manifest\.json of a test"):
        make(out, NEW)
    assert (out / "a.txt").read_text() == "old a"


def test_a_manifest_gives_no_way_out_of_the_folder(tmp_path):
    out = tmp_path / "out"
    make(out, OLD)
    (tmp_path / "mine.txt").write_text("mine")
    manifest = json.loads((out / "manifest.json").read_text())
    outside = {"../mine.txt": 4, str(tmp_path / "mine.txt"): 4}
    (out / "manifest.json").write_text(
        json.dumps(manifest | {"files": manifest["files"] | outside})
    )
    make(out, NEW)
    assert (tmp_path / "mine.txt").read_text() == "mine"
    assert held(out) == NEW


def test_no_link_is_followed(tmp_path):
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    make(out, OLD)
    put(elsewhere, {"c.txt": "mine"})
    (out / "deep" / "c.txt").unlink()
    (out / "deep" / "c.txt").symlink_to(elsewhere / "c.txt")
    with pytest.raises(InputError, match=r"a folder with the symbolic link deep/c\.txt"):
        make(out, NEW)
    (out / "deep" / "c.txt").unlink()
    (out / "deep").rmdir()
    (out / "deep").symlink_to(elsewhere)
    with pytest.raises(InputError, match="a folder with the symbolic link deep"):
        make(out, NEW)
    (tmp_path / "link").symlink_to(elsewhere)
    with pytest.raises(InputError, match="Received: a symbolic link"):
        make(tmp_path / "link", NEW)
    assert held(elsewhere) == {"c.txt": "mine"}
    assert names(tmp_path) == ["elsewhere", "link", "out"]


def test_a_file_or_a_folder_that_cannot_be_moved_is_refused(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="Received: a file"):
        make(tmp_path / "file", NEW)
    here = tmp_path / "here"
    make(here, OLD)
    monkeypatch.chdir(here / "deep")
    with pytest.raises(InputError, match="the current folder"):
        make(here, NEW)
    monkeypatch.chdir(here)
    with pytest.raises(InputError, match="the current folder"):
        make(output_folder.Path(), NEW)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os.path, "ismount", lambda path: True)
    with pytest.raises(InputError, match="a mount point"):
        make(here, NEW)
    assert held(here) == OLD


def test_a_file_that_appears_during_the_work_is_kept(tmp_path):
    out = tmp_path / "out"
    make(out, OLD)
    with (
        pytest.raises(InputError, match=r"a folder with notes\.txt"),
        output_folder.replacing(out, "test") as folder,
    ):
        put(folder, NEW)
        put(out, {"notes.txt": "mine"})
    assert held(out) == OLD | {"notes.txt": "mine"}
    assert names(tmp_path) == ["out"]


def test_a_file_that_appears_at_the_last_moment_is_kept_beside_and_named(
    tmp_path, monkeypatch, caplog
):
    out, finish = tmp_path / "out", output_folder._finish
    make(out, OLD)

    def late(*arguments):
        finish(*arguments)
        put(out, {"deep/notes.txt": "mine"})

    monkeypatch.setattr(output_folder, "_finish", late)
    make(out, NEW)
    assert held(out) == NEW
    (kept,) = tmp_path.glob(".out.*.partial")
    assert held(kept) == {"deep/notes.txt": "mine"}
    assert str(kept) in caplog.text


def test_work_that_fails_leaves_the_old_folder_and_no_parents(tmp_path):
    out = tmp_path / "out"
    make(out, OLD)
    for error in (RuntimeError, InputError, JobError, KeyboardInterrupt):
        for path in (out, tmp_path / "x" / "y" / "new"):
            with pytest.raises(error), output_folder.replacing(path, "test") as folder:
                put(folder, NEW)
                raise error
    assert held(out) == OLD
    assert names(tmp_path) == ["out"]


def test_an_error_of_the_system_names_the_final_file(tmp_path):
    with pytest.raises(OSError, match="No space") as caught:  # noqa: SIM117
        with output_folder.replacing(tmp_path / "out", "test") as folder:
            with files.replacing(folder / "deep" / "a.txt"):
                raise OSError(28, "No space left on device")
    assert caught.value.filename == str(tmp_path / "out" / "deep" / "a.txt")
    assert names(tmp_path) == []


def test_two_processes_do_not_write_one_folder(tmp_path):
    with (
        output_folder.replacing(tmp_path / "out", "test") as folder,
        pytest.raises(InputError, match="must not be in use by another"),
    ):
        put(folder, OLD)
        make(tmp_path / "out", NEW)
    assert held(tmp_path / "out") == OLD
    assert names(tmp_path) == ["out"]


def test_a_file_of_the_user_with_the_name_of_the_lock_is_kept(tmp_path):
    lock = tmp_path / ".out.lock"
    lock.write_text("mine")
    with pytest.raises(InputError, match="must be an empty lock file"):
        make(tmp_path / "out", NEW)
    assert lock.read_text() == "mine"
    lock.rename(tmp_path / "mine")
    lock.symlink_to("mine")
    with pytest.raises(InputError, match="must be an empty lock file"):
        make(tmp_path / "out", NEW)
    assert names(tmp_path) == [".out.lock", "mine"]


def test_long_names_can_be_extended(tmp_path):
    out = tmp_path / ("n" * 255)
    make(out, OLD)
    make(out, NEW)
    assert held(out) == NEW
    assert names(tmp_path) == [out.name]
    files.write_text(tmp_path / ("m" * 255), "text")
    assert (tmp_path / ("m" * 255)).read_text() == "text"


def test_a_command_continues_in_its_own_unfinished_folder(tmp_path):
    out = tmp_path / "out"
    for stop in (KeyboardInterrupt, JobError):
        with (
            pytest.raises(stop),
            output_folder.replacing(out, "test", resume="ab12") as folder,
        ):
            put(folder, {"a.txt": "done"})
            raise stop
    assert names(tmp_path) == [".out.ab12.partial"]
    output_folder.recover(out)
    with output_folder.replacing(out, "test", resume="ab12") as folder:
        assert held(folder) == {"a.txt": "done"}
    assert names(tmp_path) == ["out"]


def test_only_leftovers_of_cxrcompare_are_removed(tmp_path):
    put(tmp_path / ".out.123.partial", {"mine.txt": "mine"})
    put(tmp_path / "elsewhere", {"mine.txt": "mine"})
    (tmp_path / ".out.124.partial").symlink_to(tmp_path / "elsewhere")
    (tmp_path / ".out.125.partial").mkdir()  # killed before it wrote a manifest
    (tmp_path / ".out.126.partial").write_text("mine")
    make(tmp_path / "out", NEW)
    assert names(tmp_path) == [
        ".out.123.partial",
        ".out.124.partial",
        ".out.126.partial",
        "elsewhere",
        "out",
    ]
    assert held(tmp_path / "elsewhere") == {"mine.txt": "mine"}


EVERY_STEP = """
import ctypes, errno, json, os, shutil, sys
from pathlib import Path
from cxrcompare.filesystem import files
from cxrcompare.filesystem import folder_moves, manifests, output_folder
from cxrcompare.errors import InputError

base, how, in_one_step, old, new = Path(sys.argv[1]), *map(json.loads, sys.argv[2:])
if not in_one_step:
    folder_moves._exchange = lambda one, other: False
STEPS = {"os.rename", "os.mkdir", "os.rmdir", "os.remove", "os.chmod", "open", "ctypes.dlsym"}

def make(content):
    with output_folder.replacing(base / "out", "test") as folder:
        for name, text in content.items():
            files.write_text(folder / name, text)

def child(last):
    left = last
    def step(event, arguments):
        nonlocal left
        if event in STEPS and str(base) in str(arguments) + (str(base) * (event == "ctypes.dlsym")):
            left -= 1
            if left == -1 and how == "kill":
                os._exit(9)
            if left == -1:
                raise OSError(errno.ENOSPC, "No space left on device")
    sys.addaudithook(step)
    fsync = os.fsync
    os.fsync = lambda number: (step("open", base), fsync(number))
    try:
        make(new)
    except OSError as error:
        os._exit(28 if error.errno == errno.ENOSPC else 1)
    except InputError:  # the lock or the manifest could not be read
        os._exit(2)
    os._exit(0 if left >= 0 else 7)

def look():
    listed = manifests.read(base / "out")
    return {
        "whole": listed is not None and {
            name: (base / "out" / name).stat().st_size for name in listed.files} == listed.files,
        "held": {name: (base / "out" / name).read_text()
                 for name in manifests.contents(base / "out")},
        "beside": sorted(path.name for path in base.iterdir() if path.name != "out"),
    }

for last in range(1000):
    shutil.rmtree(base, ignore_errors=True)
    base.mkdir()
    make(old)
    process = os.fork()
    if process == 0:
        child(last)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    at_once = look()
    output_folder.recover(base / "out")
    recovered = look()
    make(new)
    print(json.dumps({"status": status, "at_once": at_once, "recovered": recovered,
                      "again": look()}), flush=True)
    if status == 0:
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("in_one_step", [True, False])
@pytest.mark.parametrize("how", ["kill", "full"])
def test_at_every_step_the_old_folder_or_the_new_one_is_there(tmp_path, how, in_one_step):
    arguments = [json.dumps(value) for value in (how, in_one_step, OLD, NEW)]
    done = subprocess.run(
        [sys.executable, "-c", EVERY_STEP, str(tmp_path / "base"), *arguments],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(steps) > 30
    assert steps[-1]["status"] == 0
    assert {step["status"] for step in steps} == ({9, 0} if how == "kill" else {28, 7, 2, 0})
    for number, step in enumerate(steps):
        moments = ("at_once", "recovered") if in_one_step or how == "full" else ("recovered",)
        for moment in moments:
            assert step[moment]["whole"], (number, moment)
            assert step[moment]["held"] in (OLD, NEW), (number, moment)
        assert step["again"] == {"whole": True, "held": NEW, "beside": []}, number
    if not in_one_step and how == "kill":  # the one moment between two renames
        assert sum(not step["at_once"]["whole"] for step in steps) == 1
    assert {str(step["recovered"]["held"]) for step in steps} == {str(OLD), str(NEW)}

"""Tests of the checks of an output before any work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cxrcompare.errors import InputError
from cxrcompare.filesystem.output_checks import (
    OF_THE_SYSTEM,
    check_continued,
    check_new_file,
    check_writable,
    refuse,
)

NAMES = ("config.json", ".model.*.keras", "checkpoint")
MARKS = {"config.json": "seed", "checkpoint": None}


def check(out: Path) -> None:
    check_continued(out, "run folder", NAMES, MARKS)


def refused(out: Path) -> str:
    """Returns what was found instead of a run folder."""
    with pytest.raises(InputError) as caught:
        check(out)
    start = (
        f"{out}: must be a new or empty folder, or a run folder that cxrcompare wrote, with "
        "nothing else in it. Received: "
    )
    assert str(caught.value).startswith(start)
    return str(caught.value).removeprefix(start)


def test_a_refusal_names_the_folder_the_kind_and_what_is_there():
    with pytest.raises(InputError, match=r"^a/b: .* or a sample that .* Received: a file$"):
        refuse(Path("a/b"), "sample", "a file")


@pytest.mark.parametrize("name", [None, ".lock", ".x.17.partial", *sorted(OF_THE_SYSTEM)])
def test_a_new_folder_and_one_that_others_left_files_in_are_taken(tmp_path, name):
    check(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    if name:
        (tmp_path / name).touch()
    check(tmp_path)


def test_a_hidden_file_that_only_looks_like_a_leftover_is_refused(tmp_path):
    (tmp_path / ".x.partial").touch()
    with pytest.raises(InputError, match=r"Received: a folder with \.x\.partial"):
        check(tmp_path)


@pytest.mark.parametrize("mark", ["config.json", "checkpoint"])
def test_a_started_folder_is_taken(tmp_path, mark):
    if mark == "checkpoint":
        (tmp_path / mark).mkdir()
    else:
        (tmp_path / mark).write_text('{"seed": 1}')
    (tmp_path / ".model.12.keras").touch()
    check(tmp_path)


@pytest.mark.parametrize(
    "content", ["", "{", "[1]", '"seed"', "null", '{"sede": 1}', "[" * 5000, "\0"]
)
def test_a_mark_must_have_its_key(tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    received = "a folder with config.json and no config.json or checkpoint of a run folder"
    assert refused(tmp_path) == received


def test_a_file_of_the_user_is_named_whatever_else_is_there(tmp_path):
    (tmp_path / "config.json").write_text('{"seed": 1}')
    (tmp_path / "thesis.txt").touch()
    assert refused(tmp_path) == "a folder with thesis.txt"


def test_names_are_compared_by_case(tmp_path):
    (tmp_path / "Config.json").write_text('{"seed": 1}')
    assert refused(tmp_path) == "a folder with Config.json"


def test_a_link_in_the_folder_is_named(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "config.json").symlink_to(tmp_path / "nowhere")
    assert refused(out) == "a folder with the symbolic link config.json"


def test_a_link_or_a_file_is_no_folder(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    assert refused(tmp_path / "link") == "a symbolic link"
    assert refused(tmp_path / "file") == "a file"


def test_a_new_file_is_new(tmp_path):
    check_new_file(tmp_path / "a.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file.csv").touch()
    for name in ("link.csv", "file.csv"):
        with pytest.raises(InputError, match=f"must be a new file. Received: .*{name}, which"):
            check_new_file(tmp_path / name)


@pytest.mark.parametrize("file", [False, True])
@pytest.mark.parametrize("name", ["a", "a/b/c", "ä" * 127])
def test_a_path_that_can_be_written_is_accepted_and_nothing_is_created(tmp_path, name, file):
    check_writable(tmp_path / name, file)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_folder_and_an_existing_file_are_accepted(tmp_path):
    (tmp_path / "a.csv").write_text("old")
    check_writable(tmp_path)
    check_writable(tmp_path / "a.csv", file=True)
    assert (tmp_path / "a.csv").read_text() == "old"


@pytest.mark.parametrize("file", [False, True])
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("file/below", "Not a directory"),
        ("x" * 256, "a name of more than 255 bytes"),
        ("ä" * 128, "a name of more than 255 bytes"),
        ("loop/a", "symbolic links"),
    ],
)
def test_a_path_that_cannot_be_written_is_one_line(tmp_path, name, why, file):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    kind = "file" if file else "folder"
    with pytest.raises(InputError) as caught:
        check_writable(tmp_path / name, file)
    message = str(caught.value)
    assert message.startswith(f"`--out` must be a {kind} that can be written. Received: ")
    assert why in message
    assert "\n" not in message


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match=r"must be a file .*\(a folder\)"):
        check_writable(tmp_path, file=True)


def test_a_null_character_is_one_line(tmp_path):
    for file in (False, True):
        with pytest.raises(InputError, match=r"that can be written.*\(a null character\)"):
            check_writable(tmp_path / "a\0b", file)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="Permission denied"):
        check_writable(tmp_path / "new")

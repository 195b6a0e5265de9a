"""Tests of atomic file writing and of file names."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.filesystem import files


def test_text_is_written_with_line_feeds(tmp_path):
    files.write_text(tmp_path / "new" / "a.txt", "é\nb\n")
    assert (tmp_path / "new" / "a.txt").read_bytes() == "é\nb\n".encode()


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path):
    place = tmp_path / "a.txt"
    files.write_text(place, "old")
    with pytest.raises(RuntimeError), files.replacing(place) as partial:
        partial.write_text("half of the ne")
        raise RuntimeError
    assert place.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_killed_writer_leaves_the_old_file(tmp_path):
    place = tmp_path / "a.txt"
    files.write_text(place, "old")
    code = (
        "import sys, time, pathlib\n"
        "from cxrcompare.filesystem import files\n"
        "with files.replacing(pathlib.Path(sys.argv[1])) as partial:\n"
        "    partial.write_text('half of the ne')\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(place)], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout.readline().strip() == b"writing"
        time.sleep(0.05)
        writer.send_signal(signal.SIGKILL)
    assert place.read_text() == "old"


def test_json_has_no_nan_and_takes_arrays(tmp_path):
    value = {
        "a": math.nan,
        "b": [1, math.inf],
        "c": np.array([1.5, np.nan]),
        "d": tmp_path,
        3: np.int64(4),
    }
    files.write_json(tmp_path / "a.json", value)
    text = (tmp_path / "a.json").read_text()
    assert json.loads(text, parse_constant=pytest.fail) == {
        "a": None,
        "b": [1, None],
        "c": [1.5, None],
        "d": str(tmp_path),
        "3": 4,
    }
    assert files.read_json(tmp_path / "a.json")["b"] == [1, None]


def test_compact_json_has_a_line_per_key_and_no_nan():
    content = {"a": [1.5, float("nan")], "b": {"c": [1, "é", float("inf")]}, 'q"': np.arange(2)}
    text = files.compact_json_text(content)
    assert text.count("\n") == len(content) + 2
    assert json.loads(text) == {"a": [1.5, None], "b": {"c": [1, "é", None]}, 'q"': [0, 1]}


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe\x00"])
def test_a_file_that_is_not_json_is_named(tmp_path, content):
    place = tmp_path / "a.json"
    place.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.json: must be a readable JSON file"):
        files.read_json(place)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match="nothing-here"):
        files.read_json(tmp_path / "nothing-here.json")


def test_sha256_of_a_published_example(tmp_path):
    # FIPS 180-2, example B.1: SHA-256("abc").
    (tmp_path / "abc").write_bytes(b"abc")
    read = []
    assert files.sha256(tmp_path / "abc", read.append) == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    assert read == [3]


def test_an_error_of_the_system_names_the_file(tmp_path, monkeypatch):
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    for write in (files.write_text, files.write_json):
        with pytest.raises(OSError, match="No space") as caught:
            write(tmp_path / "a.txt", "text")
        assert caught.value.filename == str(tmp_path / "a.txt")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["densenet121", "ResNet50", "my net v1.2", "a_b-c", "x" * 100])
def test_usual_names_stay_as_they_are(name):
    assert files.file_names([name]) == {name: name}


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".hidden",
        "a/b",
        "m+x",
        "é",
        "a.",
        "a ",
        "con",
        "NUL.v2",
        "x" * 101,
        "\udc80",
        "m_x-0123456789abcdef",
    ],
)
def test_other_names_get_a_hash_and_stay_short(name):
    found = files.file_names([name])[name]
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,60}-[0-9a-f]{16}", found)
    assert found != name


def test_no_two_names_share_a_file_on_any_file_system():
    names = ["m+x", "m=x", "m_x", "Net", "net", "NET", "\u00e9", "e\u0301", "x" * 200, "x" * 201]
    names += [files.file_names([name])[name] for name in names]
    found = files.file_names(names)
    assert list(found) == list(dict.fromkeys(names))
    assert len({name.casefold() for name in found.values()}) == len(found)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes")
def test_a_pipe_is_not_waited_for_and_a_huge_file_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(InputError, match="not a regular file"):
        files.read_json(tmp_path / "pipe.json")
    with (tmp_path / "huge.json").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match=r"Received: .*1,099,511,627,776 bytes"):
        files.read_json(tmp_path / "huge.json")


def test_leftovers_of_killed_processes_are_removed_and_nothing_else(tmp_path):
    foreign = [".notes.partial", ".mine.x7.partial", "a.123.partial", ".config.json"]
    for name in [*foreign, ".config.json.123.partial"]:
        (tmp_path / name).write_text("x")
    files.remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(foreign)
    assert files.is_leftover(files.beside(tmp_path / ("n" * 300), "77.partial").name)


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5000, '{"a": 1' + "0" * 5000 + "}"])
def test_deep_json_and_long_numbers_are_one_line(tmp_path, text):
    path = tmp_path / "deep.json"
    path.write_text(text)
    with pytest.raises(InputError, match="must be a readable JSON file") as caught:
        files.read_json(path)
    assert "\n" not in str(caught.value)


def test_a_part_of_a_folder_is_written_with_its_folder_and_the_bytes_of_write_text(tmp_path):
    text = "caf\u00e9\r\n\udcff\n"
    files.write_part(tmp_path / "a" / "b" / "part.csv", text)
    files.write_text(tmp_path / "whole.csv", text)
    assert (tmp_path / "a" / "b" / "part.csv").read_bytes() == b"caf\xc3\xa9\r\n\\udcff\n"
    assert (tmp_path / "whole.csv").read_bytes() == b"caf\xc3\xa9\r\n\\udcff\n"


def test_an_error_of_a_part_names_its_file(tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(OSError, match="taken"):
        files.write_part(tmp_path / "taken" / "part.csv", "")

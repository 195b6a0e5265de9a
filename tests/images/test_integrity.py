"""Changed files of a store are detected when a file or an image is read, with one line."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from cxrcompare.errors import InputError
from cxrcompare.images.description import FILES, read_description, write_description
from cxrcompare.images.prepare import open_store, prepare

from .conftest import flip, read_everything, refused

READ_LATER = {"rejected.csv", "sources.npy", "near_duplicates.csv", "images.npy"}
"""Files that opening a store does not read, or of which it reads only the header."""


def test_an_unchanged_store_is_read(store):
    read_everything(store)
    open_store(store).verify()


@pytest.mark.parametrize("name", ["store.json", *FILES])
def test_every_flipped_byte_of_the_small_files_is_found(store, name):
    whole = (store / name).read_bytes()
    for place in range(len(whole)):
        flip(store / name, place, 1 << place % 8)
        if name not in READ_LATER:
            with pytest.raises(InputError):
                open_store(store)
        refused(store)
        (store / name).write_bytes(whole)


def test_every_flipped_byte_of_the_header_is_found(store):
    for place in range(128):
        flip(store / "images.npy", place)
        with pytest.raises(InputError, match=r"images\.npy: must be as `prepare` wrote it"):
            open_store(store)
        flip(store / "images.npy", place)
    open_store(store)


def test_hundreds_of_damaged_stores_are_refused_in_one_line(store, tmp_path):
    names = ["store.json", "images.npy", *FILES]
    moments = random.Random(3)
    for trial in range(400):
        folder = tmp_path / "damaged"
        shutil.copytree(store, folder, dirs_exist_ok=True)
        path = folder / names[trial % len(names)]
        whole = path.read_bytes()
        while path.read_bytes() == whole:
            path.write_bytes(damaged(whole, moments))
        refused(folder)


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Cuts, flips, repeats, removes or replaces a part of a file's content."""
    place, length = chance.randrange(len(content)), chance.randint(1, 40)
    piece = content[place : place + length]
    kind = chance.randrange(5)
    if kind == 0:
        return content[:place]
    if kind == 1:
        return (
            content[:place]
            + bytes(byte ^ chance.randrange(256) for byte in piece)
            + content[place + length :]
        )
    if kind == 2:
        return content[:place] + piece + content[place:]
    if kind == 3:
        return content[:place] + content[place + length :]
    return content[:place] + chance.choice([b"\0" * 8, b"\xff" * 8, b"[" * 3000, b"9" * 5000])


@pytest.mark.parametrize("name", ["store.json", "images.npy", *FILES])
@pytest.mark.parametrize("way", ["removed", "empty", "a folder"])
def test_a_missing_file_is_one_line(store, name, way):
    (store / name).unlink()
    if way == "empty":
        (store / name).write_bytes(b"")
    elif way == "a folder":
        (store / name).mkdir()
    with pytest.raises(InputError) as caught:
        read_everything(store)
    assert "\n" not in str(caught.value)


def rewrite(store: Path, **changes: object) -> None:
    """Writes a `store.json` with the right hash and other content."""
    content = read_description(store)
    del content["files"]
    write_description(store, {**content, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {"images": 0},
        {"images": 4},
        {"images": "5"},
        {"size": True},
        {"size": 17},
        {"findings": [1]},
        {"findings": ["Edema"]},
        {"notes": None},
        {"rejected": 7},
        {"content_hash": 5},
    ],
)
def test_content_that_does_not_fit_the_files_is_one_line(store, changes):
    rewrite(store, **changes)
    refused(store)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("hashes.npy", b"\x93NUMPY\x01\x00v\x00{'descr': '|u1', (((" + b" " * 90),
        (
            "hashes.npy",
            b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': ()}",
        ),
        ("sources.npy", b""),
        ("table.csv", b"image_id\n1\n"),
        ("table.csv", b"\xff\xfe\x00"),
    ],
)
def test_files_that_others_wrote_are_one_line(store, name, content):
    (store / name).write_bytes(content)
    rewrite(store)
    refused(store)


def test_the_content_hash_depends_on_images_and_table_only(store, folder_of, tmp_path):
    before = open_store(store).description["content_hash"]
    rewrite(store, source_path="/elsewhere", notes={})
    assert open_store(store).description["content_hash"] == before


@pytest.mark.parametrize("content", ["[1]", "null", "{", '{"format": 2}'])
def test_a_damaged_unfinished_store_is_one_line(folder_of, tmp_path, content):
    (tmp_path / "store").mkdir()
    (tmp_path / "store/inputs.json").write_text(content)
    with pytest.raises(InputError, match="store"):
        prepare(folder_of(2), tmp_path / "store", 16, workers=1)


@pytest.mark.parametrize("name", ["table.csv", "hashes.npy", "images.npy"])
def test_a_pipe_in_a_store_is_not_waited_for(store, name):
    (store / name).unlink()
    os.mkfifo(store / name)
    with pytest.raises(InputError, match=name):
        open_store(store)


def test_a_huge_description_is_not_read(store):
    os.truncate(store / "store.json", 1 << 40)
    with pytest.raises(InputError, match=r"store\.json: must be a JSON object"):
        open_store(store)

"""Tests of store.json: what it says, and how changes of it and of other files are found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.images.description import (
    FILES,
    HEADER_BYTES,
    check_header,
    read_description,
    read_file,
    write_description,
)

from .conftest import refused

CONTENT: dict[str, Any] = {
    "format": 3,
    "images": 3,
    "size": 2,
    "rejected": 0,
    "near_duplicates": 0,
    "findings": ["Edema", "Ödem"],
    "notes": {"synthetic": True},
    "dataset": "folder",
    "source": "data",
    "source_path": "/data",
    "content_hash": "00",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Writes the files of a store of three images, (2, 2)."""
    for name in FILES:
        (tmp_path / name).write_text(name)
    (tmp_path / "images.npy").write_bytes(bytes(HEADER_BYTES + 3 * 4))
    write_description(tmp_path, CONTENT)
    return tmp_path


def test_what_is_written_is_read_back_with_the_hashes_of_all_files(folder):
    found = read_description(folder)
    assert {key: found[key] for key in CONTENT} == CONTENT
    assert set(found["files"]) == {*FILES, "images.npy"}
    # published: the SHA-256 of 128 zero bytes
    zeros = "38723a2e5e8a17aa7950dc008209944e898f69a7bd10a23c839d341e935fd5ca"
    assert found["files"]["images.npy"] == zeros
    assert read_file(folder, "table.csv", found) == b"table.csv"
    check_header(folder, found)


def test_writing_it_again_changes_nothing(folder):
    before = (folder / "store.json").read_bytes()
    found = read_description(folder)
    del found["files"]
    write_description(folder, found)
    assert (folder / "store.json").read_bytes() == before


@pytest.mark.parametrize("key", CONTENT)
def test_each_value_is_protected_by_the_hash(folder, key):
    found = json.loads((folder / "store.json").read_text())
    found[key] = found[key] * 2 if key != "notes" else {}
    if key in ("rejected", "near_duplicates"):
        found[key] = 1
    (folder / "store.json").write_text(json.dumps(found, indent=2))
    message = "format must be 3" if key == "format" else "must be as `prepare` wrote it"
    with pytest.raises(InputError, match=message):
        read_description(folder)


@pytest.mark.parametrize("key", [key for key in CONTENT if key != "format"])
def test_a_key_that_is_missing_or_of_another_type_is_refused(folder, key):
    for content in (
        {name: value for name, value in CONTENT.items() if name != key},
        {**CONTENT, key: None},
        {**CONTENT, key: 1.5},
    ):
        write_description(folder, content)
        with pytest.raises(InputError, match="must be as `prepare` wrote it"):
            read_description(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_changed_or_missing_file_is_named(folder, name):
    found = read_description(folder)
    (folder / name).write_text("changed")
    with pytest.raises(InputError, match=f"{name}: must be as `prepare` wrote it"):
        read_file(folder, name, found)
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"{name}: must be readable. Received: No such file"):
        read_file(folder, name, found)


def test_the_length_and_the_header_of_the_images_are_checked_and_no_image_is(folder):
    found = read_description(folder)
    images = folder / "images.npy"
    images.write_bytes(bytes(HEADER_BYTES) + bytes(np.arange(12, dtype=np.uint8)))
    check_header(folder, found)
    images.write_bytes(b"x" + bytes(HEADER_BYTES + 11))
    with pytest.raises(InputError, match=r"images\.npy: must be as `prepare` wrote it"):
        check_header(folder, found)
    images.write_bytes(bytes(HEADER_BYTES + 11))
    with pytest.raises(InputError, match=r"must have 140 bytes\. Received: 139; remove"):
        check_header(folder, found)
    images.unlink()
    with pytest.raises(InputError, match="must be readable"):
        check_header(folder, found)


@pytest.mark.parametrize(
    "content",
    [
        "[1]",
        "3",
        "null",
        '{"format": 1}',
        '{"format": 2}',
        '{"format": true}',
        "",
        "[" * 9000,
        '{"format": ' + "9" * 5000 + "}",
        '{"a": "\\ud800", "format": 2}',
    ],
)
def test_a_store_json_of_another_form_is_one_line(store, content):
    (store / "store.json").write_text(content)
    refused(store)


def test_a_store_of_the_earlier_format_is_refused_with_what_to_do(store, folder_of):
    content = json.loads((store / "store.json").read_text())
    content = {**content, "format": 1}
    del content["files"], content["sha256"]
    (store / "store.json").write_text(json.dumps(content))
    assert "format must be 3. Received: 1," in refused(store)

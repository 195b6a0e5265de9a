from __future__ import annotations

import os
from pathlib import Path

import pytest

from cxrcompare.errors import InputError
from cxrcompare.filesystem import outside_links


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with links of every kind, beside another folder."""
    root, other = tmp_path / "data", tmp_path / "data-of-others"
    for folder in (root / "images" / "deep", root / "annotations", other / "deep"):
        folder.mkdir(parents=True)
    (root / "images" / "a.png").touch()
    (other / "b.png").touch()
    (other / "deep" / "c.png").touch()
    (root / "out").symlink_to(other)
    (root / "hop").symlink_to("out")  # inside, to a link that leads outside
    (root / "copy").symlink_to("images")  # inside
    (root / "images" / "file.png").symlink_to(other / "b.png")
    (root / "images" / "up.png").symlink_to("../../data-of-others/b.png")
    (root / "images" / "same.png").symlink_to("a.png")
    (root / "images" / "gone.png").symlink_to(other / "none.png")
    (root / "images" / "loop.png").symlink_to("loop.png")
    (root / "copy2").symlink_to(root / "images" / ".." / "images")
    return root


def test_links_that_lead_outside_are_found_and_others_are_not(root):
    outside = {
        "out/b.png": "out",
        "out/deep/c.png": "out",
        "hop/deep/c.png": "hop",
        "images/file.png": "images/file.png",
        "images/up.png": "images/up.png",
        "copy/up.png": "copy/up.png",
        "images/gone.png": "images/gone.png",
    }
    inside = ["images/a.png", "copy/a.png", "copy2/a.png", "images/same.png", "images/loop.png"]
    paths = [*outside, *inside, "images/nowhere.png", "nowhere/x.png"]
    assert outside_links.leading_outside(root, paths) == outside


def test_agrees_with_the_resolved_path_of_each_file(root):
    paths = [
        path.relative_to(root).as_posix()
        for top in (root, root / "out", root / "copy", root / "hop")
        for path in top.rglob("*")
    ]
    top = os.path.realpath(root)
    expected = {path for path in paths if not os.path.realpath(root / path).startswith(top + "/")}
    assert set(outside_links.leading_outside(root, paths)) == expected
    assert len(expected) >= 5


def test_the_named_folder_itself_may_be_a_link(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    paths = ["images/a.png", "out/b.png"]
    assert outside_links.leading_outside(tmp_path / "link", paths) == {"out/b.png": "out"}


def test_label_files_of_the_folder_and_its_subfolders_are_listed(root):
    for name in ("train.csv", "list.TXT", "notes.md", "annotations/boxes.csv", "images/deep/x.csv"):
        (root / name).touch()
    (root / "annotations" / "linked.csv.gz").symlink_to("/etc/hostname")
    found = outside_links.label_files(root)
    expected = {"train.csv", "list.TXT", "annotations/boxes.csv", "annotations/linked.csv.gz"}
    assert set(found) == expected
    assert outside_links.label_files(root / "nowhere") == []


def test_the_refusal_names_link_target_and_way_out(root, tmp_path):
    links = outside_links.leading_outside(root, ["images/a.png", "out/b.png", "out/deep/c.png"])
    with pytest.raises(InputError) as caught:
        outside_links.refuse(root, links)
    text = str(caught.value)
    assert "--follow-links" in text
    assert f"2 files behind links that lead outside, the first out -> {tmp_path}" in text
    outside_links.refuse(root, {})

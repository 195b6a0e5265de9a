from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxrcompare.datasets.parsing import image_files
from cxrcompare.datasets.parsing.label_file import LabelFile
from cxrcompare.errors import InputError


@pytest.fixture
def labels(tmp_path: Path) -> LabelFile:
    return LabelFile(tmp_path / "labels.csv", pd.DataFrame({"a": ["1"]}, index=[2]))


@pytest.mark.parametrize("number", [1, 3, 7, 8, 40])
def test_missing_says_the_same_listed_or_asked_one_by_one(tmp_path, number):
    paths = []
    for index in range(number):
        name = f"deep/folder/{index}.png"
        paths.append(name)
        if index % 3:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
    expected = [index % 3 == 0 for index in range(number)]
    np.testing.assert_array_equal(image_files.missing(tmp_path, paths), expected)


def test_missing_in_a_folder_that_is_not_there_or_is_a_file_or_a_loop(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for folder in ("none", "file", "loop"):
        for number in (1, 20):
            paths = [f"{folder}/{index}.png" for index in range(number)]
            assert image_files.missing(tmp_path, paths).all()


@pytest.mark.parametrize(
    "path", ["a.png", "a/b.png", "scan..png", "..a/b.png", "a..b/c.png", "a\\b.png"]
)
def test_paths_inside(labels, path):
    assert image_files.inside(labels, pd.Series([path], index=[2])).tolist() == [
        path.replace("\\", "/")
    ]


@pytest.mark.parametrize(
    "path",
    ["", "/a.png", "../a.png", "a/../b.png", "a/..", "..\\a.png", "C:/a.png", "a\0.png", "\\a"],
)
def test_paths_that_lead_out(labels, path):
    with pytest.raises(InputError, match="row 5: must name an image inside"):
        image_files.inside(labels, pd.Series(["ok.png", path], index=[2, 5]))


def test_names_that_are_not_utf8_do_no_harm(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.png")).touch()
    (tmp_path / "a.png").touch()
    assert "a.png" in image_files.images_in(tmp_path)
    paths = ["caf\xe9.png"] + ["a.png"] * 10
    assert image_files.missing(tmp_path, paths).tolist() == [True] + [False] * 10

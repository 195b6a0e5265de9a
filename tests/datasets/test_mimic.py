from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest

from cxrcompare.datasets import mimic
from cxrcompare.errors import InputError

from .layouts.layout import Layout


@pytest.fixture
def layout(layouts: dict[str, Callable[[], Layout]]) -> Layout:
    return layouts["mimic"]()


def test_gzipped_files_as_published(layout, tmp_path):
    layout.write(tmp_path)
    plain = mimic.read(tmp_path)
    for name in layout.files:
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress((tmp_path / name).read_bytes()))
        (tmp_path / name).unlink()
    assert mimic.read(tmp_path).rows.equals(plain.rows)


def test_images_of_a_study_without_labels_are_left_out_and_counted(layout, tmp_path):
    name = "mimic-cxr-2.0.0-chexpert.csv"
    table = mimic.read(layout.write(tmp_path / "whole"))
    assert table.notes["images_without_labels"] == 0
    labels = layout.files[name]
    table = mimic.read(layout.replaced(name, labels.iloc[[0]]).write(tmp_path / "less"))
    assert table.rows["study_id"].unique().tolist() == ["50414267"]
    assert table.notes["images_without_labels"] == 1
    other = labels.assign(study_id=["1", "2"])
    with pytest.raises(InputError, match="must label a study of the metadata"):
        mimic.read(layout.replaced(name, other).write(tmp_path / "other"))


def test_without_the_split_file_there_is_no_split(layout, tmp_path):
    layout.write(tmp_path)
    (tmp_path / "mimic-cxr-2.0.0-split.csv").unlink()
    assert (mimic.read(tmp_path).rows["split"] == "").all()


def test_the_label_file_must_be_there(layout, tmp_path):
    layout.write(tmp_path)
    (tmp_path / "mimic-cxr-2.0.0-chexpert.csv").unlink()
    with pytest.raises(InputError, match=r"must hold mimic-cxr-2\.0\.0-chexpert\.csv"):
        mimic.read(tmp_path)


@pytest.mark.parametrize(
    ("file", "column", "value"),
    [
        ("metadata", "subject_id", "../10"),
        ("metadata", "study_id", "s1"),
        ("split", "split", "dev"),
        ("chexpert", "study_id", ""),
    ],
)
def test_ids_and_splits_that_are_wrong_are_named(layout, tmp_path, file, column, value):
    name = f"mimic-cxr-2.0.0-{file}.csv"
    frame = layout.files[name].copy()
    frame.loc[0, column] = value
    with pytest.raises(InputError, match=rf"{name}: row 2: `{column}` must be"):
        mimic.read(layout.replaced(name, frame).write(tmp_path))


def test_two_rows_of_labels_for_a_study_are_refused(layout, tmp_path):
    name = "mimic-cxr-2.0.0-chexpert.csv"
    frame = layout.files[name]
    layout.files[name] = frame.loc[[0, 0]]
    with pytest.raises(InputError, match="row 3: each study must have one row; row 2"):
        mimic.read(layout.write(tmp_path))

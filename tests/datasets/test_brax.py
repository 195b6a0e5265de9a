"""Tests of the reader of BRAX, beyond those of all data sets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from cxrcompare.datasets import brax
from cxrcompare.errors import InputError

from .layouts.layout import Layout

FILE = brax.LABEL_FILES[0]


@pytest.fixture
def layout(layouts: dict[str, Callable[[], Layout]]) -> Layout:
    return layouts["brax"]()


def changed(layout: Layout, **columns: object) -> Layout:
    """Returns the layout with other values in columns of its label file."""
    return layout.replaced(FILE, layout.files[FILE].assign(**columns))


def add_dicom(layout: Layout, folder: Path) -> list[str]:
    """Writes the DICOM files beside the PNGs, and returns their paths."""
    paths = layout.files[FILE]["DicomPath"].tolist()
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return paths


def test_the_earlier_name_of_the_label_file_is_read_too(layout, tmp_path):
    layout.write(tmp_path)
    (tmp_path / FILE).rename(tmp_path / brax.LABEL_FILES[1])
    assert brax.recognise(tmp_path)
    table = brax.read(tmp_path)
    assert table.notes["label_files"] == {"": "master_spreadsheet.csv"}
    assert len(table) == 2


def test_a_folder_without_a_label_file_is_none(tmp_path):
    assert not brax.recognise(tmp_path)
    with pytest.raises(InputError, match=f"must hold {FILE}"):
        brax.read(tmp_path)


@pytest.mark.parametrize("separator", ["/", "\\"])
def test_pngs_come_before_dicom_files(layout, tmp_path, separator):
    layout.write(tmp_path)
    add_dicom(layout, tmp_path)
    frame = layout.files[FILE].copy()
    for column in ("PngPath", "DicomPath"):
        frame[column] = frame[column].str.replace("/", separator)
    frame.to_csv(tmp_path / FILE, index=False)
    assert brax.read(tmp_path).rows["path"].tolist() == layout.images


@pytest.mark.parametrize("separator", ["/", "\\"])
def test_dicom_files_alone_are_read(layout, tmp_path, separator):
    layout.write(tmp_path)
    paths = add_dicom(layout, tmp_path)
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    frame = layout.files[FILE].copy()
    frame["DicomPath"] = frame["DicomPath"].str.replace("/", separator)
    frame.to_csv(tmp_path / FILE, index=False)
    assert brax.read(tmp_path).rows["path"].tolist() == paths


def test_without_any_image_the_png_is_missed(layout, tmp_path):
    layout.write(tmp_path)
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    with pytest.raises(InputError, match=r"row 2: must name an image .*2 of 2 are missing.*png"):
        brax.read(tmp_path)


def test_findings_that_have_no_column_are_listed(layout, tmp_path):
    frame = layout.files[FILE].drop(columns=["Edema", "Fracture"])
    with pytest.raises(InputError, match=r"must have columns for Edema, Fracture\. Received: none"):
        brax.read(layout.replaced(FILE, frame).write(tmp_path))


def test_one_accession_number_of_two_patients_is_two_studies(layout, tmp_path):
    rows = brax.read(layout.write(tmp_path)).rows  # both have the number 77
    assert rows["study_id"].tolist() == ["id_1/77", "id_2/77"]


@pytest.mark.parametrize(
    ("text", "years"), [("85 or more", 85.0), ("20", 20.0), ("", float("nan")), ("0", 0.0)]
)
def test_ages(layout, tmp_path, text, years):
    found = brax.read(changed(layout, PatientAge=text).write(tmp_path)).rows["age"]
    pd.testing.assert_series_equal(found, pd.Series([years] * 2), check_names=False)


@pytest.mark.parametrize(
    ("position", "view"), [("PA", "frontal PA"), ("AP", "frontal AP"), ("L", "lateral"), ("x", "")]
)
def test_views(layout, tmp_path, position, view):
    rows = brax.read(changed(layout, ViewPosition=position).write(tmp_path)).rows
    assert rows["view"].tolist() == [view, view]

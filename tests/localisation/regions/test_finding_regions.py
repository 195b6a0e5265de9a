"""Tests of finding the regions of a data set, and of reading a given file."""

import json

import cv2
import numpy as np
import pytest

from cxrcompare import datasets
from cxrcompare.errors import InputError
from cxrcompare.localisation.regions import finding_regions
from cxrcompare.synthetic import write_sample

from ...datasets.layouts import nih, vindr


@pytest.mark.parametrize("masks", [True, False])
def test_the_masks_of_a_sample_are_found(tmp_path, masks):
    table = datasets.read(
        "chexpert", write_sample(tmp_path / "s", 10, 32, 0, masks=masks, workers=1)
    )
    source = finding_regions.in_data_set(table, "test")
    assert (source is not None) == masks
    if source is not None:
        found = [source.read(image) for image in table.rows["image_id"]]
        assert all(one is not None and one.lungs is not None for one in found)


def test_the_boxes_of_nih_are_found(tmp_path):
    nih.layout().write(tmp_path)
    table = datasets.read("nih", tmp_path)
    assert finding_regions.in_data_set(table, "test") is None
    image = table.rows["image_id"].iloc[0]
    name = table.rows["path"].iloc[0].rpartition("/")[2]
    text = f"Image Index,Finding Label,Bbox [x,y,w,h],,,\n{name},Mass,0,0,512,1024\n"
    (tmp_path / "BBox_List_2017.csv").write_text(text)
    source = finding_regions.in_data_set(table, "test")
    assert source is not None
    assert source.boxes
    found = source.read(image)
    assert found is not None
    assert found.regions["Mass"].area == 0.5
    given = finding_regions.in_file(tmp_path / "BBox_List_2017.csv")
    assert given.findings == ("Mass",)


def test_the_boxes_of_vindr_are_in_the_pixels_of_the_files(tmp_path):
    vindr.layout().write(tmp_path)
    table = datasets.read("vindr", tmp_path)
    row = table.rows[table.rows["split"] == "test"].iloc[0]
    _, png = cv2.imencode(".png", np.zeros((8, 10), np.uint8))
    (tmp_path / row["path"]).write_bytes(png.tobytes())
    text = f"image_id,class_name,x_min,y_min,x_max,y_max\n{row['image_id']},Edema,0,0,2,4\n"
    (tmp_path / "annotations_test.csv").write_text(text)
    source = finding_regions.in_data_set(table, "test")
    assert source is not None
    found = source.read(row["image_id"])
    assert found is not None
    assert found.regions["Edema"].area == 8 / 80
    assert source.read("unknown") is None


def test_a_json_file_is_read_as_chexlocalize(tmp_path):
    path = tmp_path / "masks.json"
    path.write_text(json.dumps({"a": {"Edema": {"size": [1, 2], "counts": "11"}}}))
    found = finding_regions.in_file(path).read("a")
    assert found is not None
    assert found.regions["Edema"].area == 0.5


@pytest.mark.parametrize("text", [None, "id,label\na,b\n", "image_id,class_name\n"])
def test_another_file_is_refused(tmp_path, text):
    path = tmp_path / "regions.csv"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=r"regions\.csv: must be"):
        finding_regions.in_file(path)

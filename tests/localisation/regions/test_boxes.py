"""Tests of boxes in the files of NIH and VinDr-CXR."""

import pytest

from cxrcompare.errors import InputError
from cxrcompare.localisation.regions import boxes

NIH = """Image Index,Finding Label,Bbox [x,y,w,h],,,
00000001_000.png,Infiltrate,100.5,200,300,400
00000001_000.png,Infiltrate,500,200,100,100
00000002_000.png,Effusion,0,0,512,1024
"""
VINDR = """image_id,rad_id,class_name,x_min,y_min,x_max,y_max
a,R1,Pleural thickening,10,20,30,40
a,R2,Pleural thickening,12,20,34,40
a,R1,Aortic enlargement,1,1,5,5
b,R1,No finding,,,,
"""


def test_nih_boxes_have_left_top_width_height_of_1024_pixels(tmp_path):
    path = tmp_path / "BBox_List_2017.csv"
    path.write_text(NIH)
    source = boxes.read_nih(path)
    assert source.findings == ("Infiltration", "Pleural Effusion")
    first, second = (source.read(f"0000000{n}_000.png") for n in (1, 2))
    assert first is not None
    assert second is not None
    assert first.regions["Infiltration"].parts == 2
    # Pixel centres 100.5 to 400.5: 301 columns; 400 rows; and 100 x 100.
    assert first.regions["Infiltration"].area == pytest.approx((301 * 400 + 10_000) / 1024**2)
    assert second.regions["Pleural Effusion"].area == 0.5
    assert source.read("00000003_000.png") is None


def test_vindr_boxes_have_corners_in_pixels_of_the_image(tmp_path):
    path = tmp_path / "annotations_train.csv"
    path.write_text(VINDR)
    source = boxes.read_vindr(path, lambda image: (100, 50))
    found = source.read("a")
    assert found is not None
    assert set(found.regions) == {"Pleural Other", "Pleural Thickening"}
    assert found.regions["Pleural Other"].area == pytest.approx(24 * 20 / 5000)
    assert source.read("b") is None
    assert boxes.read_vindr(path, lambda image: None).read("a") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Image Index,Finding Label\n",
        NIH + "c,Mass,1,2,x,4\n",
        NIH + "c,Mass,1,2,-3,4\n",
        NIH + "c,Mass,1,2,nan,4\n",
        NIH + "c,Mass,1,2,0,4\n",
    ],
)
def test_damaged_files_are_refused_with_their_name(tmp_path, text):
    path = tmp_path / "BBox.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=r"BBox\.csv"):
        boxes.read_nih(path)


def test_a_damaged_box_is_named_by_its_row(tmp_path):
    path = tmp_path / "annotations.csv"
    path.write_text(VINDR + "c,R1,Edema,5,5,4,9\n")
    with pytest.raises(InputError, match="row 6"):
        boxes.read_vindr(path, lambda image: (9, 9))

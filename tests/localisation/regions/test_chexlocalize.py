"""Tests of CheXlocalize's file of masks."""

import json

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.localisation.regions import chexlocalize
from cxrcompare.localisation.regions.run_lengths import encode

MASK = np.zeros((30, 40), dtype=bool)
MASK[5:15, 4:10] = True
MASK[20:25, 30:35] = True


def entry(mask):
    return {"size": list(mask.shape), "counts": encode(mask)}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "gt_segmentations_val.json"
    masks = {"Airspace Opacity": entry(MASK), "Edema": entry(np.zeros_like(MASK))}
    path.write_text(json.dumps({"patient64541_study1_view1_frontal": masks}))
    return path


@pytest.mark.parametrize(
    "image",
    [
        "patient64541_study1_view1_frontal",
        "CheXpert-v1.0-small/valid/patient64541/study1/view1_frontal.jpg",
    ],
)
def test_masks_are_found_by_the_path_of_chexpert(file, image):
    source = chexlocalize.read(file)
    assert source.findings == ("Lung Opacity", "Edema")
    found = source.read(image)
    assert found is not None
    assert set(found.regions) == {"Lung Opacity"}  # Edema has no pixel
    region = found.regions["Lung Opacity"]
    assert region.parts == 2
    assert region.area == pytest.approx(85 / 1200)
    # 85 pixels of the 1600 of the padded square.
    assert region.share.mean() == pytest.approx(85 / 1600, rel=1e-4)


def test_other_images_have_no_regions(file):
    assert chexlocalize.read(file).read("patient64541/study1/view2_lateral.jpg") is None


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "{}",
        '{"a": 1}',
        '{"a": {"Edema": {"size": [3], "counts": "9"}}}',
        '{"a": {"Edema": {"size": [3, true], "counts": "9"}}}',
        '{"a": {"Edema": {"size": [3, 3], "counts": "8"}}}',
        '{"a": {"Edema": {"size": [3, 3], "counts": "9"}, "Fracture": '
        '{"size": [1, 9], "counts": "9"}}}',
    ],
)
def test_another_structure_is_refused(tmp_path, content):
    path = tmp_path / "masks.json"
    path.write_text(content)
    with pytest.raises(InputError, match=r"masks\.json"):
        chexlocalize.read(path).read("a")

"""Tests of the masks of the embedded sample as regions."""

import numpy as np
import pandas as pd
import pytest

from cxrcompare.errors import InputError
from cxrcompare.findings import CHEXPERT
from cxrcompare.localisation.regions import sample_masks
from cxrcompare.synthetic import write_sample


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    folder = tmp_path_factory.mktemp("masks") / "sample"
    return write_sample(folder, 20, 48, 0, shortcuts=["marker"], masks=True, workers=1)


def test_images_have_the_regions_of_their_true_findings(sample):
    labels = pd.read_csv(sample / "test.csv")
    paths = {path: path.partition("/")[2] for path in labels["Path"]}
    source = sample_masks.read(sample, paths)
    seen = 0
    for row in labels.to_dict("records"):
        found = source.read(row["Path"])
        assert found is not None
        true = {name for name in CHEXPERT[1:] if row[name] == 1}
        assert set(found.regions) <= true
        seen += len(found.regions)
        assert found.lungs is not None
        assert found.anatomy is not None
        assert (found.anatomy >= found.lungs).all()
        assert all((r.share <= found.valid + 1e-5).all() for r in found.regions.values())
    assert seen > 0
    trained = [path.partition("/")[2] for path in pd.read_csv(sample / "train.csv")["Path"]]
    source = sample_masks.read(sample, dict(zip(trained, trained, strict=True)))
    found = [source.read(path) for path in trained]
    assert any(one is not None and one.shortcut is not None for one in found)
    assert any(one is not None and one.shortcut is None for one in found)


def test_other_images_have_none_and_a_damaged_mask_is_named(sample, tmp_path):
    source = sample_masks.read(tmp_path, {"a": "test/a.jpg"})
    assert source.read("a") is None
    assert source.read("b") is None
    (tmp_path / "masks" / "test").mkdir(parents=True)
    (tmp_path / "masks" / "test" / "a.png").write_bytes(np.zeros(9, np.uint8).tobytes())
    with pytest.raises(InputError, match=r"a\.png"):
        source.read("a")

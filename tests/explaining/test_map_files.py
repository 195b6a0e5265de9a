"""Files of maps: what is written is read; what does not fit is refused with one line."""

from __future__ import annotations

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.explaining.map_files import read_maps, write_maps
from cxrcompare.explaining.maps import Maps


@pytest.fixture
def maps():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(3, 2, 4, 5)).astype(np.float32)
    logits = rng.normal(size=(3, 2)).astype(np.float32)
    return Maps(
        "m__seed0",
        ("a", "b", "ü/c"),
        ("Edema", "=1"),
        values,
        logits,
        64,
        2,
        "ab" * 32,
        "occlusion",
    )


def test_read_what_was_written(maps, tmp_path):
    write_maps(maps, tmp_path / "maps.npz")
    found = read_maps(tmp_path / "maps.npz")
    for name in (
        "run",
        "ids",
        "findings",
        "image_size",
        "fineness",
        "method",
        "made_by",
        "checkpoint",
    ):
        assert getattr(found, name) == getattr(maps, name)
    np.testing.assert_array_equal(found.values, maps.values)
    np.testing.assert_array_equal(found.logits, maps.logits)


def test_equal_maps_give_equal_bytes(maps, tmp_path):
    write_maps(maps, tmp_path / "a.npz")
    write_maps(maps, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"map": None}, "must have the arrays .* Lacking: .*map"),
        ({"map": np.zeros((3, 2, 4))}, r"`map` must be .* 3 ids and 2 findings. Received: \(3, 2"),
        ({"logit": np.zeros((2, 2))}, "`logit`"),
        ({"id": np.array(["a"])}, "for 1 ids"),
        ({"logit": np.full((3, 2), np.nan)}, "must be finite"),
        ({"format": np.array(9)}, "`format` must be 1. Received: 9"),
        ({"image_size": np.array("x")}, "whole numbers"),
        ({"made_by": np.array("x")}, "`made_by` must be of class-map, grad-cam"),
    ],
)
def test_what_does_not_fit_is_refused(maps, tmp_path, change, message):
    write_maps(maps, tmp_path / "maps.npz")
    with np.load(tmp_path / "maps.npz") as content:
        arrays = {name: content[name] for name in content.files} | change
    np.savez(tmp_path / "other.npz", **{n: a for n, a in arrays.items() if a is not None})
    with pytest.raises(InputError, match=message) as caught:
        read_maps(tmp_path / "other.npz")
    assert len(str(caught.value).splitlines()) == 1


def test_another_file_is_refused(tmp_path):
    (tmp_path / "x.npz").write_text("text")
    with pytest.raises(InputError, match="npz"):
        read_maps(tmp_path / "x.npz")

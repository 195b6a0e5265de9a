"""Map files: written and read back, and what is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from cxrcompare.errors import InputError
from cxrcompare.map_files import KEYS, MapFile, read_maps, write_maps


def some(**changes) -> MapFile:
    rng = np.random.default_rng(0)
    given = {
        "ids": ("a", "b", "c"),
        "findings": ("Edema", "Fracture"),
        "maps": rng.normal(size=(3, 2, 4, 5)).astype(np.float32),
        "logits": rng.normal(size=(3, 2)).astype(np.float32),
        "offsets": np.zeros((3, 2), np.float32),
        "model": "mobilenet",
        "run": "mobilenet__seed1",
        "seed": "1",
        "method": "cam",
        "image_size": 64,
        "shifts": 4,
        "checkpoint_hash": "ab" * 32,
    }
    return MapFile(**{**given, **changes})


def test_a_file_is_read_as_it_was_written(tmp_path):
    written = some()
    write_maps(tmp_path / "m.npz", written)
    found = read_maps(tmp_path / "m.npz")
    for field in dataclasses.fields(MapFile):
        one, other = getattr(written, field.name), getattr(found, field.name)
        assert np.array_equal(one, other), field.name
    with np.load(tmp_path / "m.npz") as content:
        assert sorted(content.files) == sorted(KEYS)
        assert content["map"].dtype == np.float32


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ids": ("a", "a", "c")}, "3, 2 different"),
        ({"findings": ()}, "one or more findings"),
        ({"maps": np.zeros((3, 2, 4))}, r"Received: \(3, 2, 4\)"),
        ({"maps": np.full((3, 2, 1, 1), np.nan)}, "finite"),
        ({"logits": np.zeros((2, 3))}, "logits must be"),
        ({"logits": np.full((3, 2), np.inf)}, "finite"),
        ({"method": "guess"}, "`method` must be one of cam"),
        ({"image_size": 0}, "1 or more"),
    ],
)
def test_wrong_maps_are_refused(changes, message):
    with pytest.raises(InputError, match=message):
        some(**changes)


def test_files_of_others_may_lack_what_has_a_default(tmp_path):
    write_maps(tmp_path / "m.npz", some())
    with np.load(tmp_path / "m.npz") as content:
        arrays = dict(content)
    for key in ("offset", "shifts", "checkpoint_hash"):
        del arrays[key]
    np.savez(tmp_path / "few.npz", **arrays)
    found = read_maps(tmp_path / "few.npz")
    assert np.isnan(found.offsets).all()
    assert (found.shifts, found.checkpoint_hash) == (1, "")
    del arrays["logit"]
    np.savez(tmp_path / "none.npz", **arrays)
    with pytest.raises(InputError, match=r"none\.npz: a map file must .*none of the name logit"):
        read_maps(tmp_path / "none.npz")
    np.savez(tmp_path / "ids.npz", **{**arrays, "logit": np.zeros((3, 2)), "id": np.arange(3)})
    with pytest.raises(InputError, match=r"ids\.npz: ids and findings must be"):
        read_maps(tmp_path / "ids.npz")

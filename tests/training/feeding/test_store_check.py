"""Changes of the files of a store are noticed while a run reads them."""

import os

import pytest

from cxrcompare.errors import InputError, JobError
from cxrcompare.training.feeding.store_check import StoreCheck


@pytest.mark.parametrize("name", ["images.npy", "table.csv", "store.json"])
@pytest.mark.parametrize("way", ["longer", "touched", "replaced", "removed"])
def test_any_change_of_a_store_is_noticed(tmp_path, name, way):
    for one in ("images.npy", "table.csv", "store.json"):
        (tmp_path / one).write_bytes(b"12345")
    watch = StoreCheck(tmp_path)
    watch()
    file = tmp_path / name
    if way == "longer":
        file.write_bytes(b"123456")
    elif way == "touched":
        os.utime(file, ns=(1, 1))
    elif way == "replaced":
        (tmp_path / "new").write_bytes(b"12345")
        status = file.stat()
        os.utime(tmp_path / "new", ns=(status.st_atime_ns, status.st_mtime_ns))
        (tmp_path / "new").replace(file)
    else:
        file.unlink()
    error, text = (
        (InputError, f"must stay in place .* {name} is gone")
        if way == "removed"
        else (JobError, "the store changed while it was being read")
    )
    with pytest.raises(error, match=text):
        watch()

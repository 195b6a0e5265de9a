"""Data sets that other installed packages register by an entry point."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cxrcompare import datasets
from cxrcompare.errors import InputError

MODULE = """
from cxrcompare.datasets.parsing import table_assembly
from cxrcompare.datasets.parsing.dataset import DataSet
import pandas as pd

def recognise(folder):
    return (folder / "ward.txt").is_file()

def read(folder):
    ids = {name: ["a.png"] for name in ("image_id", "path", "patient_id", "study_id")}
    part = pd.DataFrame({**ids, "Edema": [1.0]})
    return table_assembly.assemble([part], ["Edema"], "ward", folder, {"expert_splits": []})

DATASET = DataSet("Ward 7", "the ward", "none", recognise, read)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """Adds a distribution with entry points to the path, like pip."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))

    def write(points: str, package: str = "ward-data", **modules: str) -> Path:
        info = site / f"{package.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[cxrcompare.datasets]\n{points}\n")
        for name, text in modules.items():
            (site / f"{name}.py").write_text(text)
        return site

    yield write
    for name in [name for name in sys.modules if name.startswith("ward_")]:
        del sys.modules[name]


def test_a_registered_data_set_is_listed_recognised_and_read(install, tmp_path):
    install("ward = ward_whole", ward_whole=MODULE)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ward.txt").touch()
    assert "ward" in datasets.names()
    assert "ward_whole" not in sys.modules
    table = datasets.read(None, tmp_path / "data")
    assert table.dataset == "ward"
    assert table.findings == ("Edema",)
    assert ("ward", "Ward 7", "the ward", "none") in datasets.describe()


@pytest.mark.parametrize(
    ("text", "received"),
    [
        ("DATASET = 3", "3"),
        ("other = 3", "AttributeError: .*DATASET"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("import ward_missing", "ModuleNotFoundError: No module named 'ward_missing'"),
    ],
)
def test_one_that_cannot_be_loaded_is_named_and_stops_no_other(
    install, tmp_path, layouts, caplog, text, received
):
    install("ward = ward_broken", ward_broken=text)
    with pytest.raises(InputError, match=f"data set ward of ward-data .*Received: {received}"):
        datasets.get("ward")
    assert datasets.recognise(layouts["nih"]().write(tmp_path / "nih")) == "nih"
    assert caplog.messages[0].startswith("the data set ward of ward-data must be")
    described = {one[0]: one[1] for one in datasets.describe()}
    assert described["ward"].startswith("cannot be loaded: ")
    assert described["nih"].startswith("NIH ChestX-ray14")


def test_a_name_of_this_package_is_not_replaced(install):
    install("nih = ward_taken", ward_taken=MODULE)
    assert datasets.get("nih").title.startswith("NIH ChestX-ray14")
    assert datasets.names().count("nih") == 1


def test_a_name_of_two_packages_is_neither(install):
    install("ward = ward_whole", ward_whole=MODULE)
    install("ward = ward_other", package="ward-other", ward_other=MODULE)
    with pytest.raises(InputError, match=r"one package\. Received: ward_other and ward_whole"):
        datasets.get("ward")


def test_listing_names_loads_no_registered_module(install):
    site = install("ward = ward_loud", ward_loud="raise SystemExit('loaded')")
    code = (
        f"import sys; sys.path.insert(0, {str(site)!r})\n"
        "from cxrcompare import datasets; assert 'ward' in datasets.names()\n"
        "sys.exit(','.join({'ward_loud', 'pandas', 'numpy'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

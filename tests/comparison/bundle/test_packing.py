"""What a bundle contains: the inputs as they are, no labels unless asked, the same bytes."""

import hashlib
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from cxrcompare.comparison.bundle import packing
from cxrcompare.comparison.bundle.bundle_description import LABELS, Sources
from cxrcompare.comparison.bundle.packing import pack
from cxrcompare.comparison.bundle.verifying import verify
from cxrcompare.comparison.compare import Options
from cxrcompare.comparison.compare import compare as compare_models
from cxrcompare.errors import InputError


def contents(bundle):
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_inputs_are_in_the_bundle_as_they_are(packed):
    found = contents(packed.full)
    for path in packed.sources.predictions:
        assert found[f"predictions/{Path(path).name}"] == Path(path).read_bytes()
    assert found["reference/test.csv"] == Path(packed.sources.reference[0]).read_bytes()
    described = json.loads(found["bundle.json"])
    assert described["options"]["replicates"] == 100
    assert described["command"] == "cxrcompare bundle"
    for one in described["files"]:
        content = found[f"{one['role']}/{one['name']}"]
        assert one["sha256"] == hashlib.sha256(content).hexdigest()


def test_without_labels_there_are_hashes_only(packed):
    found = contents(packed.bare)
    assert not [name for name in found if name.partition("/")[0] in LABELS]
    described = {one["role"]: one for one in json.loads(found["bundle.json"])["files"]}
    content = Path(packed.sources.reference[0]).read_bytes()
    assert described["reference"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert described["reference"]["included"] is False
    assert len(packed.result.disagreements)
    result = json.loads(found["comparison.json"])
    assert not any(result["disagreements"].values())
    assert any(json.loads(contents(packed.full)["comparison.json"])["disagreements"].values())


def test_the_same_inputs_give_the_same_bytes(packed, tmp_path):
    pack(
        packed.sources,
        packed.options,
        tmp_path / "bare.zip",
        context={"command": "cxrcompare bundle"},
    )
    assert (tmp_path / "bare.zip").read_bytes() == packed.bare.read_bytes()


def test_an_input_that_changes_meanwhile_is_refused(packed, tmp_path, monkeypatch):
    mine = tmp_path / "a.csv"
    mine.write_bytes(Path(packed.sources.predictions[0]).read_bytes())

    def slow(*inputs, **more):
        found = compare_models(*inputs, **more)
        mine.write_text("changed")
        return found

    monkeypatch.setattr(packing, "compare", slow)
    sources = Sources([str(mine)], packed.sources.reference)
    with pytest.raises(InputError, match=r"a\.csv: must not change during the comparison"):
        pack(sources, Options(replicates=100), tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def test_files_of_one_name_are_of_several_sites(packed, tmp_path):
    """The predictions of a model may be in a file per site, all of the model's name."""
    folders = {}
    for site, rows in (("north", slice(0, 30)), ("south", slice(30, 60))):
        folders[site] = tmp_path / site
        folders[site].mkdir()
        for path in (*packed.sources.predictions, *packed.sources.reference):
            table = pd.read_csv(path).iloc[rows]
            name = f"{site}.csv" if path in packed.sources.reference else Path(path).name
            table.to_csv(folders[site] / name, index=False)
    names = [Path(path).name for path in packed.sources.predictions]
    sources = Sources(
        [str(folder / name) for name in names for folder in folders.values()],
        [str(folder / f"{site}.csv") for site, folder in folders.items()],
    )
    out = tmp_path / "sites.zip"
    pack(sources, Options(replicates=100, min_patients=2), out, labels=True)
    assert {"predictions/a.csv", "predictions/2/a.csv"} <= contents(out).keys()
    assert verify(out).words.endswith("values are equal to the last bit")


def test_an_option_that_names_a_file_is_refused(packed, tmp_path):
    """The options of today name none; one that does would make a bundle that is not complete."""
    options = Options(replicates=100)
    object.__setattr__(options, "threshold_rule", packed.sources.reference[0])
    with pytest.raises(InputError, match="a bundle must have no file of `threshold_rule`"):
        pack(packed.sources, options, tmp_path / "out.zip")

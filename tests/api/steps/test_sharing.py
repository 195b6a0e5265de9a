"""Bundles and their verification, model cards and the schema, from Python."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import cxrcompare as cxr

ROOT = Path(__file__).parents[3]


@pytest.fixture
def bundled(written):
    """A bundle without labels that has a file of every role, and the files."""
    folder = written.folder
    (folder / "site.csv").write_text(
        "finding,prevalence,cost_false_positive,cost_miss\nEdema,0.03,1,40\n"
    )
    result = cxr.bundle(
        list(written.test.models.values()),
        written.test.reference,
        folder / "bundle.zip",
        validation=list(written.valid.models.values()),
        validation_reference=written.valid.reference,
        readers=[written.reader],
        metadata=written.metadata,
        prevalence=folder / "site.csv",
        margin=0.03,
        replicates=200,
        context={"title": "Two models", "data": "a cohort"},
    )
    return folder, written, result


def test_another_folder_verifies_with_one_command(bundled, tmp_path_factory):
    folder, written, result = bundled
    assert result.protocol.set_index("item")["value"]["title"] == "Two models"
    site = result.to_frame("at_prevalence")
    assert set(site[site["finding"] == "Edema"]["source"]) == {"given"}
    elsewhere = tmp_path_factory.mktemp("another machine")
    shutil.move(folder / "bundle.zip", elsewhere / "received.zip")
    given = (written.test.reference, written.valid.reference, written.reader, written.metadata)
    for number, path in enumerate(given):
        shutil.move(path, elsewhere / f"file {number}.csv")
    (folder / "site.csv").unlink()
    shutil.rmtree(folder / "test")
    shutil.rmtree(folder / "valid")
    names = [f"file {number}.csv" for number in (3, 1, 0, 2)]
    done = subprocess.run(
        [sys.executable, "-m", "cxrcompare", "verify", "received.zip", "--labels", *names],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "11 with the right hash" in done.stdout
    assert "equal to the last bit" in done.stdout
    found = cxr.verify(elsewhere / "received.zip", [elsewhere / name for name in names])
    assert (found.different, found.versions) == ([], {})
    assert {"at_prevalence", "cost_differences"} <= {part.name for part in found.parts}


def test_a_bundle_has_the_numbers_of_compare(bundled):
    folder, written, result = bundled
    direct = cxr.compare(
        list(written.test.models.values()),
        written.test.reference,
        validation=list(written.valid.models.values()),
        validation_reference=written.valid.reference,
        metadata=written.metadata,
        prevalence=folder / "site.csv",
        margin=0.03,
        replicates=200,
    )
    for name in ("metrics", "differences"):
        ours, theirs = result.to_frame(name), direct.to_frame(name)
        np.testing.assert_array_equal(ours["low"].to_numpy(), theirs["low"].to_numpy())


def test_wrong_arguments_of_a_bundle(written):
    out = written.folder / "x.zip"
    models = list(written.test.models.values())
    with pytest.raises(TypeError, match="unexpected keyword argument 'replicate'"):
        cxr.bundle(models, written.test.reference, out, replicate=100)
    with pytest.raises(cxr.InputError, match=r"none\.csv: must be a file"):
        cxr.bundle(models, written.test.reference, out, prevalence="none.csv")
    out.touch()
    with pytest.raises(cxr.InputError, match="`out` must be a new file"):
        cxr.bundle(models, written.test.reference, out)


def test_the_schema_describes_a_saved_result(result, tmp_path):
    stored = json.loads((ROOT / "docs/comparison.schema.json").read_text(encoding="utf-8"))
    assert cxr.schema() == stored
    result.save(tmp_path / "out")
    content = json.loads((tmp_path / "out/comparison.json").read_text(encoding="utf-8"))
    assert set(stored["required"]) <= set(content) <= set(stored["properties"])


def test_a_card_of_no_run_is_one_line(tmp_path):
    with pytest.raises(cxr.InputError, match="must be the folder of a finished run"):
        cxr.card(tmp_path)
    (tmp_path / "README.md").touch()
    with pytest.raises(cxr.InputError, match="`out` must be a new file"):
        cxr.card(tmp_path, out=tmp_path / "README.md")


def test_models_and_data_sets_are_listed():
    assert {"resnet34", "densenet121", "mobilenet"} <= set(cxr.list_models())
    sets = cxr.list_datasets()
    assert list(sets.columns) == ["name", "title", "source", "terms"]
    assert {"chexpert", "nih"} <= set(sets["name"])

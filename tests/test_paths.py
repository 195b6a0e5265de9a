"""Tests that every public function with a path argument also accepts a string."""

from __future__ import annotations

import dataclasses
import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cxrcompare
from cxrcompare import datasets, experiment, predictions, reporting
from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.result import comparison
from cxrcompare.comparison.result.saving import KIND, write
from cxrcompare.errors import InputError
from cxrcompare.filesystem import files, output_folder
from cxrcompare.images.decoding.decode import decode, load
from cxrcompare.images.prepare import open_store, prepare
from cxrcompare.images.preview import preview
from cxrcompare.labels import splits
from cxrcompare.models import find_weights
from cxrcompare.predictions import (
    read_metadata,
    read_predictions,
    read_reader,
    read_reference,
    run_name,
    write_predictions,
)
from cxrcompare.reporting import write_report
from cxrcompare.synthetic import write_sample

ROOMS = (cxrcompare, datasets, experiment, predictions, reporting)
DOCUMENTED = (
    compare,
    decode,
    load,
    open_store,
    prepare,
    preview,
    comparison.read,
    write,
    write_sample,
)
PUBLIC = [
    *DOCUMENTED,
    *(
        function
        for room in ROOMS
        for name in getattr(room, "__all__", ("read", "recognise"))
        if inspect.isfunction(function := getattr(room, name, None))
    ),
]
FINDINGS = ("Edema", "Atelectasis")


@pytest.fixture
def texts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Predictions, a reference standard and metadata, named by texts relative to the folder."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    ids = [f"s{n}" for n in range(60)]
    labels = (rng.random((60, 2)) < 0.4).astype(float)
    for name in ("one.csv", "two.csv"):
        scores = np.clip(0.3 * labels + 0.6 * rng.random((60, 2)), 0, 1)
        write_predictions(name, FINDINGS, scores, study_ids=ids, patient_ids=ids)
    for name in ("reference.csv", "reader.csv"):
        write_predictions(name, FINDINGS, labels, study_ids=ids)
    rows = "".join(f"s{n},{'FM'[n % 2]}\n" for n in range(60))
    files.write_text("about.csv", "study_id,sex\n" + rows)
    return ["one.csv", "two.csv"]


def test_predictions_are_read_from_strings(texts):
    assert read_predictions("one.csv").findings == FINDINGS
    assert read_reference("reference.csv").findings == FINDINGS
    assert read_reader("reader.csv").path == Path("reader.csv")
    assert list(read_metadata("about.csv").columns) == ["sex"]
    assert run_name("runs/resnet50__seed3.csv") == ("resnet50", "3")


def test_a_comparison_is_made_written_and_read_from_strings(texts):
    found = compare(
        texts,
        "reference.csv",
        readers=["reader.csv"],
        subgroups="about.csv",
        options=Options(replicates=100),
    )
    with output_folder.replacing(Path("out"), KIND) as folder:
        write(found, folder)
    write_report(found, "out")
    assert Path("out/report.html").is_file()
    assert comparison.read("out/comparison.json").findings == found.findings
    found.write("again.json")
    assert files.read_json("again.json") == files.read_json("out/comparison.json")
    assert files.sha256("again.json") == files.sha256(Path("again.json"))


@pytest.mark.parametrize("name", ["predictions", "validation", "readers"])
def test_one_file_where_a_list_is_expected_is_refused(texts, name):
    given = {"predictions": texts, "reference": "reference.csv", name: "one.csv"}
    with pytest.raises(InputError, match=rf"^`{name}` must be a list of files, or .*Received: one"):
        compare(given.pop("predictions"), given.pop("reference"), **given)


def test_a_data_set_is_read_and_prepared_from_strings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_sample("sample", images=20, size=32, seed=0)
    assert datasets.recognise("sample") == "chexpert"
    table = splits.assign(datasets.read("chexpert", "sample"))
    store = prepare(dataclasses.replace(table, root="sample"), "store", 32)
    assert len(open_store("store")) == len(store) == 20
    assert preview(store, 4, "sheet.png") == Path("sheet.png")
    image = str(Path("sample", table.rows["path"][0]))
    assert load(image, 32).shape == (32, 32)
    assert max(decode(image).shape) == 32
    assert find_weights("mobilenet", "store") is None


@pytest.mark.keras
@pytest.mark.slow
def test_a_network_is_trained_and_predicts_from_strings(tmp_path, monkeypatch):
    from cxrcompare import models
    from cxrcompare.training.predict import predict

    monkeypatch.chdir(tmp_path)
    write_sample("sample", images=60, size=32, seed=0)
    prepare(splits.assign(datasets.read(None, "sample")), "store", 32)
    given = {"weights": "none", "epochs": 1, "warmup_epochs": 0}
    experiment.train_one("mobilenet", "store", "run", 0, given)
    predict("run", "store", "asked.csv", split="test")
    made, asked = read_predictions("run/predictions/test.csv"), read_predictions("asked.csv")
    assert np.allclose(made.values, asked.values, atol=1e-5)
    assert models.load("run/model.keras").output_shape == (None, 14)


def test_an_experiment_is_loaded_from_a_string(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    files.write_text("one.toml", 'name = "one"\ndata = "nowhere"\n')
    assert experiment.load("one.toml", {}).name == "one"
    with pytest.raises(InputError, match="nowhere"):
        experiment.run(experiment.load("one.toml", {}), "out")


@pytest.mark.parametrize("function", PUBLIC, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_no_public_function_insists_on_a_path_object(function):
    for parameter in inspect.signature(function).parameters.values():
        said = str(parameter.annotation).replace("StrPath", "str | os.PathLike[str]")
        assert "Path" not in said or "str | os.PathLike[str]" in said, parameter

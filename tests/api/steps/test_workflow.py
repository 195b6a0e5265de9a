"""From a data set to a comparison, and the predictions of other libraries."""

import importlib
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest

import cxrcompare as cxr
from cxrcompare import models
from cxrcompare.training.run_config import RunConfig
from cxrcompare.training.train import train

from ...training import tiny

ROOT = Path(__file__).parents[3]


@pytest.mark.slow
@pytest.mark.keras
def test_from_a_data_set_to_a_comparison(tmp_path, monkeypatch):
    pytest.importorskip("keras")
    monkeypatch.setattr(models, "build", tiny.build, raising=False)
    folder = cxr.make_sample(tmp_path / "sample", images=150, size=32)
    data = cxr.read_dataset(folder)
    store = cxr.prepare(data, tmp_path / "store", size=32, workers=1)
    assert len(store) == len(data) == 150
    again = cxr.prepare(folder, tmp_path / "store", size=32)
    assert again.description["content_hash"] == store.description["content_hash"]

    run = tmp_path / "mobilenet__seed3"
    settings = {"epochs": 1, "image_size": 32, "recipe": "modern", "findings": "competition"}
    summary = cxr.train("mobilenet", store, run, seed=3, **settings)
    assert summary["epochs"] >= 1

    found = cxr.predict(run, store.folder)
    assert (found.name, found.seed, str(found.path)) == ("mobilenet", "3", "<mobilenet__seed3>")
    maps = cxr.explain(run, store.folder, findings=["Edema"])
    assert isinstance(maps, cxr.Maps)
    assert maps.findings == ("Edema",)
    assert maps.ids == tuple(found.rows.ids)
    np.testing.assert_allclose(
        maps.probabilities[:, 0], found.values[:, found.findings.index("Edema")], atol=1e-5
    )
    cxr.explain(run, store.folder, tmp_path / "explanation", shown=2)
    assert (tmp_path / "explanation/index.html").is_file()
    written = cxr.predict(run, store.folder, tmp_path / "predictions.csv")
    assert written.path == tmp_path / "predictions.csv"
    np.testing.assert_array_equal(written.values, found.values)
    np.testing.assert_array_equal(cxr.read_predictions(written.path).values, found.values)

    rows = store.table.rows
    test = rows[rows["split"] == "test"]
    result = cxr.compare({"mobilenet": found}, test, findings="competition", replicates=100)
    assert result.models == ["mobilenet"]
    assert len(result.findings) == 5

    problems = cxr.examine_run(run, store.folder, images=40)
    assert list(problems.columns[:2]) == ["code", "message"]
    with pytest.raises(cxr.InputError, match="has no masks or boxes"):
        cxr.localise([run], store)
    text = cxr.card(run, out=tmp_path / "README.md")
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == text
    assert "mobilenet" in text


@pytest.mark.slow
@pytest.mark.keras
def test_an_experiment_from_python(tmp_path, monkeypatch):
    pytest.importorskip("keras")
    experiment, checks = (
        importlib.import_module(f"cxrcompare.experiment.{name}")
        for name in ("run", "network_checks")
    )
    monkeypatch.setattr(models, "build", tiny.build, raising=False)
    monkeypatch.setattr(checks, "check", lambda *_: [])

    def train_all(requests, jobs):
        for folder, config in requests:
            train(RunConfig.model_validate(config), folder)

    monkeypatch.setattr(experiment, "train_all", train_all)
    settings = {
        "models": ["mobilenet"],
        "sample.images": 100,
        "images.size": 32,
        "training.epochs": 1,
        "evaluation.replicates": 100,
    }
    with pytest.raises(cxr.InputError, match=r"training\.epochs"):
        cxr.check_experiment(out=tmp_path / "runs", **{**settings, "training.epochs": -1})
    lines = cxr.check_experiment(out=tmp_path / "runs", **settings)
    assert any(line.startswith("networks") or "mobilenet" in line for line in lines)
    assert not (tmp_path / "runs").exists()
    result = cxr.run(out=tmp_path / "runs", **settings)
    assert result.models == ["mobilenet"]
    report = tmp_path / "runs/comparison/report.html"
    report.unlink()
    assert cxr.write_report(tmp_path / "runs/comparison") == report
    assert report.is_file()


def test_wrong_data_sets_and_settings(tmp_path):
    with pytest.raises(cxr.InputError, match="must be a folder"):
        cxr.read_dataset(tmp_path / "none")
    with pytest.raises(cxr.InputError, match="`dataset` must be one of"):
        cxr.read_dataset(tmp_path, "chexpart")
    with pytest.raises(cxr.InputError, match="`images`"):
        cxr.make_sample(tmp_path / "sample", images=3)


def test_columns_of_an_own_label_file(tmp_path):
    (tmp_path / "labels.csv").write_text("file,who,Edema\na.png,p1,1\nb.png,p2,0\n")
    for name in "ab":
        (tmp_path / f"{name}.png").touch()
    given = {"path": "file", "patient": "who"}
    table = cxr.read_dataset(tmp_path, "folder", columns=given)
    assert table.rows["patient_id"].tolist() == ["p1", "p2"]
    (tmp_path / "mine.toml").write_text('[columns]\npath = "file"\npatient = "who"\n')
    same = cxr.read_dataset(tmp_path, "folder", columns=tmp_path / "mine.toml")
    assert same.rows.equals(table.rows)


def block(word):
    """Returns the code block of the document that begins with an import."""
    text = (ROOT / "docs/python.md").read_text(encoding="utf-8")
    found = [one for one in re.findall(r"```python\n(.+?)```", text, re.DOTALL) if word in one]
    return found[0]


@pytest.mark.parametrize(
    ("module", "name"), [("sklearn", "logistic"), ("torch", "linear"), ("keras", "dense")]
)
def test_predictions_of_a_library_get_in_with_one_line(module, name):
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    known = {"cxr": cxr}
    exec(block("from sklearn"), known)
    if module != "sklearn":
        code = block(f"import {module}")
        exec(code.split("print(")[0], known)
    found = cxr.compare({name: known[name]}, known["reference"], replicates=100)
    assert found.models == [name]
    assert found.findings == ["Cardiomegaly", "Edema"]

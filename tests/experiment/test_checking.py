"""`run --check`, and the same checks at the start of `run`: all problems, before any file."""

import json

import cv2
import numpy as np
import pandas as pd
import pytest

from cxrcompare.cli.commands import main
from cxrcompare.errors import CheckError
from cxrcompare.experiment import checking, resources
from cxrcompare.experiment.reading_settings import load
from cxrcompare.experiment.resources import Need

IMAGES = 60


@pytest.fixture
def hospital(tmp_path):
    """Writes three images of each of twenty patients."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "hospital"
    folder.mkdir()
    rows = []
    for number in range(IMAGES):
        name = f"{number:03}.png"
        cv2.imwrite(str(folder / name), rng.integers(0, 256, (40, 40), dtype=np.uint8))
        rows.append({"file": name, "PatNr": number % 20, "Edema": number % 3 % 2, "ward": "A"})
    pd.DataFrame(rows).to_csv(folder / "labels.csv", index=False)
    return folder


def words(hospital, *more):
    given = ["--data", str(hospital), "--models", "mobilenet", "--image-size", "32"]
    return [*given, "--patient-column", "PatNr", "--out", str(hospital.parent / "out"), *more]


@pytest.mark.slow
@pytest.mark.keras
def test_check_prints_what_was_checked_and_writes_nothing(hospital, capsys):
    assert main(["run", "--check", *words(hospital, "--weights", "none")]) == 0
    lines = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert lines["data"] == f"{hospital}, 60 images"
    assert lines["patients"] == "20 (column PatNr)"
    assert lines["findings"] == "Edema"
    assert lines["columns left out"] == "ward"
    assert lines["splits"].endswith("no patient in two")
    assert lines["Edema"].startswith("positive/negative images train ")
    assert lines["metadata known, of 12 test images"] == "sex 0, age 0, view 0"
    assert lines["trainings"] == "1 (mobilenet; seeds 0), 0 finished"
    assert lines["thresholds"] == "youden, chosen on validation"
    assert "keras" in lines["framework"]
    assert lines["mobilenet"].startswith("weights none; ")
    assert {"device", "memory", "disk", "output"} <= set(lines)
    assert not (hospital.parent / "out").exists()


@pytest.mark.parametrize(
    ("asked", "received"),
    [
        ("seeds", "one run of each model"),
        ("mobilenet,resnet50", "mobilenet,resnet50"),
        ("mobilenet", "mobilenet"),
    ],
)
def test_a_wrong_ensemble_is_refused_before_any_training(asked, received, tmp_path, capsys):
    out = tmp_path / "out"
    words = ["--models", "mobilenet", "--ensemble", asked, "--out", str(out)]
    assert main(["run", *words]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("cxrcompare: `ensemble` must ")
    assert last.endswith(f"Received: {received}")
    assert not out.exists()


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("name", ["w.h5", "w.keras"])
def test_damaged_weights_are_refused_before_any_image_is_decoded(name, hospital, capsys):
    file = hospital.parent / name
    file.write_bytes(b"damaged")
    assert main(["run", *words(hospital, "--weights", str(file))]) == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith(f"cxrcompare: mobilenet: {file}: must be")
    assert not (hospital.parent / "out").exists()


@pytest.mark.parametrize("flag", [["--check"], []])
def test_each_problem_is_one_line(flag, hospital, capsys):
    (hospital.parent / "out").mkdir()
    (hospital.parent / "out" / "mine.txt").write_text("mine")
    frame = pd.read_csv(hospital / "labels.csv")
    frame.loc[4, "Edema"] = 7
    frame.to_csv(hospital / "labels.csv", index=False)
    assert main(["run", *flag, *words(hospital, "--weights", "absent.h5")]) == 2
    folder, weights, data = capsys.readouterr().err.splitlines()
    assert "mine.txt" in folder
    assert "absent.h5" in weights
    assert "labels.csv: row 6: `Edema` must be 1, 0, -1 or blank" in data
    assert [*(hospital.parent / "out").iterdir()] == [hospital.parent / "out" / "mine.txt"]


def test_one_class_in_the_test_set_is_refused_before_anything_is_written(hospital, capsys):
    frame = pd.read_csv(hospital / "labels.csv")
    frame["Edema"] = 0
    frame.to_csv(hospital / "labels.csv", index=False)
    assert main(["run", *words(hospital, "--weights", "none")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "the valid split must have positives and negatives" in line
    assert not (hospital.parent / "out").exists()


def test_several_problems_are_one_error_with_all_messages(hospital):
    settings = load(
        None, {"data": str(hospital), "models": ["mobilenet"], "training.weights": "absent.h5"}
    )
    with pytest.raises(CheckError) as caught:
        checking.check(settings, hospital.parent / "out")
    assert len(caught.value.messages) == 2
    assert "--patient-column" in caught.value.messages[1]


@pytest.mark.slow
@pytest.mark.keras
def test_too_little_disk_space_is_found_before_decoding(hospital, capsys, monkeypatch):
    monkeypatch.setattr(resources, "disk", lambda *arguments: Need(2e9, 1e9))
    assert main(["run", *words(hospital, "--weights", "none")]) == 1
    last = capsys.readouterr().err.splitlines()[-1]
    assert "need about 2.0 GB of disk space. Received: 1.0 GB free" in last
    assert not (hospital.parent / "out").exists()


def test_a_finished_experiment_builds_no_network(hospital, monkeypatch):
    settings = load(
        None,
        {
            "data": str(hospital),
            "models": ["mobilenet"],
            "training.weights": "none",
            "columns.patient": "PatNr",
        },
    )
    run = hospital.parent / "out" / "mobilenet__seed0"
    run.mkdir(parents=True)
    (run.parent / "experiment.json").write_text(json.dumps({"models": ["mobilenet"]}))
    (run / "config.json").write_text(json.dumps({"store_content_hash": "x"}))
    (run / "summary.json").write_text("{}")
    monkeypatch.setattr(checking.network_checks, "check", None)
    found = checking.check(settings, hospital.parent / "out")
    assert "trainings: 1 (mobilenet; seeds 0), 1 finished" in found.lines
    assert not any(line.startswith("framework") for line in found.lines)

"""A user's own folder of images, from its CSV to the report, without guesses."""

import csv
import json

import cv2
import numpy as np
import pandas as pd
import pytest

from cxrcompare.cli.commands import main
from cxrcompare.errors import InputError
from cxrcompare.experiment.reading_settings import load
from cxrcompare.experiment.run import _pin
from cxrcompare.images.prepare import open_store

IMAGES = 90


@pytest.fixture
def hospital(tmp_path):
    """Writes three images of each of thirty patients; `PatNr` is the patient column."""
    rng = np.random.default_rng(0)
    folder = tmp_path / "hospital"
    folder.mkdir()
    rows = []
    for number in range(IMAGES):
        name = f"{number:03}.png"
        cv2.imwrite(str(folder / name), rng.integers(0, 256, (40, 40), dtype=np.uint8))
        states = {"Edema": number % 3 % 2, "Effusion": number % 2, "deceased": number % 5 % 2}
        rows.append({"file": name, "PatNr": number % 30, **states})
    pd.DataFrame(rows).to_csv(folder / "labels.csv", index=False)
    return folder


def test_patients_that_are_not_known_stop_both_commands_before_any_work(hospital, capsys):
    out = hospital.parent / "out"
    for words in (["prepare", str(hospital)], ["run", "--data", str(hospital)]):
        assert main([*words, "--out", str(out)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "'PatNr' (30 values)" in line
        assert "--patient-column NAME" in line
        assert not out.exists()


def test_prepare_prints_its_decisions_and_the_store_keeps_them(hospital, capsys):
    out = hospital.parent / "store"
    words = ["--out", str(out), "--size", "32", "--patient-column", "PatNr", "--workers", "1"]
    assert main(["prepare", str(hospital), *words]) == 0
    captured = capsys.readouterr()
    assert captured.err.splitlines()[:4] == [
        "patients: 30 (column PatNr)",
        "findings: Edema, Pleural Effusion (column Effusion)",
        "columns left out: deceased",
        "left out, but with values of findings: deceased; --findings NAME includes a column, "
        "--all-columns includes all",
    ]
    table = open_store(out).table
    assert table.notes["patients"] == "column PatNr"
    assert table.notes["columns_like_findings"] == ["deceased"]
    assert table.rows.groupby("patient_id")["split"].nunique().max() == 1
    counts = [line.split()[-1] for line in captured.out.splitlines()[1:]]
    assert sum(map(int, counts)) == 30


def test_prepare_counts_no_patients_where_they_are_not_known(hospital, capsys):
    frame = pd.read_csv(hospital / "labels.csv").drop(columns="PatNr")
    frame.to_csv(hospital / "labels.csv", index=False)
    words = ["--out", str(hospital.parent / "store"), "--size", "32", "--image-is-patient"]
    assert main(["prepare", str(hospital), *words, "--findings", "deceased"]) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("patients: unknown; each image counts")
    assert "findings: Edema, Pleural Effusion (column Effusion), deceased\n" in captured.err
    assert all(line.endswith("not known") for line in captured.out.splitlines()[1:])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--patient-column", "PatNr"], "must only be given with `data`. Received: no data set"),
        (
            ["--store", "s", "--image-is-patient"],
            "must only be given with `data`. Received: a store",
        ),
        (
            ["--data", "hospital", "--image-is-patient", "--patient-column", "PatNr"],
            "not both",
        ),
    ],
)
def test_columns_that_nothing_reads_are_refused(words, message, hospital, capsys, monkeypatch):
    monkeypatch.chdir(hospital.parent)
    assert main(["run", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert message in line


def test_columns_belong_to_an_experiment_and_one_without_any_goes_on(hospital):
    file = hospital.parent / "experiment.json"
    data = {"data": str(hospital)}
    _pin(load(None, data), file)
    before = json.loads(file.read_text())
    del before["columns"]  # written by a version without this table
    file.write_text(json.dumps(before))
    _pin(load(None, data), file)
    with pytest.raises(InputError, match="differs in columns"):
        _pin(load(None, {**data, "columns.patient": "PatNr"}), file)


@pytest.mark.slow
@pytest.mark.keras
def test_a_folder_without_sex_age_and_view_is_trained_compared_and_reported(hospital, capfd):
    out = hospital.parent / "out"
    words = [
        "--models",
        "mobilenet",
        "--image-size",
        "32",
        "--epochs",
        "1",
        "--replicates",
        "100",
        "--weights",
        "none",
    ]
    words += ["--data", str(hospital), "--patient-column", "PatNr", "--out", str(out)]
    assert main(["run", *words]) == 0, capfd.readouterr().err
    captured = capfd.readouterr()
    assert "patients: 30 (column PatNr)" in captured.err
    folder = out / "comparison"
    assert (folder / "report.html").exists()
    assert not (folder / "subgroups.csv").exists()
    with (folder / "warnings.csv").open() as file:
        codes = {row["code"]: row["message"] for row in csv.DictReader(file)}
    assert "no sex, age or view of the test images" in codes["metadata_unknown"]
    found = json.loads((folder / "comparison.json").read_text())
    assert "metadata alone" not in [one["name"] for one in found["models"]]
    patients = found["protocol"]["patients"]
    assert f"test {patients}, none in two" in found["protocol"]["split"]
    assert "none in two" in (folder / "report.md").read_text()

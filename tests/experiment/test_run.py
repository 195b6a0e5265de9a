"""A complete experiment from sample to report, and the same command once more."""

import json
import subprocess
import sys

import pandas as pd
import pytest

from cxrcompare.cases.case_file import read_cases
from cxrcompare.cli.commands import main
from cxrcompare.errors import InputError
from cxrcompare.experiment.case_report import rewrite_with_cases

pytestmark = [pytest.mark.slow, pytest.mark.keras]

WORDS = [
    "--models",
    "mobilenet",
    "--seeds",
    "0,1",
    "--image-size",
    "32",
    "--epochs",
    "1",
    "--replicates",
    "200",
    "--jobs",
    "2",
    "--ensemble",
    "seeds",
]
SMALL = "[sample]\nimages = 150\n"


def command(folder, *words):
    """Starts the command `cxrcompare run` with a file and options."""
    file = folder / "small.toml"
    file.write_text(SMALL)
    return [sys.executable, "-m", "cxrcompare", "run", str(file), *WORDS, *words]


def run(folder, *words):
    return subprocess.run(
        command(folder, *words, "--out", str(folder / "out")), capture_output=True, text=True
    )


def refused(capsys, words):
    """Runs the command in this process, and returns what it printed."""
    capsys.readouterr()
    assert main(words[3:]) == 2
    return capsys.readouterr().err


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("experiment")
    done = run(folder)
    assert done.returncode == 0, done.stderr
    return folder, done


def test_it_leaves_what_the_contract_names(finished):
    folder, _ = finished
    out = folder / "out"
    for seed in (0, 1):
        names = {file.name for file in (out / f"mobilenet__seed{seed}").iterdir()}
        assert names >= {
            "config.json",
            "environment.json",
            "history.csv",
            "model.keras",
            "summary.json",
        }
        for split in ("valid", "test"):
            assert (out / f"mobilenet__seed{seed}" / "predictions" / f"{split}.csv").exists()
    names = {file.name for file in (out / "comparison").iterdir()}
    assert names >= {
        "metrics.csv",
        "differences.csv",
        "ranks.csv",
        "readers.csv",
        "comparison.json",
        "report.html",
        "report.md",
        "tables",
        "figures",
    }
    assert {file.name for file in (out / "store").iterdir()} >= {
        "images.npy",
        "table.csv",
        "rejected.csv",
        "store.json",
    }


def test_the_table_has_the_network_and_the_trivial_models(finished):
    _, done = finished
    first = [line.split("  ")[0] for line in done.stdout.splitlines()]
    assert first[-3:] == ["metadata alone", "prevalence", "nothing positive"]
    assert set(first[-5:-3]) == {"mobilenet", "mobilenet seeds"}


def test_the_ensemble_is_the_mean_of_the_trained_seeds(finished):
    folder, _ = finished
    out = folder / "out"
    models = json.loads((out / "comparison/comparison.json").read_text())["models"]
    ensemble = next(one for one in models if one["name"] == "mobilenet seeds")
    single = next(one for one in models if one["name"] == "mobilenet")
    assert ensemble["kind"] == "ensemble"
    assert ensemble["cost"]["parameters"] == 2 * single["cost"]["parameters"]
    seeds = [
        pd.read_csv(out / f"mobilenet__seed{seed}" / "predictions" / "test.csv") for seed in (0, 1)
    ]
    table = pd.read_csv(out / "store" / "table.csv", dtype={"image_id": str})
    labels = table[table["split"] == "test"].groupby("study_id")["Cardiomegaly"].first()
    score = sum(one.groupby("study_id")["Cardiomegaly"].max() for one in seeds) / 2
    metrics = pd.read_csv(out / "comparison" / "metrics.csv", dtype={"seed": str})
    of_ensemble = metrics[(metrics["model"] == "mobilenet seeds") & (metrics["metric"] == "auroc")]
    value = of_ensemble.set_index("finding")["value"]["Cardiomegaly"]
    positive, negative = (score[labels.index[labels == y]].to_numpy() for y in (1, 0))
    more = (positive[:, None] > negative) + (positive[:, None] == negative) / 2
    assert value == pytest.approx(more.mean())


def test_the_warnings_are_printed_in_short(finished):
    folder, done = finished
    table = pd.read_csv(folder / "out" / "comparison" / "warnings.csv")
    file = folder / "out" / "comparison" / "warnings.csv"
    lines = [line for line in done.stderr.splitlines() if line.startswith("warnings: ")]
    assert len(lines) == 1
    assert lines[0].startswith(f"warnings: {len(table)} (")
    assert lines[0].endswith(f"; all in {file}")


def test_predictions_are_of_the_test_split_in_every_run(finished):
    folder, _ = finished
    out = folder / "out"
    table = pd.read_csv(out / "store" / "table.csv", dtype={"image_id": str})
    expected = set(table["image_id"][table["split"] == "test"])
    for seed in (0, 1):
        file = out / f"mobilenet__seed{seed}" / "predictions" / "test.csv"
        assert set(pd.read_csv(file, dtype={"image_id": str})["image_id"]) == expected


def test_the_report_says_that_the_sample_is_synthetic(finished):
    folder, _ = finished
    protocol = json.loads((folder / "out/comparison/comparison.json").read_text())["protocol"]
    assert protocol["synthetic"] is True
    assert "synthetic" in (folder / "out/comparison/report.md").read_text().lower()


def test_the_report_of_the_sample_has_cases_of_its_first_seed(finished):
    folder, _ = finished
    out = folder / "out"
    cases = read_cases(out / "comparison" / "cases.json")
    assert [one.run for one in cases.networks] == ["mobilenet__seed0"]
    table = pd.read_csv(out / "store" / "table.csv", dtype={"image_id": str})
    tests = table[table["split"] == "test"].set_index("image_id")
    predicted = pd.read_csv(out / "mobilenet__seed0/predictions/test.csv").set_index("image_id")
    assert cases.cases
    assert {one.id for one in cases.images} <= set(tests.index)
    for one in cases.cases:
        image, finding = cases.images[one.image].id, cases.findings[one.finding]
        study = predicted[predicted["study_id"] == tests.loc[image, "study_id"]]
        assert abs(study[finding].max() - one.scores[0]) < 1e-4
        threshold = cases.networks[0].thresholds[one.finding]
        assert (one.scores[0] < threshold) == (one.rule == "miss")
    assert 'id="cases"' in (out / "comparison" / "report.html").read_text()


def test_the_report_is_written_again_with_other_cases(finished, tmp_path, capsys):
    folder, _ = finished
    out = folder / "out" / "comparison"
    before = read_cases(out / "cases.json")
    rewrite_with_cases(out, 1)
    assert len(read_cases(out / "cases.json").cases) < len(before.cases)
    rewrite_with_cases(out, 0)
    assert not (out / "cases.json").exists()
    assert 'id="cases"' not in (out / "report.html").read_text()
    rewrite_with_cases(out, 3)
    assert read_cases(out / "cases.json") == before
    with pytest.raises(InputError, match=r"no experiment\.json"):
        rewrite_with_cases(tmp_path, 3)


def test_the_same_command_recomputes_no_training(finished):
    folder, _ = finished
    models = sorted((folder / "out").glob("*/model.keras"))
    before = [file.stat().st_mtime_ns for file in models]
    again = run(folder)
    assert again.returncode == 0, again.stderr
    assert "2 of 2 trainings are already finished" in again.stderr
    assert [file.stat().st_mtime_ns for file in models] == before


def test_other_settings_in_the_same_folder_are_refused(finished, capsys):
    folder, _ = finished
    words = command(folder, "--recipe", "original", "--out", str(folder / "out"))
    printed = refused(capsys, words)
    assert printed.splitlines()[-1].startswith("cxrcompare: ")
    assert "training" in printed
    assert "Traceback" not in printed


def test_a_seed_is_added_to_a_finished_experiment(finished):
    folder, _ = finished
    first = folder / "out" / "mobilenet__seed0" / "model.keras"
    before = first.stat().st_mtime_ns
    more = run(folder, "--seeds", "0,1,2")
    assert more.returncode == 0, more.stderr
    assert "2 of 3 trainings are already finished" in more.stderr
    assert first.stat().st_mtime_ns == before
    metrics = pd.read_csv(folder / "out" / "comparison" / "metrics.csv", dtype={"seed": str})
    assert {"0", "1", "2"} <= set(metrics["seed"].dropna())
    assert json.loads((folder / "out" / "experiment.json").read_text())["seeds"] == [0, 1, 2]


def test_a_wrong_path_does_not_bind_the_folder(tmp_path, capsys):
    words = command(tmp_path, "--data", str(tmp_path / "nowhere"), "--out", str(tmp_path / "out"))
    assert "nowhere" in refused(capsys, words)
    assert not (tmp_path / "out").exists()


def test_a_misspelt_finding_is_refused_before_anything_is_drawn(tmp_path, capsys):
    words = command(tmp_path, "--findings", "Edma", "--out", str(tmp_path / "out"))
    assert "Edma" in refused(capsys, words)
    assert not (tmp_path / "out").exists()


def test_settings_of_a_training_may_change_before_it_starts(tmp_path):
    from cxrcompare.experiment.reading_settings import load
    from cxrcompare.experiment.run import _pin

    file = tmp_path / "experiment.json"
    _pin(load(None, {"training.weights": "imagenet"}), file)
    _pin(load(None, {"training.weights": "none"}), file)
    with pytest.raises(InputError, match="images"):
        _pin(load(None, {"training.weights": "none", "images.size": 64}), file)
    (tmp_path / "mobilenet__seed0").mkdir()
    (tmp_path / "mobilenet__seed0" / "history.csv").touch()
    with pytest.raises(InputError, match="training"):
        _pin(load(None, {"training.weights": "imagenet"}), file)


def test_two_runs_at_once_in_one_folder_are_refused(finished, capsys):
    from filelock import FileLock

    folder, _ = finished
    with FileLock(folder / "out" / ".lock"):
        assert "another" in refused(capsys, command(folder, "--out", str(folder / "out")))

"""Cost and training history from run folders."""

import json

import pytest

from cxrcompare.comparison.compare import Options, compare
from cxrcompare.comparison.inputs.run_costs import cost, history, run_folder
from cxrcompare.errors import InputError
from cxrcompare.predictions import read_predictions

FEW = Options(replicates=200)


def test_cost_and_training_come_from_run_folders(bench, tmp_path):
    import shutil

    paths = []
    for seed in (0, 1):
        source = bench.model("x", 0.5)
        folder = tmp_path / "runs" / f"net__seed{seed}"
        (folder / "predictions").mkdir(parents=True)
        paths.append(folder / "predictions" / "test.csv")
        shutil.copy(source, paths[-1])
        config = {"model": "net", "recipe": "modern", "weights": "none", "image_size": 64}
        (folder / "config.json").write_text(json.dumps(config))
        summary = {"parameters": 1000, "train_seconds": 10.0 * (seed + 1), "weights": "none"}
        (folder / "summary.json").write_text(json.dumps(summary))
        (folder / "history.csv").write_text(
            "epoch,phase,loss,valid_auroc\n1,head,0.5,\n2,fine,0.4,0.7\n"
        )
    found = compare(paths, bench.standard(), options=FEW)
    cost = found.models[0]["cost"]
    assert found.models[0]["name"] == "net"
    assert (cost["parameters"], cost["train_seconds"], cost["recipe"]) == (1000, 15.0, "modern")
    assert cost["images_per_second"] is None
    assert found.training["net"]["1"] == {
        "epoch": [1, 2],
        "phase": ["head", "fine"],
        "loss": [0.5, 0.4],
        "valid_auroc": [None, 0.7],
    }


@pytest.fixture
def make_run(tmp_path):
    """Returns a function that writes a run folder and reads its predictions."""

    def make(name, config="{}", summary=None, history=None):
        folder = tmp_path / name
        (folder / "predictions").mkdir(parents=True)
        (folder / "config.json").write_text(config)
        if summary is not None:
            (folder / "summary.json").write_text(summary)
        if history is not None:
            (folder / "history.csv").write_text(history)
        path = folder / "predictions" / "test.csv"
        path.write_text("study_id,Edema\ns1,0.5\n")
        return read_predictions(path)

    return make


def test_a_file_elsewhere_has_no_cost_and_no_history(tmp_path):
    path = tmp_path / "net.csv"
    path.write_text("study_id,Edema\ns1,0.5\n")
    one = read_predictions(path)
    assert run_folder(one) is None
    assert cost([one]) == (None, [])
    assert history(one) == {}


def test_numbers_are_means_over_seeds_and_choices_are_listed(make_run):
    summaries = ['{"epochs": 4, "parameters": 10}', '{"epochs": 7, "parameters": 10}']
    configs = ['{"recipe": "a", "image_size": 64}', '{"recipe": "b", "image_size": 64}']
    runs = [
        make_run(f"net__seed{n}", *pair)
        for n, pair in enumerate(zip(configs, summaries, strict=True))
    ]
    found, notes = cost(runs)
    assert (found["epochs"], found["parameters"]) == (5.5, 10)
    assert (found["recipe"], found["image_size"]) == ("a, b", "64")
    assert found["train_seconds"] is None
    assert found["weights"] is None
    assert [(note.code, note.message) for note in notes] == [
        ("seeds_differ", "its seeds differ in recipe: a, b")
    ]


def test_a_training_that_did_not_finish_is_a_warning(make_run):
    _, (note,) = cost([make_run("net__seed0")])
    assert (note.code, note.model) == ("unfinished", "net")
    assert "no summary.json" in note.message


def test_a_row_of_another_length_is_refused(make_run):
    run = make_run("net__seed0", history="epoch,loss\n1,0.5\n2\n")
    with pytest.raises(InputError, match=r"history\.csv: row 3: must have 2 cells. Received: 1"):
        history(run)


def test_a_configuration_that_is_no_object_is_refused(make_run):
    with pytest.raises(InputError, match=r"config\.json: must contain a JSON object.*list"):
        cost([make_run("net__seed0", config="[]")])

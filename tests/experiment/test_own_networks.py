"""A network of one's own, by name of its module, through every command; and what stops it."""

import json
import os
import subprocess
import sys

import pytest

from cxrcompare import isolated
from cxrcompare.errors import InputError
from cxrcompare.experiment.reading_settings import load
from cxrcompare.predictions import read_predictions

MODULE = """
import keras
from keras import layers


def small_net(shape):
    inside = keras.Input(shape)
    x = layers.Conv2D(4, 3, 2, use_bias=False)(inside)
    return keras.Model(inside, layers.ReLU()(layers.BatchNormalization()(x)))


def pooled(shape):
    inside = keras.Input(shape)
    return keras.Model(inside, layers.GlobalAveragePooling2D()(inside))
"""
QUICK = ("--epochs", "1", "--replicates", "100", "--image-size", "32", "--seeds", "0")


@pytest.fixture
def nets(tmp_path):
    folder = tmp_path / "nets"
    folder.mkdir()
    (folder / "lung_nets.py").write_text(MODULE)
    (folder / "other_nets.py").write_text(MODULE)
    return folder


def cxrcompare(here, *words, path=""):
    joined = os.pathsep.join(filter(None, [path, os.environ.get("PYTHONPATH", "")]))
    return subprocess.run(
        [sys.executable, "-P", "-m", "cxrcompare", *words],
        cwd=here,
        env={**os.environ, "PYTHONPATH": joined},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.keras
def test_it_is_trained_continued_predicted_compared_and_reported(tmp_path, nets):
    file = tmp_path / "mine.toml"
    file.write_text('models = ["lung_nets:small_net"]\n[sample]\nimages = 150\n')
    words = ("run", str(file), *QUICK, "--out", "out")
    done = cxrcompare(tmp_path, *words, path=str(nets))
    assert done.returncode == 0, done.stderr
    run = tmp_path / "out" / "small_net__seed0"
    config = json.loads((run / "config.json").read_text())
    assert config["model"] == "lung_nets:small_net"
    page = (tmp_path / "out" / "comparison" / "report.html").read_text()
    assert "small_net" in page
    assert "lung_nets:small_net" not in page.partition("cxrcompare run")[0]
    again = cxrcompare(nets, *words[:-1], str(tmp_path / "out"), path=".")  # named, so not implied
    assert again.returncode == 0, again.stderr
    assert "1 of 1 trainings are already finished" in again.stderr
    images = str(next((tmp_path / "out/sample/test").rglob("*.jpg")).parent)
    predicted = cxrcompare(tmp_path, "predict", str(run), images, "--out", "p.csv")
    assert predicted.returncode == 0, predicted.stderr
    assert len(read_predictions(tmp_path / "p.csv").findings) == 5
    tuned = cxrcompare(
        tmp_path,
        *("train", "lung_nets:small_net", "--store", "out/store", "--out", "tuned"),
        *("--epochs", "1", "--weights", str(run)),
        path=str(nets),
    )
    assert tuned.returncode == 0, tuned.stderr
    loaded = json.loads((tmp_path / "tuned" / "summary.json").read_text())["weights"]
    assert loaded.startswith("small_net__seed0/model.keras, trained for ")


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize(
    ("model", "path", "message"),
    [
        ("lung_nets:small_net", "", "PYTHONPATH. Received: no module 'lung_nets'"),
        ("lung_nets:pooled", "nets", "lung_nets:pooled: the function must return a Keras model"),
        ("lung_nets:absent", "nets", "has no attribute 'absent'"),
    ],
)
def test_what_cannot_be_built_is_refused_before_anything_is_written(
    tmp_path, nets, model, path, message
):
    words = ("run", "--models", model, *QUICK, "--out", str(tmp_path / "out"))
    done = cxrcompare(nets, *words, path=path and str(tmp_path / path))
    assert done.returncode == 2, done.stderr
    assert message in done.stderr.strip().splitlines()[-1]
    assert not (tmp_path / "out").exists()


def test_two_networks_of_one_name_are_refused(nets, monkeypatch):
    monkeypatch.syspath_prepend(str(nets))
    both = ["lung_nets:small_net", "other_nets:small_net"]
    assert load(None, {"models": both[:1]}).models == ("lung_nets:small_net",)
    with pytest.raises(InputError, match="`models`: must not have repeated values"):
        load(None, {"models": both})
    with pytest.raises(InputError, match="not have the name of a network"):
        load(None, {"models": ["lung_nets:mobilenet"]})


@pytest.mark.parametrize("entry", [".", "here", ""])
def test_a_child_searches_the_current_folder_if_pythonpath_names_it(tmp_path, monkeypatch, entry):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path) if entry == "here" else entry)
    monkeypatch.syspath_prepend(str(tmp_path))
    path = isolated.environment()["PYTHONPATH"].split(os.pathsep)
    assert (str(tmp_path) in path) == bool(entry)

"""Commands that run at the same time: each works, or is refused with one line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cxrcompare import datasets
from cxrcompare.images.prepare import prepare
from cxrcompare.images.store import open_store
from cxrcompare.labels import splits
from cxrcompare.synthetic import write_sample

TOGETHER = """
import json, os, sys
from cxrcompare.cli.commands import main
import cxrcompare.comparison.compare, cxrcompare.reporting.report, cxrcompare.images.prepare

asked, children = json.load(sys.stdin), []
wait, go = os.pipe()
for number, words in enumerate(asked["commands"]):
    child = os.fork()
    if not child:
        os.close(go)
        for stream, name in ((1, "out"), (2, "err")):
            file = os.open(f"{asked['logs']}/{number}.{name}", os.O_WRONLY | os.O_CREAT)
            os.dup2(file, stream)
        os.read(wait, 1)  # all begin when the parent closes the pipe
        os._exit(main(words))
    children.append(child)
os.close(go)
print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in children]))
"""
"""Starts commands in forked processes, so that their imports are paid for once."""


NETWORK = """
import keras


def small_net(shape):
    inside = keras.Input(shape)
    return keras.Model(inside, keras.layers.Conv2D(4, 3, 2)(inside))
"""


def together(folder: Path, *commands: list[str]) -> list[tuple[int, list[str]]]:
    """Runs commands at the same time; returns the exit status and the lines on stderr of each."""
    logs = folder / "logs"
    logs.mkdir()
    done = subprocess.run(
        [sys.executable, "-P", "-c", TOGETHER],
        input=json.dumps({"commands": commands, "logs": str(logs)}),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": f"{folder}:{os.environ.get('PYTHONPATH', '')}"},
    )
    lines = [(logs / f"{n}.err").read_text().splitlines() for n in range(len(commands))]
    return list(zip(json.loads(done.stdout), lines, strict=True))


def check_outcomes(outcomes: list[tuple[int, list[str]]], refusal: str) -> None:
    """Checks that one command succeeded, and that the others did or were refused in one line."""
    assert 0 in [status for status, _ in outcomes], outcomes
    for status, lines in outcomes:
        if status:
            assert status == 2, lines
            assert [line for line in lines if line.startswith("cxrcompare: ")] == lines[-1:]
            assert refusal in lines[-1]
            assert "Traceback" not in "".join(lines)


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Two models and a reference; the words of `compare`."""
    rng = np.random.default_rng(0)
    ids = [f"{n:03}" for n in range(60)]
    labels = rng.integers(0, 2, (60, 2))
    for name, values in {
        "reference": labels,
        "a": (labels + rng.random((60, 2))) / 2,
        "b": (labels + 3 * rng.random((60, 2))) / 4,
    }.items():
        frame = pd.DataFrame(values, columns=["Edema", "Pneumonia"])
        frame.insert(0, "study_id", ids)
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    given = [str(tmp_path / f"{name}.csv") for name in ("a", "b", "reference")]
    return ["compare", *given[:2], "--reference", given[2], "--replicates", "100"]


def tables(folder: Path) -> dict[str, bytes]:
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.csv")
    }
    assert "metrics.csv" in found
    assert (folder / "report.html").stat().st_size
    return found


def test_many_comparisons_into_different_folders_and_into_one(files, tmp_path):
    shared = tmp_path / "shared"
    outs = [tmp_path / "one", tmp_path / "two", shared, shared, shared]
    outcomes = together(tmp_path, *([*files, "--out", str(out)] for out in outs))
    assert [status for status, _ in outcomes[:2]] == [0, 0], outcomes
    check_outcomes(outcomes[2:], f"{shared}: must not be in use by another cxrcompare command")
    assert tables(tmp_path / "one") == tables(tmp_path / "two") == tables(shared)
    expected = {"a.csv", "b.csv", "reference.csv", "logs", "one", "two", "shared"}
    assert {path.name for path in tmp_path.iterdir()} == expected


def test_many_preparations_of_one_store_give_the_store_of_one(tmp_path):
    data = write_sample(tmp_path / "data", images=40, size=32, seed=0, workers=1)
    words = ["prepare", str(data), "--size", "32", "--workers", "1", "--out"]
    shared, alone = str(tmp_path / "shared"), str(tmp_path / "alone")
    outcomes = together(tmp_path, [*words, shared], [*words, shared], [*words, alone])
    assert outcomes[2][0] == 0, outcomes
    check_outcomes(outcomes[:2], f"{shared}: must not be in use by another `prepare`")
    first, second = open_store(shared), open_store(alone)
    assert first.description["content_hash"] == second.description["content_hash"]
    np.testing.assert_array_equal(first.pixels, second.pixels)
    left = {path.name for path in (tmp_path / "shared").iterdir()}
    assert not left & {"journal.jsonl", "inputs.json", "images.partial"}


@pytest.mark.slow
@pytest.mark.keras
def test_runs_on_one_store_and_into_one_folder(tmp_path):
    (tmp_path / "small_nets.py").write_text(NETWORK)
    data = write_sample(tmp_path / "data", images=150, size=32, seed=0, workers=1)
    store = prepare(splits.assign(datasets.read("chexpert", data)), tmp_path / "store", 32)
    before = {path.name: path.read_bytes() for path in store.folder.iterdir()}
    words = ["run", "--store", str(store.folder), "--models", "small_nets:small_net"]
    words += ["--weights", "none", "--epochs", "1", "--deterministic", "--replicates", "100"]
    shared, other = tmp_path / "shared", tmp_path / "other"
    outcomes = together(tmp_path, *([*words, "--out", str(out)] for out in (shared, shared, other)))
    assert outcomes[2][0] == 0, outcomes
    check_outcomes(outcomes[:2], f"{shared}: must not be in use by another `cxrcompare run`")
    assert {path.name: path.read_bytes() for path in store.folder.iterdir()} == before
    for file in ("small_net__seed0/predictions/test.csv", "comparison/metrics.csv"):
        assert (shared / file).read_bytes() == (other / file).read_bytes()
    assert not list(shared.rglob("*.partial"))

"""Every block and command of README, CONTRIBUTING and docs is run, or at least parsed, unchanged.

A document's blocks are run in order in one folder, where `doc_files` lays out what they name. The
text is what a user would type; `APPENDED` and `REPLACED` say what makes it small enough for a test,
and why. A block that cannot be run here says so in the document, by a mark right above it:
`<!-- not run: REASON -->`, of `doc_blocks.REASONS`. Its commands are still parsed. Nothing is
installed and no make target is run: extras and targets are only looked up.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cxrcompare import experiment
from cxrcompare.cli import commands
from cxrcompare.predictions import read_predictions

from . import doc_blocks as blocks
from . import doc_files as files
from .doc_checks import ROOT, TEXTS, blocks_of, check_command
from .training import tiny

APPENDED = {
    # hours of training: one seed, one epoch, small images and the tests' small network instead
    "run": "--seeds 0 --image-size 32 --epochs 1 --replicates 100",
    "compare": "--replicates 100",  # the default of 10,000 takes minutes where models are many
    "bundle": "--replicates 100",
    "sample": "--images 100 --size 32",  # 4,000 images take minutes
    "prepare": "--size 32",  # less to decode
}
"""Options that are added to a command of the documents after it was parsed as it stands."""


@dataclass(frozen=True)
class Setting:
    """Requirements of a document: files, files of real data, replaced text, Keras, modules."""

    made: tuple[Callable[[Path], None], ...] = ()
    real: tuple[Callable[[Path], None], ...] = ()
    replaced: tuple[tuple[str, str, str], ...] = ()
    keras: bool = False
    modules: bool = False


def _my_nets(folder: Path) -> None:
    """Writes the module that the document shows."""
    (text,) = (
        one.text for one in blocks_of("docs/models.md") if one.text.startswith("# my_nets.py")
    )
    (folder / "my_nets.py").write_text(text, encoding="utf-8")


def _tiny_store(folder: Path) -> None:
    tiny.write_store(folder / "store")


README_TABLES = files.tables(
    test=["resnet50__seed0.csv", "resnet50__seed1.csv", "other.csv"],
    reference="test_labels.csv",
    validation=["valid/resnet50__seed0.csv", "valid/resnet50__seed1.csv", "valid/other.csv"],
    validation_reference="valid_labels.csv",
    readers=["reader1.csv", "reader2.csv"],
)
COMPARING_TABLES = files.tables(
    test=["predictions/resnet50__seed0.csv", "predictions/densenet121.csv"],
    reference="test-labels.csv",
    validation=["valid/resnet50__seed0.csv", "valid/densenet121.csv"],
    validation_reference="valid-labels.csv",
    readers=["readers/one.csv", "readers/two.csv"],
    subgroups="patients.csv",
)
SETTINGS = {
    "README.md": Setting((README_TABLES, files.chexpert, files.experiments), keras=True),
    "docs/comparing.md": Setting((COMPARING_TABLES,)),
    "docs/datasets.md": Setting((files.hospital, files.experiments), keras=True),
    "docs/doctor.md": Setting((files.defects,)),
    "docs/guides/compare-csv.md": Setting((COMPARING_TABLES,)),
    "docs/explaining.md": Setting(
        (_tiny_store,),
        replaced=(
            ("--epochs 5 --image-size 224", "--epochs 1 --image-size 32", "seconds"),
            ("--replicates 1000", "--replicates 100", "seconds"),
        ),
        keras=True,
    ),
    "docs/guides/methods-section.md": Setting((COMPARING_TABLES,)),
    "docs/decision.md": Setting((COMPARING_TABLES,)),
    "docs/guides/share.md": Setting((COMPARING_TABLES,)),
    "docs/guides/thresholds.md": Setting((COMPARING_TABLES,)),
    "docs/images.md": Setting(
        (files.chexpert, files.nih, files.rg1), (files.chexpert, files.real_nih, files.rg1)
    ),
    "docs/index.md": Setting(keras=True),
    "docs/models.md": Setting(
        (_my_nets, _tiny_store),
        replaced=(
            ('"imagenet"', '"none"', "the weights come from the network"),
            ("320", "32", "seconds instead of a minute"),
            ("densenet121", "mobilenet", "seconds instead of a minute"),
        ),
        keras=True,
        modules=True,
    ),
    "docs/python.md": Setting(
        (COMPARING_TABLES,),
        replaced=(
            ("images=400", "images=100", "seconds instead of a minute"),
            ("128)", "32)", "seconds instead of a minute"),
            ("epochs=5", "epochs=1", "seconds instead of a minute"),
            (
                'densenet121", findings=5, image_size=320',
                'mobilenet", findings=5, image_size=32',
                "seconds",
            ),
        ),
        keras=True,
    ),
    "docs/sample.md": Setting(keras=True),
    "docs/results/nih-1000.md": Setting(
        (files.nih, files.weights, files.experiments),
        (files.real_nih, files.weights, files.experiments),
        keras=True,
    ),
    "docs/results/nih-test-predictions.md": Setting((files.npz,), (files.real_npz,)),
    "docs/results/training.md": Setting(
        (files.nih, files.weights, files.experiments),
        (files.real_nih, files.weights, files.experiments),
        replaced=(("seed in 0 1 2 3 4 5", "seed in 0", "one seed is trained"),),
        keras=True,
    ),
}


def _cases() -> list[Any]:
    slow = (pytest.mark.keras, pytest.mark.slow)
    return [
        pytest.param(name, kind, id=f"{name}-{kind}", marks=slow if setting.keras else ())
        for name in TEXTS
        for setting in [SETTINGS.get(name, Setting())]
        for kind in ("made", *(["real"] if setting.real else []))
        if any(not block.reasons and block.language != "text" for block in blocks_of(name))
    ]


@pytest.mark.parametrize(("name", "kind"), _cases())
def test_the_blocks_of_a_document_run_in_order(name, kind, tmp_path, monkeypatch):
    setting = SETTINGS.get(name, Setting())
    if kind == "real" and not (files.SHARED / "data").is_dir():
        pytest.skip(f"{files.SHARED / 'data'} is not there")
    for make in getattr(setting, kind):
        make(tmp_path)
    monkeypatch.chdir(tmp_path)
    if setting.modules:
        monkeypatch.syspath_prepend(str(tmp_path))
    if any("cxrcompare run" in block.text for block in blocks_of(name)):
        _train_here(monkeypatch)
    known: dict[str, Any] = {}
    for block in blocks_of(name):
        text = block.text
        for old, new, _ in setting.replaced:
            text = text.replace(old, new)
        where = f"{name}, line {block.line}"
        if block.reasons or block.language == "text":
            continue
        if block.language == "bash":
            _run_script(text, where)
        elif block.language == "python":
            exec(compile("\n" * (block.line - 1) + text, ROOT / name, "exec"), known)


def _train_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trains a small network in this process, which avoids starting TensorFlow for each run."""
    from cxrcompare import models
    from cxrcompare.training.run_config import RunConfig
    from cxrcompare.training.train import train

    def train_all(requests: Sequence[tuple[Path, dict[str, Any]]], jobs: int) -> None:
        """Trains once: every network is the small one, so that other runs are copies of it."""
        trained: dict[str, Path] = {}
        for folder, config in requests:
            settings = json.dumps({**config, "model": "", "seed": 0}, sort_keys=True, default=str)
            if settings in trained and not folder.exists():
                shutil.copytree(trained[settings], folder)
                stored = json.loads((folder / "config.json").read_text(encoding="utf-8"))
                stored |= {"model": config["model"], "seed": config["seed"]}
                (folder / "config.json").write_text(json.dumps(stored), encoding="utf-8")
            train(RunConfig.model_validate(config), folder)
            trained.setdefault(settings, folder)

    monkeypatch.setattr(models, "build", tiny.build, raising=False)
    room = importlib.import_module("cxrcompare.experiment.run")  # `experiment.run` is its function
    monkeypatch.setattr(room, "train_all", train_all)
    # the check builds the named networks with their weights, which must be downloaded
    checks = importlib.import_module("cxrcompare.experiment.network_checks")
    monkeypatch.setattr(checks, "check", lambda *_: [])


def _run_script(script: str, where: str) -> None:
    """Runs `cxrcompare` in this process, and the lines between its calls in bash."""
    between: list[str] = []
    for line in [*blocks.commands(script), "cxrcompare"]:
        if blocks.words(line)[0] != "cxrcompare":
            between.append(line)
            continue
        if between:
            _bash("\n".join(between))
            between = []
        if line != "cxrcompare":
            _run_command(_expanded(line), where)


def _bash(script: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-O", "failglob", "-c", script], capture_output=True, text=True
    )
    assert done.returncode == 0, f"{script}\n{done.stderr}"
    return done.stdout


def _expanded(line: str) -> list[str]:
    return _bash(f"printf '%s\\0' {line}").split("\0")[1:-1]


def _run_command(words: list[str], where: str) -> None:
    check_command(words)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        status = commands.main([*words, *_appended(words)])
    assert status == 0, f"{where}: cxrcompare {' '.join(words)}\n{said.getvalue()}"
    for file in re.findall(r"^(?:report|predictions): (.+)$", said.getvalue(), re.MULTILINE):
        assert Path(file).is_file(), file


def _appended(words: list[str]) -> list[str]:
    more = APPENDED.get(words[0], "").split()
    on_the_sample = words[0] == "run" and not any(
        ".toml" in one or "--data" in one for one in words
    )
    return [*more, *(["--sample-images", "100"] if on_the_sample else [])]


@pytest.mark.parametrize("name", TEXTS)
def test_toml_and_tables_are_what_the_project_reads(name, tmp_path):
    for block in blocks_of(name):
        file = tmp_path / f"block{block.line}.{block.language}"
        file.write_text(block.text, encoding="utf-8")
        if block.language == "toml":
            experiment.load(file, {})
        elif block.language == "csv":
            read_predictions(file)


def test_the_columns_of_a_hospital_are_those_of_its_experiment():
    (shown,) = (one.text for one in blocks_of("docs/datasets.md") if one.language == "toml")
    assert shown == (ROOT / "experiments/hospital.toml").read_text(encoding="utf-8")


def test_every_replaced_text_is_there():
    for name, setting in SETTINGS.items():
        for old, _, _ in setting.replaced:
            assert any(old in block.text for block in blocks_of(name)), f"{name}: {old}"

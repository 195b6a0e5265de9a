"""The notebooks run as programs, with less data and a small network; their commands are parsed."""

import re
import sys
import types
from pathlib import Path

import pytest

from cxrcompare import models
from cxrcompare.cli.commands import main
from cxrcompare.synthetic import write_sample

from . import doc_blocks
from .doc_checks import check_command
from .training import tiny

FOLDER = Path(__file__).parents[1] / "docs/notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.py"))
REPLACED = {
    "tour": (("images=2000", "images=300"), ("=96", "=32"), ("epochs=3", "epochs=1")),
    "own_predictions": (("margin=0.02", "margin=0.02, replicates=300"),),
    "colab": (
        ("/content/", "content/"),
        ("margin=0.02", "margin=0.02, replicates=200, findings='competition'"),
    ),
}
"""What makes a notebook small enough for a test: (old, new)."""
APPENDED = {
    "prepare": ["--size", "32"],
    "train": ["--epochs", "1", "--image-size", "32", "--weights", "none"],
}
"""Options that are added to a command of a notebook after it was parsed as it stands."""
RESULT = {"tour": "tour/comparison", "own_predictions": "own/comparison"}
_COMMAND = re.compile(r"^# !(.+)$", re.MULTILINE)


def commands(path):
    """Returns the words of the commands that a notebook gives to the shell."""
    return [doc_blocks.words(line) for line in _COMMAND.findall(path.read_text(encoding="utf-8"))]


def program(path):
    """Returns a notebook as a program that passes its commands to `_command`."""
    text = path.read_text(encoding="utf-8")
    for old, new in REPLACED[path.stem]:
        assert old in text
        text = text.replace(old, new)
    return _COMMAND.sub(lambda found: f"_command({found[1]!r})", text)


def run_command(line):
    """Runs a command of this package; installation and the state of the GPU are left out."""
    first, *words = doc_blocks.words(line)
    if first == "cxrcompare":
        assert main([*words, *APPENDED.get(words[0], [])]) == 0
    else:
        assert first in ("pip", "nvidia-smi")


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Prepares a folder and a small network; figures are drawn without a window."""
    pytest.importorskip("keras")
    monkeypatch.setenv("MPLBACKEND", "agg")
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot

    monkeypatch.setattr(models, "build", tiny.build, raising=False)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    pyplot.close("all")


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("name", RESULT)
def test_a_notebook_runs(name, small):
    path = FOLDER / f"{name}.py"
    exec(compile(program(path), path, "exec"), {})
    assert (small / RESULT[name] / "report.html").is_file()


@pytest.mark.slow
@pytest.mark.keras
def test_the_colab_notebook_runs_and_continues_on_another_machine(small, monkeypatch):
    """The drive is a folder; the second run has its files, but not those of the local disk."""
    mounted = []
    module = types.ModuleType("google.colab")
    module.drive = types.SimpleNamespace(mount=mounted.append)
    monkeypatch.setitem(sys.modules, "google", types.ModuleType("google"))
    monkeypatch.setitem(sys.modules, "google.colab", module)
    drive = small / "content/drive/MyDrive"
    write_sample(drive / "CheXpert-v1.0-small", images=200, size=32, seed=0, workers=1)
    path = FOLDER / "colab.py"
    code = compile(program(path), path, "exec")
    known = {"_command": run_command}
    exec(code, known)
    assert mounted == ["content/drive"]
    assert known["c"].models[0] in {*known["names"], "ensemble"}
    assert {*known["c"].models} == {*known["names"], "ensemble"}
    before = {file: file.stat().st_mtime_ns for file in drive.glob("runs/*/model.keras")}
    assert len(before) == 5
    first = (drive / "comparison/metrics.csv").read_bytes()
    (small / "content/store").rename(small / "lost")
    exec(code, {"_command": run_command})
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert (drive / "comparison/metrics.csv").read_bytes() == first
    assert (drive / "paper/methods.md").is_file()


def test_the_commands_of_the_notebooks_are_valid():
    every = [words for path in NOTEBOOKS for words in commands(path)]
    trained = [words[2] for words in every if words[:2] == ["cxrcompare", "train"]]
    assert trained == ["resnet34", "resnet50", "resnet101", "densenet121", "mobilenet"]
    for first, *words in every:
        if first == "cxrcompare":
            check_command(words)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_in_the_percent_format_of_jupytext(path):
    text = path.read_text(encoding="utf-8")
    assert "format_name: percent" in text.split("# ---")[1]
    cells = re.split(r"^# %%.*$", text.split("# ---\n", 2)[2], flags=re.MULTILINE)[1:]
    assert len(cells) > 5
    assert all(cell.strip() for cell in cells)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_jupytext_makes_a_notebook_and_the_same_text_again(path):
    """Commands of the shell become lines with an exclamation mark, without a comment sign."""
    jupytext = pytest.importorskip("jupytext")
    text = path.read_text(encoding="utf-8")
    notebook = jupytext.reads(text, fmt="py:percent")
    kinds = {cell.cell_type for cell in notebook.cells}
    assert kinds == {"markdown", "code"}
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    shown = [line[1:] for source in sources for line in source.split("\n") if line[:1] == "!"]
    assert [doc_blocks.words(line) for line in shown] == commands(path)
    again = jupytext.writes(notebook, fmt="py:percent")
    assert again.split("# %%", 1)[1].rstrip() == text.split("# %%", 1)[1].rstrip()

"""Every block and command of README, CONTRIBUTING and docs is run, or at least parsed, unchanged.

A document's blocks are run in order in one folder, where `doc_files` lays out what they name. The
text is what a user would type; `APPENDED` and `REPLACED` say what makes it small enough for a test,
and why. A block that cannot be run here says so in the document, by a mark right above it:
`<!-- not run: REASON -->`, of `doc_blocks.REASONS`. Its commands are still parsed. Nothing is
installed and no make target is run: extras and targets are only looked up.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import importlib.util
import io
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cxrcompare import experiment
from cxrcompare.cli import commands
from cxrcompare.comparison.compare import Options
from cxrcompare.predictions import read_predictions


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


HERE = Path(__file__).parent
ROOT = HERE.parent
blocks = _load(HERE / "doc_blocks.py")
files = _load(HERE / "doc_files.py")
TINY = _load(HERE / "training/tiny.py")
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in blocks.documents(ROOT)
}
PARSER = commands._parser()
COMMANDS: dict[str, argparse.ArgumentParser] = PARSER._subparsers._group_actions[0].choices

APPENDED = {
    # hours of training: one seed, one epoch, small images and the tests' small network instead
    "run": "--seeds 0 --image-size 32 --epochs 1 --replicates 100",
    "compare": "--replicates 100",  # the default of 10,000 takes minutes where models are many
    "sample": "--images 100 --size 32",  # 4,000 images take minutes
    "prepare": "--size 32",  # less to decode
}
"""Options that are added to a command of the documents after it was parsed as it stands."""


@dataclass(frozen=True)
class Setting:
    """Requirements of a document: files, files of real data, replaced text, Keras."""

    made: tuple[Callable[[Path], None], ...] = ()
    real: tuple[Callable[[Path], None], ...] = ()
    replaced: tuple[tuple[str, str, str], ...] = ()
    keras: bool = False


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
    "docs/images.md": Setting(
        (files.chexpert, files.nih, files.rg1), (files.chexpert, files.real_nih, files.rg1)
    ),
    "docs/models.md": Setting(
        replaced=(
            ('"imagenet"', '"none"', "the weights come from the network"),
            ("320", "32", "seconds instead of a minute"),
            ("densenet121", "mobilenet", "seconds instead of a minute"),
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
        if any(not block.reasons and block.language != "text" for block in _blocks(name))
    ]


@functools.cache
def _blocks(name: str) -> list[Any]:
    return blocks.blocks(TEXTS[name])


@pytest.mark.parametrize(("name", "kind"), _cases())
def test_the_blocks_of_a_document_run_in_order(name, kind, tmp_path, monkeypatch):
    setting = SETTINGS.get(name, Setting())
    if kind == "real" and not (files.SHARED / "data").is_dir():
        pytest.skip(f"{files.SHARED / 'data'} is not there")
    for make in getattr(setting, kind):
        make(tmp_path)
    monkeypatch.chdir(tmp_path)
    if any("cxrcompare run" in block.text for block in _blocks(name)):
        _train_here(monkeypatch)
    known: dict[str, Any] = {}
    for block in _blocks(name):
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
        for folder, config in requests:
            train(RunConfig.model_validate(config), folder)

    monkeypatch.setattr(models, "build", TINY.build, raising=False)
    room = importlib.import_module("cxrcompare.experiment.run")  # `experiment.run` is its function
    monkeypatch.setattr(room, "train_all", train_all)


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
    _check_command(words)
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        status = commands.main([*words, *APPENDED.get(words[0], "").split()])
    assert status == 0, f"{where}: cxrcompare {' '.join(words)}\n{said.getvalue()}"
    for file in re.findall(r"^(?:report|predictions): (.+)$", said.getvalue(), re.MULTILINE):
        assert Path(file).is_file(), file


def _check_command(words: Sequence[str]) -> None:
    """Parses a command and checks its options, keys and names without running it."""
    chosen = vars(PARSER.parse_args(words))
    command = chosen.pop("command")
    if command is commands.run:
        file, _ = chosen.pop("experiment"), chosen.pop("out")
        experiment.load(file, {key: one for key, one in chosen.items() if one is not None})
    if command is commands.compare:
        names = Options.__dataclass_fields__
        Options(**{key: value for key, value in chosen.items() if key in names})


@pytest.mark.parametrize("name", TEXTS)
def test_every_block_is_fenced_and_names_its_language(name):
    assert blocks.indented(TEXTS[name]) == []
    strange = [(one.line, one.language) for one in _blocks(name)]
    assert [pair for pair in strange if pair[1] not in blocks.LANGUAGES] == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_mark_stands_above_a_block_and_has_a_known_reason(name):
    marked = [one for one in _blocks(name) if one.reasons]
    assert len(marked) == blocks.marks(TEXTS[name])
    assert {reason for one in marked for reason in one.reasons} <= set(blocks.REASONS)


def _shell_lines() -> list[Any]:
    return [
        pytest.param(line, id=f"{name}:{block.line}")
        for name in TEXTS
        for block in _blocks(name)
        if block.language == "bash"
        for line in blocks.commands(block.text)
        if block.reasons or line.startswith("cxrcompare ")
    ]


@pytest.mark.parametrize("line", _shell_lines())
def test_every_command_of_a_block_is_one_that_exists(line, monkeypatch):
    monkeypatch.chdir(ROOT)
    first, *words = blocks.words(line)
    if first == "cxrcompare":
        _check_command(words)
    elif first == "make":
        _check_targets(words)
    elif first == "pip":
        _check_extras(line)
    else:
        assert first == "python", f"`{first}` is not known here: {line}"
        _check_benchmark(words, monkeypatch)


def _check_targets(targets: Sequence[str]) -> None:
    """Runs `make -n`, as a whole run creates an environment and takes minutes."""
    done = subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def _check_extras(line: str) -> None:
    """Checks that the named extras exist; installing them needs a network connection."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"\[([\w,]+)\]", line)
    assert {one for names in named for one in names.split(",")} <= set(
        project["optional-dependencies"]
    )


class _ParsedError(Exception):
    """Raised in place of a benchmark's work."""


def _check_benchmark(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts a benchmark and stops it after its own parser has accepted the arguments."""
    parse = argparse.ArgumentParser.parse_args

    def parse_only(parser: argparse.ArgumentParser) -> None:
        parse(parser)
        raise _ParsedError

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_only)
    monkeypatch.setattr(sys, "argv", list(words))
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    with pytest.raises(_ParsedError):
        runpy.run_path(str(ROOT / words[0]), run_name="__main__")


@pytest.mark.parametrize("name", TEXTS)
def test_toml_and_tables_are_what_the_project_reads(name, tmp_path):
    for block in _blocks(name):
        file = tmp_path / f"block{block.line}.{block.language}"
        file.write_text(block.text, encoding="utf-8")
        if block.language == "toml":
            experiment.load(file, {})
        elif block.language == "csv":
            read_predictions(file)


def test_the_columns_of_a_hospital_are_those_of_its_experiment():
    (shown,) = (one.text for one in _blocks("docs/datasets.md") if one.language == "toml")
    assert shown == (ROOT / "experiments/hospital.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", TEXTS)
def test_inline_code_names_what_exists(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    wrong = []
    for line, code in blocks.inline(TEXTS[name]):
        try:
            _check_inline(code, monkeypatch)
        except (AssertionError, ImportError, AttributeError, SystemExit) as error:
            wrong.append(f"{name}, line {line}: `{code}`: {error}")
    assert wrong == []


def _check_inline(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *rest = code.split(" ")
    if first == "cxrcompare" and rest:
        assert rest[0].startswith("-") or rest[0] in COMMANDS, "no such command"
        _check_options(rest, [COMMANDS.get(rest[0], PARSER)])
    elif first in COMMANDS and "--" in code:
        _check_options(rest, [COMMANDS[first]])
    elif first.startswith("--"):
        _check_options(code.split(" "), list(COMMANDS.values()))
    elif first == "make" and len(rest) == 1:
        _check_targets(rest)
    elif first == "pip":
        _check_extras(code)
    elif first == "python" and rest:
        with monkeypatch.context() as patch:
            _check_benchmark(blocks.words(" ".join(rest)), patch)
    elif re.fullmatch(r"cxrcompare(\.\w+)+(\(.*\))?", code):
        _resolve(code.partition("(")[0])
    for path in re.findall(r"(?<![\w/])(?:tests|docs|benchmarks|experiments)/[\w.*/-]+\.\w+", code):
        if first != "python":  # what a benchmark writes need not be there
            assert list(ROOT.glob(path)), f"{path} is not there"


def _check_options(words: Sequence[str], parsers: Sequence[argparse.ArgumentParser]) -> None:
    """Each option belongs to one of the commands, and its value is among its choices."""
    for place, word in enumerate(words):
        option = word.strip("[]")
        if not option.startswith("--"):
            continue
        known = [one._option_string_actions.get(option) for one in parsers]
        assert any(known), f"no such option: {option}"
        choices = [action.choices for action in known if action is not None]
        value = words[place + 1] if place + 1 < len(words) else None
        if value is not None and all(choices):
            assert any(value in allowed for allowed in choices), f"{option} {value}"


def _resolve(dotted: str) -> None:
    """Imports the longest part that is a module, and looks up the rest in it."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        with contextlib.suppress(ModuleNotFoundError):
            found: Any = importlib.import_module(".".join(parts[:end]))
            for name in parts[end:]:
                found = getattr(found, name)
            return
    raise ImportError(dotted)


def test_the_readme_shows_every_command():
    assert set(COMMANDS) <= set(re.findall(r"cxrcompare ([a-z]+)\b", TEXTS["README.md"]))


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_to_a_file_and_a_heading(name):
    for target in blocks.links(TEXTS[name]):
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), target
        assert not anchor or anchor in blocks.anchors(file.read_text(encoding="utf-8")), target


def test_every_replaced_text_is_there():
    for name, setting in SETTINGS.items():
        for old, _, _ in setting.replaced:
            assert any(old in block.text for block in _blocks(name)), f"{name}: {old}"


EXAMPLE = """# A title, with `code`

## A title

<!-- not run: takes hours -->
```bash
cxrcompare run \\
    --epochs 5  # many
```

    cxrcompare models

See [there](other.md#a-title) and `cxrcompare
train`.
"""


def test_what_a_document_shows_is_found():
    (block,) = blocks.blocks(EXAMPLE)
    assert (block.line, block.language, block.reasons) == (7, "bash", ("takes hours",))
    assert [blocks.words(line) for line in blocks.commands(block.text)] == [
        ["cxrcompare", "run", "--epochs", "5"]
    ]
    assert blocks.indented(EXAMPLE) == [11]
    assert blocks.links(EXAMPLE) == ["other.md#a-title"]
    assert blocks.anchors(EXAMPLE) == {"a-title-with-code", "a-title"}
    assert list(blocks.inline(EXAMPLE))[1] == (13, "cxrcompare train")
    with pytest.raises(ValueError, match="line 1: the block does not end"):
        blocks.blocks("```bash\n")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("cxrcompare runn", "no such command"),
        ("cxrcompare run --sedes 0", "no such option: --sedes"),
        ("--interval bcaa", "--interval bcaa"),
        ("make dmeo", "dmeo"),
        ("cxrcompare.images.decoding.decode.laod(path)", "laod"),
        ("tests/nowhere.py", "tests/nowhere.py is not there"),
    ],
)
def test_inline_code_that_names_nothing_is_found(code, message, monkeypatch):
    with pytest.raises((AssertionError, AttributeError, ImportError), match=message):
        _check_inline(code, monkeypatch)

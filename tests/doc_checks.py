"""Checks of the commands and names that the documents show, against what exists."""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import re
import runpy
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cxrcompare import experiment
from cxrcompare.cli import commands
from cxrcompare.comparison.compare import Options

from . import doc_blocks as blocks

ROOT = Path(__file__).parents[1]
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in blocks.documents(ROOT)
}
PARSER = commands._parser()
COMMANDS: dict[str, argparse.ArgumentParser] = PARSER._subparsers._group_actions[0].choices


@functools.cache
def blocks_of(name: str) -> list[blocks.Block]:
    """Returns the fenced blocks of a document."""
    return blocks.blocks(TEXTS[name])


def check_command(words: Sequence[str]) -> None:
    """Parses a command and checks its options, keys and names without running it."""
    chosen = vars(PARSER.parse_args(words))
    command = chosen.pop("command")
    if command is commands.run:
        file = chosen.pop("experiment")
        del chosen["out"], chosen["check"]
        experiment.load(file, {key: one for key, one in chosen.items() if one is not None})
    if command is commands.compare:
        names = Options.__dataclass_fields__
        Options(**{key: value for key, value in chosen.items() if key in names})


def check_targets(targets: Sequence[str]) -> None:
    """Runs `make -n`, as a whole run creates an environment and takes minutes."""
    done = subprocess.run(["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def check_extras(line: str) -> None:
    """Checks that the named extras exist; installing them needs a network connection."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = re.findall(r"\[([\w,]+)\]", line)
    assert {one for names in named for one in names.split(",")} <= set(
        project["optional-dependencies"]
    )


class _ParsedError(Exception):
    """Raised in place of a benchmark's work."""


def check_benchmark(words: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts a benchmark and stops it after its own parser has accepted the arguments."""
    parse = argparse.ArgumentParser.parse_args

    def parse_only(parser: argparse.ArgumentParser) -> None:
        parse(parser)
        raise _ParsedError

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_only)
    monkeypatch.setattr(sys, "argv", list(words))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")  # some benchmarks set it for the whole process
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    with pytest.raises(_ParsedError):
        runpy.run_path(str(ROOT / words[0]), run_name="__main__")


def check_inline(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Checks that what an inline code names is there."""
    first, *rest = code.split(" ")
    if first == "cxrcompare" and rest:
        assert rest[0].startswith("-") or rest[0] in COMMANDS, "no such command"
        _check_options(rest, [COMMANDS.get(rest[0], PARSER)])
    elif first in COMMANDS and "--" in code:
        _check_options(rest, [COMMANDS[first]])
    elif first.startswith("--"):
        _check_options(code.split(" "), list(COMMANDS.values()))
    elif first == "make" and len(rest) == 1:
        check_targets(rest)
    elif first == "pip":
        check_extras(code)
    elif first == "python" and rest and rest[0] != "-m":
        with monkeypatch.context() as patch:
            check_benchmark(blocks.words(" ".join(rest)), patch)
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
        if option.endswith("-"):  # the beginning of several options
            names = [name for one in parsers for name in one._option_string_actions]
            assert any(name.startswith(option) for name in names), f"no such option: {option}"
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

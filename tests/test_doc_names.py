"""Every command, option, name, path and link that README, CONTRIBUTING and docs show exists."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cxrcompare.comparison.result.content import FORMAT

from . import doc_blocks as blocks
from .doc_checks import (
    COMMANDS,
    ROOT,
    TEXTS,
    blocks_of,
    check_benchmark,
    check_command,
    check_extras,
    check_inline,
    check_targets,
)


def _shell_lines() -> list[Any]:
    return [
        pytest.param(line, id=f"{name}:{block.line}")
        for name in TEXTS
        for block in blocks_of(name)
        if block.language == "bash"
        for line in blocks.commands(block.text)
        if block.reasons or line.startswith("cxrcompare ")
    ]


@pytest.mark.parametrize("line", _shell_lines())
def test_every_command_of_a_block_is_one_that_exists(line, monkeypatch):
    monkeypatch.chdir(ROOT)
    first, *words = blocks.words(line)
    if first == "cxrcompare":
        check_command(words)
    elif first == "make":
        check_targets(words)
    elif first == "pip":
        check_extras(line)
    else:
        assert first == "python", f"`{first}` is not known here: {line}"
        check_benchmark(words, monkeypatch)


@pytest.mark.parametrize("name", TEXTS)
def test_inline_code_names_what_exists(name, monkeypatch):
    monkeypatch.chdir(ROOT)
    wrong = []
    for line, code in blocks.inline(TEXTS[name]):
        try:
            check_inline(code, monkeypatch)
        except (AssertionError, ImportError, AttributeError, SystemExit) as error:
            wrong.append(f"{name}, line {line}: `{code}`: {error}")
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("cxrcompare runn", "no such command"),
        ("cxrcompare run --sedes 0", "no such option: --sedes"),
        ("--correction bonferoni", "--correction bonferoni"),
        ("make dmeo", "dmeo"),
        ("cxrcompare.images.decoding.decode.laod(path)", "laod"),
        ("tests/nowhere.py", "tests/nowhere.py is not there"),
    ],
)
def test_inline_code_that_names_nothing_is_found(code, message, monkeypatch):
    with pytest.raises((AssertionError, AttributeError, ImportError), match=message):
        check_inline(code, monkeypatch)


def test_the_readme_shows_every_command():
    assert set(COMMANDS) <= set(re.findall(r"cxrcompare ([a-z]+)\b", TEXTS["README.md"]))


@pytest.mark.parametrize("name", TEXTS)
def test_every_link_leads_to_a_file_and_a_heading(name):
    for target in blocks.links(TEXTS[name]):
        path, _, anchor = target.partition("#")
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), target
        assert not anchor or anchor in blocks.anchors(file.read_text(encoding="utf-8")), target


def test_the_format_of_the_result_is_the_one_that_is_stated():
    assert f"Its `format` is {FORMAT}." in TEXTS["docs/comparing.md"]

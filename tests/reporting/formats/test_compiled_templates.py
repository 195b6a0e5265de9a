"""Compiled templates on disk: read again, and never trusted, damaged or outdated."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from jinja2 import Environment, FunctionLoader

from cxrcompare.reporting.formats import compiled_templates
from cxrcompare.reporting.formats.compiled_templates import CompiledTemplates

SOURCE = "{{ 1 + 1 }} {{ name }}"


def compiles(folder: Path, source: str = SOURCE, **options: bool) -> bool:
    """Renders a template and returns whether it was compiled, not read."""
    cache = CompiledTemplates(folder)
    made = Environment(loader=FunctionLoader(lambda _: source), bytecode_cache=cache, **options)
    compiled = []
    original = made.compile
    made.compile = lambda *given, **more: compiled.append(1) or original(*given, **more)
    assert made.get_template("page").render(name="a") in ("2 a", "other")
    return bool(compiled)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "user"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "template").mkdir()
    return tmp_path / "template"


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_template_is_compiled_once(folder):
    assert compiles(folder)
    assert not compiles(folder)
    assert compiles(folder, "other")
    assert not compiles(folder, "other")
    assert compiles(folder)
    assert len(files_of(folder.parent)) == 1


def test_other_options_compile_again(folder):
    assert compiles(folder)
    assert compiles(folder, trim_blocks=True)


@pytest.mark.parametrize("damage", ["cut", "changed", "empty"])
def test_a_damaged_file_is_written_again(folder, damage):
    compiles(folder)
    (path,) = files_of(folder)
    content = path.read_bytes()
    broken = {"cut": content[:-9], "changed": content[:-9] + bytes(9), "empty": b""}[damage]
    path.write_bytes(broken)
    assert compiles(folder)
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_replaced_by_one_of_the_user(folder, monkeypatch):
    (folder / "__pycache__").touch()  # no folder can be made there
    assert compiles(folder)
    assert not compiles(folder)
    (path,) = files_of(folder.parent / "user")
    if hasattr(os, "getuid"):
        path.parent.chmod(0o777)
        assert compiles(folder), "others can write to the folder"


@pytest.mark.parametrize(
    ("name", "value"), [("dont_write_bytecode", True), ("pycache_prefix", "x")]
)
def test_no_bytecode_is_beside_the_templates_if_python_writes_none_there(
    folder, monkeypatch, name, value
):
    monkeypatch.setattr(sys, name, value)
    assert compiles(folder)
    assert not compiles(folder)
    assert files_of(folder) == []


def test_without_a_folder_templates_are_compiled_each_time(folder, monkeypatch):
    (folder / "__pycache__").touch()
    monkeypatch.setattr(compiled_templates, "_folder_of_user", lambda: None)
    assert compiles(folder)
    assert compiles(folder)
    assert files_of(folder.parent) == [folder / "__pycache__"]
    assert compiles(folder / "absent")


def test_a_relative_folder_of_the_user_is_not_used(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("LOCALAPPDATA", "cache")
    monkeypatch.setattr(Path, "home", classmethod(lambda cls: cls("/home/one")))
    assert compiled_templates._folder_of_user() == Path("/home/one/.cache/cxrcompare")

    def no_home(cls: type[Path]) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", classmethod(no_home))
    assert compiled_templates._folder_of_user() is None

"""What is declared is what is imported, and each command says which extra it needs."""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FRAMEWORKS = ("tensorflow", "jax", "torch")
USED = ("images", "training", *FRAMEWORKS, "parquet", "tensorboard")
"""The extras that add to what the code can import; `dicom` adds decoders, which pydicom loads."""


def imported() -> set[str]:
    """Returns the top-level names of all packages that the sources import, anywhere in a module."""
    found: set[str] = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"cxrcompare"}


def declared(*extras: str) -> set[str]:
    """Returns the distributions of the core or, where extras are named, of these and theirs."""
    lines = [line for extra in extras for line in EXTRAS[extra]] or PROJECT["dependencies"]
    found: set[str] = set()
    for one in map(Requirement, lines):
        found |= (
            declared(*one.extras) if one.name == "cxrcompare" else {canonicalize_name(one.name)}
        )
    return found


def distributions(modules: set[str]) -> Iterator[set[str]]:
    """Yields the distributions that a module may come from; its own name where none is there."""
    installed = metadata.packages_distributions()
    for module in sorted(modules):
        yield {canonicalize_name(name) for name in installed.get(module, [module])}


def test_all_that_the_sources_import_is_declared():
    known = declared() | declared(*USED)
    undeclared = [names for names in distributions(imported()) if not names & known]
    assert undeclared == []


@pytest.mark.parametrize("extras", [(), ("images",), ("training",)])
def test_all_that_is_declared_is_imported(extras):
    used = set().union(*distributions(imported()))
    assert declared(*extras) - used == set()


def test_comparing_needs_no_package_of_an_extra():
    assert declared() & declared(*USED, "dicom") == set()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_brings_what_training_needs(framework):
    assert declared(framework) > declared("training") > declared("images")


def test_every_requirement_has_a_version_that_is_tested():
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    for line in [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]:
        one = Requirement(line)
        if one.name != "cxrcompare":
            assert pinned[canonicalize_name(one.name)] in one.specifier, line

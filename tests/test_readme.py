"""Tests that the README lists all packages."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "cxrcompare"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def entries() -> dict[str, Path]:
    """Returns the packages and modules directly in the package, by their name in the tree."""
    packages = {f"{path.parent.name}/": path for path in SOURCE.glob("*/__init__.py")}
    return packages | {path.name: path for path in SOURCE.glob("[!_]*.py")}


def test_every_package_and_module_has_its_line_in_the_tree():
    tree = README.split("## The packages")[1].split("tests/ ")[0]
    shown = dict(re.findall(r"^  (\S+) +(.+)$", tree, flags=re.MULTILINE))
    first_lines = {
        name: (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]
        for name, path in entries().items()
    }
    assert shown == first_lines


def test_the_readme_fits_on_two_screens():
    assert len(README.splitlines()) <= 140

"""The README shows the tree as it is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_module_has_its_line_in_the_tree():
    whole = README.split("Every file, with the first line")[1]
    named = re.findall(r"^ +(\S+\.py) ", whole, flags=re.MULTILINE)
    modules = [
        path.name
        for path in (ROOT / "src" / "cxrcompare").rglob("*.py")
        if path.name != "__init__.py" and "__main__" not in path.name
    ]
    assert sorted(named) == sorted(modules)


def test_every_file_it_links_to_is_there():
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target


def test_every_command_it_shows_exists():
    from cxrcompare.cli.commands import _parser

    words = set(re.findall(r"`?cxrcompare ([a-z]+)\b", README))
    commands = set(_parser()._subparsers._group_actions[0].choices)
    assert commands <= words

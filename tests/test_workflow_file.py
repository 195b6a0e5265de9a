"""The workflow of the public CI does what `.ci/run` does, on every supported Python."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
JOB = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"][
    "tests"
]


def script(system):
    """Returns the commands of a system, in order."""
    (found,) = (
        step["run"] for step in JOB["steps"] if step.get("if") == f"runner.os == '{system}'"
    )
    return found.strip().split("\n")


def recipe(target):
    """Returns the commands of a make target, without its variables."""
    found = re.search(rf"^{re.escape(target)}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)[1]
    return [line.strip().replace("$(BIN)/", "") for line in found.split("\n") if line.strip()]


def test_every_supported_python_is_run_on_every_system():
    matrix = JOB["strategy"]["matrix"]
    prefix = "Programming Language :: Python :: 3."
    listed = [one.removeprefix(prefix) for one in PROJECT["classifiers"] if one.startswith(prefix)]
    assert matrix["python"] == [f"3.{minor}" for minor in listed]
    assert PROJECT["requires-python"] == f">={matrix['python'][0]}"
    assert matrix["os"] == ["ubuntu-latest", "macos-latest", "windows-latest"]
    assert JOB["runs-on"] == "${{ matrix.os }}"


def test_linux_runs_the_script_of_the_project():
    assert script("Linux") == ["sudo --preserve-env=PATH bash .ci/run"]
    assert (ROOT / ".ci/run").is_file()


def test_macos_makes_the_same_targets():
    made = re.findall(r"^make .+$", (ROOT / ".ci/run").read_text(encoding="utf-8"), re.MULTILINE)
    assert made == ["make test", "make test-jax"]
    assert script("macOS") == [f"{line} PYTHON=python" for line in made]


@pytest.mark.parametrize(("target", "folder"), [("lint", ".venv"), ("test", ".venv")])
def test_windows_runs_the_commands_of_the_targets(target, folder):
    lines = script("Windows")
    for command in recipe(target):
        assert f"{folder}/Scripts/{command}" in lines


def test_windows_installs_and_tests_both_frameworks_as_make_does():
    lines = "\n".join(script("Windows"))
    assert re.findall(r'-e "(.+?)"', lines) == re.findall(r'-e "(.+?)"', MAKEFILE)
    on_jax = re.search(r"^ON_JAX := (.+)$", MAKEFILE, re.MULTILINE)[1]
    assert lines.endswith(f"pytest -n auto --dist worksteal {on_jax}")


def test_posix_modules_are_imported_only_where_they_are_missed():
    """A module of POSIX at the top of a file would make the package useless on Windows."""
    missing = re.compile(r"^(?:import|from) (?:fcntl|grp|pwd|resource|termios|syslog)\b", re.M)
    found = [
        path.name
        for path in (ROOT / "src").rglob("*.py")
        if missing.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []

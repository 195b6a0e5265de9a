"""Inputs that do not exist are one line, before packages are loaded that take seconds."""

import subprocess
import sys

import pytest

from cxrcompare.cli import commands

HEAVY = ("numba", "pandas", "scipy", "jinja2", "pydantic", "keras")
CODE = f"""
import sys
from cxrcompare.cli.commands import main

status = main(sys.argv[1:])
print(status, [name for name in {HEAVY} if name in sys.modules])
"""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("compare no.csv --reference is.csv --out o", "no.csv: must be a file"),
        ("compare is.csv --reference no.csv --out o", "no.csv: must be a file"),
        ("compare is.csv --reference is.csv --readers is.csv no.csv --out o", "no.csv: must be"),
        ("bundle is.csv --reference no.csv --out o.zip", "no.csv: must be a file"),
        ("verify no.zip", "no.zip: must be a file"),
        ("verify is.csv --labels no.csv", "no.csv: must be a file"),
        ("doctor no.csv --reference is.csv", "no.csv: must be a file"),
        ("report no", "no: must be a folder"),
        ("cite no --out kit", "no: must be a folder"),
    ],
)
def test_a_missing_input_is_one_line(words, message, tmp_path, monkeypatch, capsys):
    (tmp_path / "is.csv").touch()
    monkeypatch.chdir(tmp_path)
    assert commands.main(words.split()) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"cxrcompare: {message}")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "words", ["compare no.csv --reference no.csv --out o", "report no", "compare --out o"]
)
def test_wrong_arguments_load_no_heavy_package(words, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CODE, *words.split()], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout == "2 []\n", done.stderr


def test_a_wrong_table_is_found_before_the_comparison_is_loaded(tmp_path):
    (tmp_path / "a.csv").write_text("study_id,Edema\ns1,0.5\n")
    code = CODE.replace("sys.modules]", "sys.modules and name in ('numba', 'jinja2')]")
    words = ["compare", "a.csv", "--reference", "a.csv", "--out", "o"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True
    )
    assert "must be 1, 0 or blank" in done.stderr
    assert "'jinja2'" not in done.stdout

"""Mutated files of every kind are read or refused with one line: a few of each kind."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "hostile_files.py"


def load():
    spec = importlib.util.spec_from_file_location("hostile_files", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


HOSTILE = load()
SCRIPT_ONLY = ("h5", "keras", "checkpoint", "compressed-dicom")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name in HOSTILE.KINDS if name not in SCRIPT_ONLY])
def test_mutated_files_are_read_or_refused(name):
    """Only the script reads those that need a child process per file, or Keras."""
    if name == "parquet":
        pytest.importorskip("pyarrow")
    if name == "dicom":
        pytest.importorskip("pydicom")
    found = HOSTILE.run(name, 40, seed=7)
    assert found.defects == 0
    assert found.read + found.refused == 40


def test_a_mutation_changes_a_file_and_repeats_with_its_seed():
    content = bytes(range(256)) * 4
    first, second = (HOSTILE.mutated(content, np.random.default_rng(3)) for _ in range(2))
    assert first == second
    changed = [HOSTILE.mutated(content, np.random.default_rng(n)) != content for n in range(50)]
    assert sum(changed) >= 48


def test_a_reader_that_raises_another_error_is_a_defect(monkeypatch, tmp_path, capsys):
    def read(path):
        if path.read_bytes() != HOSTILE.KINDS["json"].make(tmp_path):
            raise KeyError("x")

    kind = HOSTILE.KINDS["json"]._replace(read=read)
    monkeypatch.setitem(HOSTILE.KINDS, "json", kind)
    found = HOSTILE.run("json", 5, seed=0, keep=tmp_path / "kept")
    assert found.defects == 5
    assert len(list((tmp_path / "kept").iterdir())) == 5
    assert "KeyError" in capsys.readouterr().out

"""The tables of docs/results/verdicts.md are those that its script writes from the CSV files."""

import importlib
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_page_is_what_the_script_writes(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    script = importlib.import_module("verdicts_page")
    for name in ("verdicts.md", "verdicts.csv", "unusual_sets.csv"):
        shutil.copy(ROOT / "docs" / "results" / name, tmp_path / name)
    monkeypatch.setattr(script, "RESULTS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["verdicts_page.py"])
    script.main()
    written = (tmp_path / "verdicts.md").read_text()
    assert written == (ROOT / "docs" / "results" / "verdicts.md").read_text()

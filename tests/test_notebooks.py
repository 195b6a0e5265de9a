"""The notebooks run as programs, with less data and a small network."""

import re
from pathlib import Path

import pytest

from cxrcompare import models

from .training import tiny

NOTEBOOKS = sorted((Path(__file__).parents[1] / "docs/notebooks").glob("*.py"))


@pytest.mark.slow
@pytest.mark.keras
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    pytest.importorskip("keras")
    monkeypatch.setenv("MPLBACKEND", "agg")
    pytest.importorskip("matplotlib").use("agg")
    from matplotlib import pyplot

    monkeypatch.setattr(models, "build", tiny.build, raising=False)
    monkeypatch.chdir(tmp_path)
    text = path.read_text(encoding="utf-8")
    for old, new in (("images=2000", "images=300"), ("=96", "=32"), ("epochs=3", "epochs=1")):
        assert old in text
        text = text.replace(old, new)
    exec(compile(text, path, "exec"), {})
    pyplot.close("all")
    assert (tmp_path / "tour/comparison/report.html").is_file()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_in_the_percent_format_of_jupytext(path):
    text = path.read_text(encoding="utf-8")
    assert "format_name: percent" in text.split("# ---")[1]
    cells = re.split(r"^# %%.*$", text.split("# ---\n", 2)[2], flags=re.MULTILINE)[1:]
    assert len(cells) > 5
    assert all(cell.strip() for cell in cells)

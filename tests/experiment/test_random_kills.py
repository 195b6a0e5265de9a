"""A run that is killed at random moments and continued has the files of an undisturbed run."""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[2] / "benchmarks" / "random_kills.py"


def load():
    spec = importlib.util.spec_from_file_location("random_kills", PATH)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


KILLS = load()


@pytest.mark.keras
@pytest.mark.slow
def test_kills_do_not_change_the_results(tmp_path, monkeypatch, capsys):
    words = ["random_kills.py", "--kills", "3", "--per-run", "3", "--folder", str(tmp_path / "k")]
    monkeypatch.setattr(sys, "argv", words)
    assert KILLS.main() == 0, capsys.readouterr().out


def test_other_values_are_noticed_and_recorded_times_are_not(tmp_path):
    run = tmp_path / "mobilenet__seed0"
    (run / "predictions").mkdir(parents=True)
    (run / "history.csv").write_text("epoch,loss,seconds\n1,0.5,3.2\n")
    (run / "predictions" / "test.csv").write_text("image_id,Edema\na,0.5\n")
    before = KILLS.contents(tmp_path)
    assert len(before) == 2
    (run / "history.csv").write_text("epoch,loss,seconds\n1,0.5,9.9\n")
    assert KILLS.contents(tmp_path) == before
    (run / "history.csv").write_text("epoch,loss,seconds\n1,0.6,9.9\n")
    assert KILLS.contents(tmp_path) != before


def test_stages_and_leftovers_come_from_the_files(tmp_path):
    assert KILLS.stage(tmp_path) == "start"
    (tmp_path / "store").mkdir()
    assert KILLS.stage(tmp_path) == "images"
    (tmp_path / "store" / "store.json").touch()
    (tmp_path / "m__seed0").mkdir()
    assert KILLS.stage(tmp_path) == "before training"
    (tmp_path / "m__seed0" / "config.json").touch()
    assert KILLS.stage(tmp_path) == "training"
    (tmp_path / "m__seed0" / "summary.json").touch()
    assert KILLS.stage(tmp_path) == "comparison"
    (tmp_path / ".x.csv.12.partial").touch()
    assert KILLS.leftovers(tmp_path) == [".x.csv.12.partial"]

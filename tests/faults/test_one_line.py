"""Bad input of commands with a network is one line on standard error, without a framework's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

DRIVER = """
import json, sys
from cxrcompare.cli.commands import main
print(json.dumps([main(words) for words in json.load(sys.stdin)]))
"""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A finished run whose network is damaged."""
    run = tmp_path / "run"
    run.mkdir()
    config = {"image_size": 32, "findings": ["Edema"], "model": "mobilenet"}
    (run / "config.json").write_text(json.dumps(config))
    (run / "summary.json").write_text("{}")
    (run / "model.keras").write_bytes(b"PK\x03\x04 damaged")
    return run


@pytest.mark.slow
@pytest.mark.keras
def test_bad_input_is_one_line_though_the_framework_was_loaded(tmp_path, run):
    """The first command imports the framework, in a real process with its own standard error."""
    (tmp_path / "in").mkdir()
    cv2.imwrite(str(tmp_path / "in" / "one.png"), np.full((40, 40), 120, np.uint8))
    commands = [
        ["predict", str(run), str(tmp_path / "in"), "--out", str(tmp_path / "p.csv")],
        ["explain", str(run), str(tmp_path / "in"), "--out", str(tmp_path / "maps")],
        ["predict", str(run), str(tmp_path / "none"), "--out", str(tmp_path / "p.csv")],
        ["doctor", str(run), str(tmp_path / "in")],
        ["train", "mobilenet", "--store", str(tmp_path / "in"), "--out", str(tmp_path / "new")],
        ["run", "--data", str(tmp_path / "in"), "--out", str(tmp_path / "new")],
    ]
    done = subprocess.run(
        [sys.executable, "-P", "-c", DRIVER],
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [2] * len(commands)
    lines = done.stderr.splitlines()
    assert len(lines) == len(commands), done.stderr
    assert all(line.startswith("cxrcompare: ") for line in lines)
    assert "model.keras: must be a .keras file" in lines[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "run"]

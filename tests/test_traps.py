"""No child process loads modules or settings from the current folder.

`tests/faults/test_audit.py` shows the same of all commands. Each trap writes a line to a marker
file when it is imported or read.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.keras]

AFTER_START = ("xxhash", "queue", "random", "json", "argparse", "shlex", "tempfile", "numpy", "cv2")
"""Modules that `python -m` itself does not import."""


@pytest.fixture
def marks(tmp_path, monkeypatch):
    """Returns the marker file, and installs packages that read settings of the current folder.

    Stand-ins for PyYAML and matplotlib: numba and Keras import them where they are installed.
    """
    marks = tmp_path / "marks"
    site = tmp_path / "site"
    site.mkdir()
    (site / "yaml.py").write_text(
        f"def safe_load(file):\n    open({str(marks)!r}, 'a').write('numba settings\\n')\n"
        "    return {'cache_locator_classes': 'evil.Locator', 'disable_jit': 1}\n"
    )
    (site / "matplotlib").mkdir()
    (site / "matplotlib" / "__init__.py").write_text(
        "import os\nif os.path.exists('matplotlibrc'):\n"
        f"    open({str(marks)!r}, 'a').write('matplotlibrc\\n')\n"
    )
    for name in ("patches", "pyplot"):
        (site / "matplotlib" / f"{name}.py").write_text("")
    path = [str(site), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)
    return marks


def trap(folder: Path, marks: Path, modules: set[str]) -> None:
    folder.mkdir(exist_ok=True)
    for name in modules:
        (folder / f"{name}.py").write_text(f"open({str(marks)!r}, 'a').write({name!r} + '\\n')\n")
    (folder / ".numba_config.yaml").write_text("disable_jit: 1\n")
    (folder / "matplotlibrc").write_text("backend: module://evil\n")
    (folder / "keras.json").write_text('{"floatx": "float16"}')


def loaded(marks: Path) -> list[str]:
    return sorted(set(marks.read_text().split("\n"))) if marks.exists() else []


def cxrcompare(folder: Path, *words: str, flags: tuple[str, ...] = ("-P",)) -> str:
    done = subprocess.run(
        [sys.executable, *flags, "-m", "cxrcompare", *words],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_processes_that_draw_the_sample_load_nothing_from_the_current_folder(tmp_path, marks):
    here = tmp_path / "here"
    trap(here, marks, {"evil", "queue", "random", "pickle", "selectors", "numpy"})
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "import multiprocessing.popen_spawn_posix\n"
        "from cxrcompare.synthetic import layout, write_sample\n"
        "if __name__ == '__main__':\n"
        "    sys.path.insert(0, '')\n"
        "    write_sample(Path('data'), images=100, size=32, seed=0, workers=2)\n"
    )
    (tmp_path / "draw.py").write_text(code)
    subprocess.run([sys.executable, str(tmp_path / "draw.py")], cwd=here, check=True)
    assert len(list((here / "data").rglob("*.jpg"))) == 100
    assert loaded(marks) == []


def test_python_m_loads_nothing_from_the_current_folder_once_it_runs(tmp_path, marks):
    here = tmp_path / "here"
    trap(here, marks, set(AFTER_START))
    cxrcompare(here, "sample", "--out", "data", "--images", "60", "--size", "32", flags=())
    cxrcompare(here, "prepare", "data", "--out", "store", "--size", "32", flags=())
    assert loaded(marks) == []

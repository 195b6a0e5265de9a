"""Commands use only what they are given: files, folders and no network.

An audit hook in every process, also in children, records the files that Python opens, changes or
lists, and every use of the network. It does not see files that C libraries open; that no such file
appears is checked by listing the folders before and after.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cxrcompare

HOOK = """
import os, sys
_LOG = os.open(os.environ["AUDIT_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
_CHANGES = {  # the positions of each path and of its open folder in the arguments of the event
    "os.mkdir": [(0, 2)],
    "os.remove": [(0, 1)],
    "os.rmdir": [(0, 1)],
    "os.rename": [(0, 2), (1, 3)],
    "os.link": [(0, 2), (1, 3)],
    "os.symlink": [(1, 2)],
    "os.truncate": [(0, None)],
    "os.chmod": [(0, 2)],
    "os.utime": [(0, 3)],
}
_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

def _note(kind, path, folder=-1):
    if isinstance(path, int) or path is None:
        return
    path = os.path.join(
        os.readlink(f"/proc/self/fd/{folder}") if folder not in (-1, None) else os.getcwd(),
        os.fsdecode(path),
    )
    if kind == "read" and not os.path.lexists(path):
        return  # nothing to read, or a name below an open folder
    os.write(_LOG, f"{kind}\\t{os.path.normpath(path)}\\n".encode())

def _hook(event, arguments):
    if event == "open":
        path, _, flags = arguments
        _note("write" if isinstance(flags, int) and flags & _WRITING else "read", path)
    elif event in _CHANGES:
        for path, folder in _CHANGES[event]:
            _note("write", arguments[path], -1 if folder is None else arguments[folder])
    elif event in ("os.listdir", "os.scandir"):
        _note("read", arguments[0])
    elif event in _NETWORK:
        address = arguments[1] if event in ("socket.connect", "socket.bind") else arguments[0]
        if event == "socket.bind" and address == ("::1", 0):
            return  # urllib3 finds out so whether the machine has IPv6; nothing is sent
        if event.startswith("socket.get") or not isinstance(address, (str, bytes)):
            os.write(_LOG, f"network\\t{event} {address!r}\\n".encode())

sys.addaudithook(_hook)
"""
"""A `sitecustomize.py`: local sockets of processes have paths; others have an address."""

DRIVER = """
import json, os, subprocess, sys
from cxrcompare.cli.commands import main
for words in json.load(sys.stdin):
    if words[0] == "cd":
        os.chdir(words[1])
        continue
    if words[0] == "copy traps to":  # by another program, which the hook does not record
        subprocess.run(f"cp *.py .numba_config.yaml matplotlibrc keras.json {words[1]}", shell=True)
        continue
    found = main(words)
    if found not in (0, 1 if words[0] == "doctor" else 0):
        sys.exit(f"{words}: {found}")
os._exit(0)
"""
"""Runs commands one after another in one process."""

OTHERS = {
    "sitecustomize",
    "usercustomize",
    "xxhash",
    "cv2",
    "numpy",
    "pandas",
    "scipy",
    "numba",
    "h5py",
    "keras",
    "tensorflow",
    "jax",
    "torch",
    "pydicom",
    "simplejpeg",
    "PIL",
    "psutil",
    "rich",
    "filelock",
    "jinja2",
    "pydantic",
    "sklearn",
    "llvmlite",
    "gdcm",
    "openjpeg",
    "evil",
}
MODULES = OTHERS | {name for name in sys.stdlib_module_names if name not in ("__main__", "this")}
"""Modules that a folder of strangers could have; one that is loaded ends the command."""

SETTINGS = (".numba_config.yaml", "matplotlibrc", "keras.json")
"""Settings that numba, matplotlib and Keras would read from the current folder."""

NETWORK = """
import keras


def small_net(shape):
    inside = keras.Input(shape)
    return keras.Model(inside, keras.layers.Conv2D(4, 3, 2)(inside))
"""

SOURCE = Path(cxrcompare.__file__).parent
MACHINE = ("/proc", "/sys", "/etc", "/dev", "/usr", "/lib", "/run", "/var/lib")
"""Folders of the system, which Python and its libraries read."""


class Audited:
    """A folder of the user beside files that no command may read, and an output folder."""

    def __init__(self, top: Path) -> None:
        self.here, self.out, self._top = top / "here", top / "out", top
        for name in ("here", "out", "home", "temporary", "site"):
            (top / name).mkdir()
        (top / "site" / "sitecustomize.py").write_text(HOOK)
        (top / "site" / "small_nets.py").write_text(NETWORK)
        (self.here / "notes.txt").write_text("private\n")
        for name in (*(f"{module}.py" for module in MODULES), *SETTINGS):
            (self.here / name).write_text("raise SystemExit('a module of the current folder')\n")
        (top / "beside.csv").write_text("private\n")

    def run(self, commands: Sequence[Sequence[str]]) -> None:
        """Runs commands in one process in the user's folder."""
        before = _contents(self.here)
        known = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(self._top / "site"), *known]),
            "AUDIT_LOG": str(self._top / "audit.log"),
            "HOME": str(self._top / "home"),
            "KERAS_HOME": str(self._top / "home" / ".keras"),
            "TMPDIR": str(self._top / "temporary"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        done = subprocess.run(
            [sys.executable, "-P", "-c", DRIVER],
            input=json.dumps(commands),
            cwd=self.here,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert _contents(self.here) == before
        assert not [*(self._top / "temporary").iterdir()]

    def unexpected(self, given: Sequence[str]) -> set[str]:
        """Returns uses of the network, and of files that were neither given nor of the output."""
        written = [self.out, self._top / "temporary", Path("/dev/null")]
        written += [self._top / "home"]  # Keras writes ~/.keras
        python = {sys.prefix, sys.base_prefix, sys.exec_prefix, *sys.path}
        read = [*written, *map(Path, {*python, *MACHINE}), SOURCE]
        read += [self._top / "site", *(self.here / name for name in given)]
        found = set()
        for line in (self._top / "audit.log").read_text().splitlines():
            kind, _, path = line.partition("\t")
            allowed = {"write": written, "read": read, "network": []}[kind]
            cached = Path(path).is_relative_to(SOURCE) and "__pycache__" in path  # numba's
            trap = kind == "read" and (path.endswith(".py") or Path(path).name in SETTINGS)
            if trap and Path(path).is_relative_to(self.out):
                found.add(line)
            if not (cached or any(Path(path).is_relative_to(folder) for folder in allowed)):
                found.add(line)
        return found


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def audited(tmp_path: Path) -> Audited:
    return Audited(tmp_path)


@pytest.fixture
def files(audited: Audited) -> list[str]:
    """Two models, a reference and metadata in the user's folder; returns the words of `compare`."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, (60, 2)).astype(float)
    for name, values in (("reference", labels), ("a", labels), ("b", 1 - labels)):
        shown = labels if name == "reference" else (values + 2 * rng.random((60, 2))) / 3
        frame = pd.DataFrame(shown, columns=["Edema", "Pneumonia"])
        frame.insert(0, "study_id", [f"s{n}" for n in range(60)])
        frame.to_csv(audited.here / f"{name}.csv", index=False)
    return ["a.csv", "b.csv", "--reference", "reference.csv", "--replicates", "100"]


def test_the_hook_sees_what_it_is_to_see(audited):
    code = (
        "import os, socket; open('notes.txt').close(); os.mkdir('new'); os.rmdir('new')\n"
        "os.listdir('..'); socket.getaddrinfo('localhost', 80)"
    )
    environment = {
        "PYTHONPATH": str(audited.here.parent / "site"),
        "AUDIT_LOG": str(audited.here.parent / "audit.log"),
    }
    subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=audited.here, env=environment, check=True
    )
    found = audited.unexpected([])
    assert f"read\t{audited.here / 'notes.txt'}" in found
    assert f"write\t{audited.here / 'new'}" in found
    assert f"read\t{audited.here.parent}" in found
    assert any(line.startswith("network\tsocket.getaddrinfo") for line in found)


def test_commands_without_a_framework_use_only_what_they_are_given(audited, files):
    out = str(audited.out)
    audited.run(
        [
            ["sample", "--out", f"{out}/data", "--images", "40", "--size", "32", "--masks"],
            ["copy traps to", f"{out}/data"],
            ["cd", f"{out}/data"],
            ["prepare", ".", "--out", f"{out}/store", "--size", "32", "--preview", "2"],
            ["cd", str(audited.here)],
            ["compare", *files, "--out", f"{out}/compared"],
            ["report", f"{out}/compared"],
            ["cite", f"{out}/compared", "--out", f"{out}/paper"],
            ["bundle", *files, "--with-labels", "--out", f"{out}/bundle.zip"],
            ["verify", f"{out}/bundle.zip"],
            ["doctor", *files[:4]],
            ["models"],
            ["datasets"],
            ["schema"],
        ]
    )
    assert audited.unexpected(["a.csv", "b.csv", "reference.csv"]) == set()


@pytest.mark.slow
@pytest.mark.keras
def test_commands_with_a_network_use_only_what_they_are_given(audited):
    out, run = str(audited.out), str(audited.out / "run" / "small_net__seed0")
    size = ["--epochs", "1", "--weights", "none", "--image-size", "48", "--deterministic"]
    audited.run(
        [
            ["sample", "--out", f"{out}/data", "--images", "120", "--size", "48"],
            ["copy traps to", f"{out}/data"],
            [
                *("run", "--data", f"{out}/data", "--models", "small_nets:small_net", *size),
                *("--replicates", "100", "--cases", "1", "--out", f"{out}/run"),
            ],
            [
                *("train", "small_nets:small_net", "--store", f"{out}/run/store", *size),
                *("--out", f"{out}/trained"),
            ],
            ["predict", run, f"{out}/data/test", "--out", f"{out}/images.csv"],
            ["explain", run, f"{out}/run/store", "--out", f"{out}/maps", "--shown", "2"],
            ["doctor", run, f"{out}/run/store"],
            ["card", run, "--out", f"{out}/card.md"],
        ]
    )
    assert audited.unexpected([]) == set()

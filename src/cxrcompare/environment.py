"""Versions, hardware and commit, recorded with every result."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil

_PACKAGES = (
    "cxrcompare",
    "keras",
    "tensorflow",
    "tensorflow-cpu",
    "jax",
    "torch",
    "numpy",
    "scipy",
    "numba",
    "pandas",
    "opencv-python-headless",
    "simplejpeg",
    "pillow",
)


def versions() -> dict[str, str]:
    """Returns the versions of Python and of all packages that can change a result."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def cores() -> int:
    """Returns the number of processor cores that this process may use, at least 1."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def hardware() -> dict[str, Any]:
    """Returns the processor's name, the number of usable cores, memory in GiB and the system."""
    return {
        "processor": _processor(),
        "cores": cores(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def commit(folder: str | os.PathLike[str] | None = None) -> str | None:
    """Returns the git commit of this package, with `+changes` if the working tree is dirty.

    Args:
        folder: A folder inside the working tree; this package's folder by default.
    """
    where = folder or Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(where), *words],
            capture_output=True,
            text=True,
            check=True,
            timeout=10,
        ).stdout.strip()

    try:
        if not git("ls-files", "."):  # installed below the checkout of another project
            return None
        return git("rev-parse", "--short=12", "HEAD") + (
            "+changes" if git("status", "--porcelain", "-uno") else ""
        )
    except (OSError, subprocess.SubprocessError):
        return None


def describe() -> dict[str, Any]:
    """Returns versions, hardware and commit, the content of `environment.json`."""
    return {"versions": versions(), "hardware": hardware(), "commit": commit()}


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()

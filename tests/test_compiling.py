"""Tests of compiling: the cache folder of kernels, and which settings files are read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numba.core import config

from cxrcompare import compiling, extras, isolated


def test_a_kernel_is_compiled_where_no_folder_can_be_written(monkeypatch):
    real = compiling.njit

    def njit(cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return real(**options)

    monkeypatch.setattr(compiling, "njit", njit)

    def double(values: np.ndarray) -> np.ndarray:
        for i in range(len(values)):
            values[i] *= 2

    values = np.arange(3.0)
    compiling.compiled(double)(values)
    assert values.tolist() == [0, 2, 4]


def double(values: np.ndarray) -> np.ndarray:
    for i in range(len(values)):
        values[i] *= 2


def kept(kernel: Any) -> Any:
    return kernel.stats.cache_path is not None


def test_a_kernel_is_cached_beside_its_source_or_in_a_folder_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "CACHE_DIR", "")
    assert Path(compiling.compiled(double).stats.cache_path).parent == Path(__file__).parent
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    assert kept(compiling.compiled(double))


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="the profile of a Windows user is his own")
def test_a_cache_that_others_can_write_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path))
    folder = Path(compiling.compiled(double).stats.cache_path)
    folder.chmod(0o777)
    assert not kept(compiling.compiled(double))
    folder.chmod(0o755)
    monkeypatch.setattr(os, "getuid", lambda: os.geteuid() + 1)
    assert not kept(compiling.compiled(double))


def test_a_cache_in_the_current_folder_is_not_used(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(config, "CACHE_DIR", "cache")
    kernel = compiling.compiled(double)
    assert not kept(kernel)
    values = np.arange(3.0)
    kernel(values)
    assert values.tolist() == [0, 2, 4]


def test_settings_in_the_current_folder_are_not_read(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "yaml.py").write_text("def safe_load(file): return {'opt': 1}\n")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / ".numba_config.yaml").touch()
    code = (
        "import numpy as np; from cxrcompare import compiling\n"
        "compiling.njit(lambda x: x + 1)(np.ones(2))  # numba reads its settings again\n"
        "from numba.core import config; print(int(config.OPT)); import yaml\n"
    )
    path = os.pathsep.join([str(tmp_path / "site"), isolated.environment()["PYTHONPATH"]])
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", code],
        cwd=tmp_path / "here",
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["3"]


def test_without_numba_another_function_replaces_a_kernel(monkeypatch):
    monkeypatch.setattr(compiling, "njit", None)

    @compiling.compiled(otherwise=lambda values: values + 1)
    def kernel(values: np.ndarray) -> np.ndarray:
        raise AssertionError("the kernel must not run")

    assert kernel(np.arange(2)).tolist() == [1, 2]


def test_numba_is_suggested_once_and_only_if_it_is_absent(monkeypatch, caplog):
    with caplog.at_level("INFO", logger="cxrcompare"):
        compiling.suggest_numba.cache_clear()
        compiling.suggest_numba()
        assert caplog.messages == []
        monkeypatch.setattr(compiling, "njit", None)
        compiling.suggest_numba.cache_clear()
        compiling.suggest_numba()
        compiling.suggest_numba()
    assert caplog.messages == [
        "numba is not installed; it makes this faster: pip install 'cxrcompare[fast]'"
    ]


def test_without_numba_a_kernel_with_no_other_form_names_the_extra(monkeypatch):
    monkeypatch.setattr(compiling, "njit", None)
    with pytest.raises(extras.MissingError, match=r"\(numba\): pip install 'cxrcompare\[fast\]'"):
        compiling.compiled(double)(np.arange(3.0))

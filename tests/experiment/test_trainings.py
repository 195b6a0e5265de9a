"""Trainings in child processes: which run, what is logged, and how failures are reported."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cxrcompare import environment, isolated
from cxrcompare.errors import InputError, JobError
from cxrcompare.experiment.trainings import train_all

Request = tuple[Path, dict[str, Any]]


@pytest.fixture
def requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Request]]:
    """Makes one training for each code, which runs in place of `cxrcompare.training`."""

    def command(module: str, request: str, folder: str) -> list[str]:
        assert module == "cxrcompare.training"
        code = json.loads(Path(request).read_text())["code"]
        return [sys.executable, "-I", "-S", "-c", code, request, folder]

    monkeypatch.setattr(isolated, "command", command)

    def make(**codes: str) -> list[Request]:
        return [(tmp_path / name, {"code": code}) for name, code in codes.items()]

    return make


def test_every_line_is_logged_and_kept(
    requests: Callable[..., list[Request]], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    code = "import sys; print('epoch 1'); print(); print('a warning', file=sys.stderr)"
    train_all(requests(a=code), jobs=1)
    assert sorted(caplog.messages) == ["a warning", "epoch 1"]
    kept = (tmp_path / "a" / "train.log").read_text().splitlines()
    assert sorted(kept) == ["", "a warning", "epoch 1"]
    train_all(requests(a="print('continued')"), jobs=1)
    assert (tmp_path / "a" / "train.log").read_text().splitlines() == [*kept, "continued"]


def test_a_finished_training_is_not_started(
    requests: Callable[..., list[Request]], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "summary.json").write_text("{}")
    train_all(requests(done="raise SystemExit(1)", new="print('trained')"), jobs=2)
    assert caplog.messages == ["1 of 2 trainings are already finished", "trained"]
    assert not (tmp_path / "done" / "train.log").exists()


def test_the_cores_are_divided_among_the_processes(
    requests: Callable[..., list[Request]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environment, "cores", lambda: 9)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    code = "import os; print(os.environ['OMP_NUM_THREADS'], os.environ['TF_NUM_INTEROP_THREADS'])"
    for jobs, threads in ((4, 2), (20, 1)):
        train_all(requests(**{f"jobs{jobs}": code}), jobs=jobs)
        assert (tmp_path / f"jobs{jobs}" / "train.log").read_text() == f"{threads} {threads}\n"


def test_wrong_input_is_reported_with_the_run_and_without_the_command(
    requests: Callable[..., list[Request]],
) -> None:
    wrong = "print('cxrcompare: `epochs`: must be above 0. Received: 0'); raise SystemExit(2)"
    with pytest.raises(InputError) as caught:
        train_all(requests(broken="raise SystemExit('x')", a__seed0=wrong), jobs=1)
    assert str(caught.value) == "a__seed0: `epochs`: must be above 0. Received: 0"


def test_the_other_trainings_run_although_one_fails(
    requests: Callable[..., list[Request]], tmp_path: Path
) -> None:
    killed = "import os, signal; print('epoch 1', flush=True); os.kill(os.getpid(), signal.SIGTERM)"
    codes = {
        "a": "print('the loss is not finite'); raise SystemExit(1)",
        "b": killed,
        "c": "raise SystemExit(3)",
        "d": "print('trained')",
    }
    with pytest.raises(JobError) as caught:
        train_all(requests(**codes), jobs=1)
    assert str(caught.value) == (
        "3 of 4 trainings failed: a: status 1: the loss is not finite; b: stopped (signal 15); "
        "c: status 3"
    )
    assert (tmp_path / "d" / "train.log").read_text() == "trained\n"

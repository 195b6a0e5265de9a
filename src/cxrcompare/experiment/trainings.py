"""Runs trainings in separate processes, several in parallel, and forwards their messages."""

from __future__ import annotations

import logging
import signal
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import Any

from cxrcompare import environment, isolated
from cxrcompare.errors import InputError, JobError
from cxrcompare.filesystem import files

logger = logging.getLogger(__name__)

_THREADS = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def train_all(requests: Sequence[tuple[Path, dict[str, Any]]], jobs: int) -> None:
    """Trains every unfinished network, each in its own process, which frees its memory at the end.

    Args:
        requests: The run folder and the configuration of each training.
        jobs: Number of parallel processes; the cores are divided among them.

    Raises:
        InputError: A configuration or its data is wrong; the message is that of the first.
        JobError: A training failed; the message names each failed training and the reason.
    """
    waiting = [request for request in requests if not (request[0] / "summary.json").exists()]
    if len(waiting) < len(requests):
        finished = len(requests) - len(waiting)
        logger.info("%d of %d trainings are already finished", finished, len(requests))
    processes: set[subprocess.Popen[str]] = set()
    stop = Event()
    lock = Lock()

    def work(request: tuple[Path, dict[str, Any]]) -> tuple[str, int, str]:
        folder, config = request
        with lock:
            if stop.is_set():
                return folder.name, 0, ""
            process = _start(folder, config, environment.cores() // jobs or 1)
            processes.add(process)
        return folder.name, *_follow(process, folder)

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        results = [pool.submit(work, request) for request in waiting]
        try:
            outcomes = [result.result() for result in results]
        except BaseException:
            with lock:
                stop.set()
            for process in processes:
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)
            raise
    failed = [outcome for outcome in outcomes if outcome[1]]
    for name, status, last in failed:
        if status == 2:
            raise InputError(f"{name}: {last.removeprefix('cxrcompare: ')}")
    if failed:
        reasons = "; ".join(_reason(*outcome) for outcome in failed)
        raise JobError(f"{len(failed)} of {len(requests)} trainings failed: {reasons}")


def _reason(name: str, status: int, last: str) -> str:
    """Returns how a training ended, with its last line unless a signal ended it."""
    return f"{name}: {isolated.ended(status)}" + (f": {last}" if last and status > 0 else "")


def _start(folder: Path, config: dict[str, Any], threads: int) -> subprocess.Popen[str]:
    folder.mkdir(parents=True, exist_ok=True)
    request = folder / "request.json"
    files.write_json(request, config)
    return subprocess.Popen(
        isolated.command("cxrcompare.training", str(request), str(folder)),
        env={**dict.fromkeys(_THREADS, str(threads)), **isolated.environment()},
        stdin=subprocess.PIPE,  # held open: a training ends when this process does
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def _follow(process: subprocess.Popen[str], folder: Path) -> tuple[int, str]:
    """Logs each line of output, also to `train.log`; returns the exit status and the last line."""
    last = ""
    with process, (folder / "train.log").open("a", encoding="utf-8") as log:
        for line in process.stdout or ():
            log.write(line)
            log.flush()
            if line.strip():
                last = line.strip()
                logger.info("%s", last)
    return process.wait(), last

"""Kills `run` at random moments, continues it, and compares all files with an undisturbed run.

    python benchmarks/random_kills.py --kills 20 --folder /tmp/kills

A small experiment (the synthetic sample, one network, few epochs) is run once undisturbed. Then it
is run in another folder, killed with SIGKILL after a random time, and started again with the same
command, until it has been killed `--per-run` times and is finished. Its final files must have the
same bytes; recorded times and addresses in memory are left out of the comparison.
"""

from __future__ import annotations

import argparse
import csv
import io
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

_TIMES = re.compile(r"second|time|speed", re.IGNORECASE)
"""Columns of tables that record times."""

_ADDRESSES = re.compile(rb'"shared_object_id": \d+')
"""Addresses in memory that Keras writes to a network's configuration."""

_COMPARED = (
    "store/images.npy",
    "store/hashes.npy",
    "store/table.csv",
    "*__seed*/history.csv",
    "*__seed*/model.keras",
    "*__seed*/predictions/*.csv",
    "comparison/*.csv",
    "comparison/multilabel_confusion/*.csv",
)
"""The files that must be equal. Costs are times; the report repeats the compared tables."""


def command(out: Path) -> list[str]:
    """Returns the command of the small experiment."""
    words = (
        "--models mobilenet --seeds 0 --weights none --epochs 3 --batch-size 16 "
        "--findings Edema,Cardiomegaly --image-size 32 --sample-images 80 --replicates 200 "
        "--deterministic"
    )
    start = [sys.executable, "-P", "-m", "cxrcompare", "run", *words.split()]
    return [*start, "--out", str(out)]


def start(out: Path, log: Path) -> subprocess.Popen[bytes]:
    """Starts the experiment in a process group of its own."""
    with log.open("ab") as file:
        return subprocess.Popen(
            command(out), stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True
        )


def finish(out: Path, log: Path) -> float:
    """Runs the experiment to its end and returns the seconds.

    Raises:
        SystemExit: The experiment failed.
    """
    begun = time.monotonic()
    if start(out, log).wait() != 0:
        raise SystemExit(f"the experiment failed; see {log}")
    return time.monotonic() - begun


def kill(out: Path, log: Path, seconds: float) -> str:
    """Starts the experiment, kills it after some seconds, and returns the stage that it reached.

    Only the main process is killed, as the kernel does when memory is used up; its children must
    end by themselves. "finished" is returned if the experiment ended before.
    """
    process = start(out, log)
    try:
        process.wait(seconds)
        return "finished"
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    return stage(out)


def stage(out: Path) -> str:
    """Returns the stage of an unfinished experiment, from its files."""
    marks = {
        "comparison": "*__seed*/summary.json",
        "training": "*__seed*/config.json",
        "before training": "store/store.json",
        "images": "store",
        "sample": ".sample*",
    }
    return next((name for name, mark in marks.items() if [*out.glob(mark)]), "start")


def contents(out: Path) -> dict[str, bytes]:
    """Returns {path: bytes} of the files to compare, without recorded times."""
    paths = sorted({path for pattern in _COMPARED for path in out.glob(pattern)})
    return {
        path.relative_to(out).as_posix(): _content(path)
        for path in paths
        if "cost" not in path.name
    }


def _content(path: Path) -> bytes:
    if path.suffix == ".keras":  # metadata.json records the date
        with zipfile.ZipFile(path) as archive:
            config = _ADDRESSES.sub(b"", archive.read("config.json"))
            return config + archive.read("model.weights.h5")
    if path.name != "history.csv":
        return path.read_bytes()
    rows = [*csv.reader(io.StringIO(path.read_text()))]
    kept = [n for n, name in enumerate(rows[0]) if not _TIMES.search(name)]
    return "\n".join(",".join(row[n] for n in kept) for row in rows).encode()


def leftovers(out: Path) -> list[str]:
    """Returns the temporary files that are left in a finished experiment."""
    return [path.relative_to(out).as_posix() for path in out.rglob(".*partial*")]


def main() -> int:
    """Prints each kill and a summary; the exit status is 1 if a file differs or is left over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20, help="number of kills in all")
    parser.add_argument("--per-run", type=int, default=4, help="kills of one experiment")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True, help="new folder for all files")
    given = parser.parse_args()
    given.folder.mkdir(parents=True)
    rng, log = np.random.default_rng(given.seed), given.folder / "log.txt"
    seconds = finish(given.folder / "undisturbed", log)
    expected = contents(given.folder / "undisturbed")
    print(f"undisturbed: {len(expected)} files, {seconds:.0f} s", flush=True)
    stages: Counter[str] = Counter()
    wrong = 0
    while stages.total() < given.kills:
        out = given.folder / f"killed-{stages.total()}"
        for _ in range(min(given.per_run, given.kills - stages.total())):
            reached = kill(out, log, float(rng.uniform(0.05, 0.8)) * seconds)
            stages[reached] += 1
        finish(out, log)
        found, left = contents(out), leftovers(out)
        differ = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
        wrong += bool(differ or left)
        print(
            f"{stages.total()} kills: {len(differ)} files differ {differ[:3]}, {left}", flush=True
        )
        if not differ:
            shutil.rmtree(out)
    print(", ".join(f"{name}: {count}" for name, count in stages.items()))
    print(f"{stages.total()} kills, {wrong} experiments with other files")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())

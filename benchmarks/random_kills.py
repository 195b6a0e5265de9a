"""Kills `run` at random moments, continues it, and compares all files with an undisturbed run.

    python benchmarks/random_kills.py --kills 20 --folder kills

A small experiment (the synthetic sample, one network, few epochs) is run once undisturbed. Then it
is run in another folder, killed with SIGKILL at a random moment of a random stage, and started
again with the same command, until it has been killed `--per-run` times and is finished. Its final
files must have the same bytes; recorded times and addresses in memory are left out of the
comparison.
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

STAGES_MARKS = {
    "start": "(none)",
    "sample": "*sample*",
    "images": "store",
    "before training": "store/store.json",
    "training": "*__seed*/config.json",
    "comparison": "*__seed*/summary.json",
}
"""Stages of an experiment in their order, and the files that show that they have begun."""

STAGES = tuple(STAGES_MARKS)

_POLL = 0.005
"""Seconds between two looks at the files of an experiment."""

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


def finish(out: Path, log: Path) -> dict[str, float]:
    """Runs the experiment to its end and returns the seconds of each stage.

    Raises:
        SystemExit: The experiment failed.
    """
    seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)
    process, before = start(out, log), time.monotonic()
    while process.poll() is None:
        time.sleep(_POLL)
        now = time.monotonic()
        seconds[stage(out)] += now - before
        before = now
    if process.returncode != 0:
        raise SystemExit(f"the experiment failed; see {log}")
    return seconds


def kill(out: Path, log: Path, wanted: str, seconds: float) -> str:
    """Starts the experiment, kills it in a stage, and returns the stage that it reached.

    Only the main process is killed, as the kernel does when memory is used up; its children must
    end by themselves. "finished" is returned if the experiment ended before.

    Args:
        out: Folder of the experiment.
        log: File that takes what it prints.
        wanted: The stage to wait for; a stage that was completed before is not waited for.
        seconds: Time between the beginning of the stage and the kill.
    """
    process = start(out, log)
    while process.poll() is None and STAGES.index(stage(out)) < STAGES.index(wanted):
        time.sleep(_POLL)
    try:
        process.wait(seconds)
        return "finished"
    except subprocess.TimeoutExpired:
        reached = stage(out)
        process.send_signal(signal.SIGKILL)
        process.wait()
    return reached


def stage(out: Path) -> str:
    """Returns the stage of an unfinished experiment, from its files."""
    found = (name for name in reversed(STAGES[1:]) if [*out.glob(STAGES_MARKS[name])])
    return next(found, "start")


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
    spent = ", ".join(f"{name} {of:.1f} s" for name, of in seconds.items())
    print(f"undisturbed: {len(expected)} files; {spent}", flush=True)
    stages: Counter[str] = Counter()
    wrong = 0
    while stages.total() < given.kills:
        out = given.folder / f"killed-{stages.total()}"
        drawn = rng.choice(STAGES, min(given.per_run, given.kills - stages.total()))
        for wanted in sorted(drawn.tolist(), key=STAGES.index):
            reached = kill(out, log, wanted, float(rng.uniform()) * seconds[wanted])
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

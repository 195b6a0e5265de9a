"""Measures in processes of their own, and the table of them, for the training benchmarks."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cxrcompare.environment import hardware, versions

FIVE = ("resnet34", "resnet50", "resnet101", "densenet121", "mobilenet")


def in_process(script: str, *words: str, python: str = sys.executable) -> dict[str, Any]:
    """Runs the script once more, with more options; a failure becomes the row's note."""
    command = [python, script, *sys.argv[1:], *words]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return {"note": (done.stderr.strip().splitlines() or ["failed"])[-1][:200]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def show(row: Mapping[str, Any], fields: Sequence[str]) -> None:
    """Prints a row's fields that are there."""
    print(*(f"{key} {row[key]}" for key in fields if key in row), flush=True)


def write(rows: Sequence[Mapping[str, Any]], fields: Sequence[str], out: Path) -> None:
    """Writes the rows as CSV, with hardware and versions in each."""
    machine = {"hardware": json.dumps(hardware()), "versions": json.dumps(versions())}
    with out.open("w", newline="") as file:
        writer = csv.DictWriter(file, [*fields, *machine])
        writer.writeheader()
        writer.writerows({**row, **machine} for row in rows)

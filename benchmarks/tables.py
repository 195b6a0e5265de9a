"""Times reading, policy, splits and the disjointness check at CheXpert's 223,414 label rows.

    python benchmarks/tables.py [--labels train.csv.gz] [--rows N] [--out tables.csv]

The label rows are those of the file given by --labels or CXRCOMPARE_CHEXPERT_CSV; without one they
are drawn with CheXpert's numbers of images per patient and shares of states, and the table says so.
A release is laid out in a temporary folder with empty image files: readers open none. Beside each
step stands a peer in the same run. The limits are seconds for each step and 1 GB in all. Peak
memory is of the process so far, so it only rises.
"""

from __future__ import annotations

import argparse
import gzip
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cxrcompare import datasets, environment
from cxrcompare.findings import CHEXPERT
from cxrcompare.image_table import ImageTable
from cxrcompare.labels import splits
from cxrcompare.labels.policy import Policy, targets
from cxrcompare.labels.reference_standard import reference

SHARES = np.array([0.7, 0.1, 0.2])
ROWS = 223_414


def main() -> None:
    """Runs every step once and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=Path, default=os.environ.get("CXRCOMPARE_CHEXPERT_CSV"))
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--out", type=Path, help="write the table as a CSV too")
    options = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        source = lay_out(Path(folder) / "CheXpert-v1.0-small", options.labels, options.rows)
        rows = pd.DataFrame(steps(Path(folder)))
    hardware = environment.hardware()
    rows = rows.assign(
        labels=source,
        load_before=round(load, 2),
        processor=hardware["processor"],
        cores=hardware["cores"],
        versions=" ".join(f"{k}={v}" for k, v in _versions().items()),
    )
    shown = ["step", "seconds", "cpu_seconds", "peak_mb", "note"]
    print(f"{source}; load {load:.1f} before; {hardware['processor']}, {hardware['cores']} cores")
    print(rows[shown].to_string(index=False))
    if options.out:
        rows.to_csv(options.out, index=False)


def steps(folder: Path) -> list[dict[str, Any]]:
    """Returns a row for each step and each peer."""
    table_of: list[dict[str, Any]] = []
    csv = folder / "CheXpert-v1.0-small" / "train.csv"

    def step(name: str, work: Callable[[], Any], note: Callable[[Any], str] = lambda _: "") -> Any:
        start, start_cpu = time.perf_counter(), time.process_time()
        result = work()
        table_of.append(
            {
                "step": name,
                "seconds": round(time.perf_counter() - start, 3),
                "cpu_seconds": round(time.process_time() - start_cpu, 3),
                "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
                "note": note(result),
            }
        )
        print(" ".join(f"{k}={v}" for k, v in table_of[-1].items()), file=sys.stderr, flush=True)
        return result

    read = lambda: datasets.read("chexpert", folder)  # noqa: E731
    table = step("read the data set", read, lambda table: f"{len(table)} images")
    step("peer: pandas.read_csv alone", lambda: pd.read_csv(csv))
    step("peer: one listdir per study folder", lambda: listed(table))
    step("policy: targets", lambda: targets(table.states, table.findings, Policy()))
    step("reference", lambda: reference(table, "negative"))
    unsplit = table.with_split(np.full(len(table), ""))
    done = step(
        "splits.assign", lambda: splits.assign(unsplit), lambda t: f"worst miss {miss(t):.2%}"
    )
    hashes = np.random.default_rng(0).integers(0, 256, (len(table), 16), dtype=np.uint8)
    step("splits.check_disjoint with hashes", lambda: splits.check_disjoint(done, hashes))
    library = peer(unsplit)
    if library is not None:
        step("peer: iterative-stratification", library, lambda t: f"worst miss {miss(t):.2%}")
    return table_of


def listed(table: ImageTable) -> int:
    """Lists every study's folder, what `missing` does not do: returns the number of names."""
    folders = {path.rpartition("/")[0] for path in table.rows["path"]}
    return sum(len(os.listdir(table.root / folder)) for folder in folders)  # noqa: PTH208


def miss(table: ImageTable) -> float:
    """Returns the largest miss of a split's share of the images or of a finding's positives."""
    marks = np.column_stack([table.states == 1.0, np.ones(len(table), bool)])
    marks = marks[:, marks.any(axis=0)]
    split = table.rows["split"].to_numpy(object)
    got = np.stack([marks[split == name].sum(axis=0) for name in ("train", "valid", "test")])
    return float(np.abs(got / marks.sum(axis=0) - SHARES[:, None]).max())


def peer(table: ImageTable) -> Callable[[], ImageTable] | None:
    """Returns the library's iterative stratification over patients, where it is installed.

    It takes one row per patient with labels of 0 or 1, so a patient with 90 images weighs as one.
    """
    try:
        from iterstrat.ml_stratifiers import IterativeStratification
    except ImportError:
        print("iterative-stratification is not installed: its row is left out", file=sys.stderr)
        return None

    def work() -> ImageTable:
        patients, names = pd.factorize(table.rows["patient_id"])
        marks = np.concatenate([table.states == 1.0, table.states == -1.0], axis=1)
        counts = [np.bincount(patients, mark, len(names)) > 0 for mark in marks.T]
        random = np.random.RandomState(0)  # the library asks for one
        folds = IterativeStratification(np.stack(counts, axis=1), SHARES, random)
        return table.with_split(np.array(["train", "valid", "test"])[folds[patients]])

    return work


def lay_out(release: Path, labels: Path | None, number: int) -> str:
    """Writes train.csv and its empty images; returns where the label rows come from."""
    if labels:
        labels = Path(labels)
        content = labels.read_bytes()
        text = (gzip.decompress(content) if labels.suffix == ".gz" else content).decode()
        lines = text.splitlines()[: number + 1]
        source = f"{len(lines) - 1} real label rows"
    else:
        lines = drawn(number)
        source = f"{number} drawn label rows"
    made = set()
    for line in lines[1:]:
        image = release.parent / line.partition(",")[0]
        if image.parent not in made:
            image.parent.mkdir(parents=True)
            made.add(image.parent)
        image.touch()
    (release / "train.csv").write_text("\n".join(lines) + "\n")
    return source


def drawn(number: int, seed: int = 0) -> list[str]:
    """Returns the lines of a train.csv with CheXpert's numbers per patient and shares of states."""
    rng = np.random.default_rng(seed)
    lines = [",".join(["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *CHEXPERT])]
    patient = 0
    while len(lines) <= number:
        patient += 1
        for study in range(1, 1 + min(int(rng.geometric(0.34)), 90)):
            states = rng.choice(["1.0", "0.0", "-1.0", ""], 14, p=[0.17, 0.06, 0.04, 0.73])
            for view, plane in (("frontal", "Frontal,AP"), ("lateral", "Lateral,")):
                if view == "lateral" and rng.random() > 0.17:
                    continue
                path = f"train/patient{patient:05}/study{study}/view1_{view}.jpg"
                lines.append(f"CheXpert-v1.0-small/{path},Male,63,{plane},{','.join(states)}")
    return lines[: number + 1]


def _versions() -> dict[str, str]:
    used = ("python", "numpy", "pandas", "cxrcompare")
    return {name: version for name, version in environment.versions().items() if name in used}


if __name__ == "__main__":
    main()

"""Counts what each uncertainty policy turns CheXpert's real training labels into.

    python benchmarks/policies.py chexpert_train.csv.gz --out docs/policy-counts.csv

The label file ships inside the PyPI package torchxrayvision, in its data folder
(`pip download --no-deps torchxrayvision`, then unzip the wheel). It stays where it is: only the
counts are written, and, to standard output, a Markdown table of them.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from cxrcompare.findings import CHEXPERT
from cxrcompare.labels.policy import MIXTURES, RULES, Policy, targets

COLUMNS = (
    "policy",
    "blank",
    "finding",
    "positive",
    "negative",
    "third_class",
    "soft",
    "ignored",
    "mean_of_soft",
)


def count(states: np.ndarray, rule: str, blank: str) -> list[tuple[object, ...]]:
    """Returns one row per finding; the five counts of a finding add up to the images."""
    made = targets(states, CHEXPERT, Policy.model_validate({"policy": rule, "blank": blank}))
    rows: list[tuple[object, ...]] = []
    for column, finding in enumerate(CHEXPERT):
        values, known = made.values[:, column], made.weights[:, column] > 0
        third = made.uncertain[:, column] & known
        hard = known & ~third & np.isin(values, (0, 1))
        soft = known & ~third & ~hard
        numbers = [hard & (values == 1), hard & (values == 0), third, soft, ~known]
        counts = [int(chosen.sum()) for chosen in numbers]
        if sum(counts) != len(states):
            raise ValueError(f"{finding}: {counts} do not add up to {len(states)}")
        mean = round(float(values[soft].mean()), 4) if soft.any() else ""
        rows.append((rule, blank, finding, *counts, mean))
    return rows


def read(path: Path) -> np.ndarray:
    """Returns the label states (N, 14) of a CheXpert label file, whole file or gzip."""
    table = pd.read_csv(path)
    return table[list(CHEXPERT)].to_numpy(dtype=np.float64)


def markdown(counts: pd.DataFrame) -> str:
    """Returns a table: positives / negatives, and what else there is, per finding and policy.

    Policies that count alike (the two smoothings and u-soft; u-ignore and the first stage of
    u-selftrained) share a column.
    """
    parts = ["positive", "negative", "third_class", "soft", "ignored"]
    columns: dict[tuple[tuple[int, ...], ...], list[str]] = {}
    for policy, rows in counts.groupby("policy", sort=False):
        cells = tuple(tuple(row) for row in rows[parts].to_numpy().tolist())
        columns.setdefault(cells, []).append(str(policy))
    findings = counts["finding"].unique()
    lines = ["| finding | " + " | ".join(map(", ".join, columns.values())) + " |"]
    lines.append("| --- |" + " --- |" * len(columns))
    for place, finding in enumerate(findings):
        lines.append(f"| {finding} | " + " | ".join(_cell(*x[place]) for x in columns) + " |")
    return "\n".join(lines)


def _cell(positive: int, negative: int, third: int, soft: int, ignored: int) -> str:
    rest = ((third, "third"), (soft, "soft"), (ignored, "ignored"))
    return f"{positive} / {negative}" + "".join(f", {n} {word}" for n, word in rest if n)


def main() -> None:
    """Counts under every rule and mixture, with blanks negative and ignored."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("labels", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    states = read(arguments.labels)
    rows = [
        row
        for blank in ("negative", "ignore")
        for rule in (*RULES, *MIXTURES)
        for row in count(states, rule, blank)
    ]
    counts = pd.DataFrame(rows, columns=list(COLUMNS))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    counts.to_csv(arguments.out, index=False, lineterminator="\n")
    for blank, part in counts.groupby("blank", sort=False):
        print(f"\n{len(states):,} images, blank: {blank}\n\n{markdown(part)}")


if __name__ == "__main__":
    main()

"""Writes the tables of `docs/results/verdicts.md` from `docs/results/verdicts.csv`.

The CSV has the rows that `verdicts.py` wrote. The text of the page is kept; each table is replaced.

    python benchmarks/verdicts_page.py
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import pandas as pd

RESULTS = Path(__file__).parents[1] / "docs" / "results"
_HIDDEN = 0.9
"""Rows in which so many sets are silent have no rates."""
_EFFECTS = {
    "equal": "equal models",
    "one": "one model better by 0.05",
    "margin": "one model better by 0.02, the margin",
    "separated": "perfect separation",
    "ties": "scores of five values",
    "one finding": "one model better in one finding by 0.05",
    "shapes": "equal models, different shapes",
}


def percent(value: float) -> str:
    """Returns a share as a percentage; empty for NaN."""
    return "" if pd.isna(value) else f"{100 * value:.1f}"


def prevalence(value: str) -> str:
    """Returns a prevalence as a percentage, or the name of the data set."""
    return value if value in ("chexpert", "nih") else f"{100 * float(value):g}%"


def sets(row: pd.Series) -> str:
    """Returns the number of sets."""
    return f"{row['sets']:,}"


def core(row: pd.Series) -> list[object]:
    """Returns the cells of the table of sizes, prevalences and models."""
    hidden = row["no_verdict"] >= _HIDDEN
    rates = ("fwer", "coverage", "coverage_difference", "simultaneous")
    return [
        sets(row),
        f"{row['studies']:,}",
        prevalence(row["prevalence"]),
        row["models"],
        percent(row["no_verdict"]),
        *("" if hidden else percent(row[name]) for name in rates),
    ]


def change(row: pd.Series) -> list[object]:
    """Returns the cells of the table of single changes."""
    rates = ("fwer", "coverage", "coverage_difference", "simultaneous", "power", "equivalent")
    return [
        _EFFECTS[row["effect"]],
        sets(row),
        f"{row['studies']:,}",
        prevalence(row["prevalence"]),
        *(row[name] for name in ("findings", "models", "seeds", "units")),
        f"{row['correlation']:g}",
        *(percent(row[name]) for name in (*rates, "equivalent_false")),
    ]


def metric(row: pd.Series) -> list[object]:
    """Returns the cells of the table of other metrics."""
    rule = "" if pd.isna(row["rule"]) else str(row["rule"])
    rates = ("fwer", "coverage", "coverage_difference", "simultaneous", "power")
    return [
        row["metric"].replace("_", " "),
        sets(row),
        rule + (f" on {row['validation']:,}" if row["validation"] else ""),
        f"{row['studies']:,}",
        prevalence(row["prevalence"]),
        "one model better" if row["effect"] == "one" else "equal models",
        *(percent(row[name]) for name in rates),
    ]


def peer(row: pd.Series) -> list[object]:
    """Returns the cells of the table of peers."""
    rates = ("fwer", "coverage", "coverage_difference")
    return [
        row["tool"],
        f"{row['studies']:,}",
        prevalence(row["prevalence"]),
        row["sets"],
        *(percent(row[name]) for name in rates),
    ]


def unusual(row: pd.Series) -> list[object]:
    """Returns the cells of the table of unusual sets."""
    rates = ("no_verdict", "fwer", "coverage", "coverage_difference", "simultaneous", "power")
    return [
        row["case"],
        row["metric"].replace("_", " "),
        row["models"],
        f"{row['sets']:,}",
        *(percent(row[name]) for name in rates),
    ]


def replace_table(
    page: str, title: str, rows: pd.DataFrame, cells: Callable[[pd.Series], list[object]]
) -> str:
    """Returns the page with new rows in the first table after a title."""
    start = page.index("\n", page.index("| ---", page.index(title))) + 1
    end = page.index("\n\n", start)
    lines = ["| " + " | ".join(map(str, cells(row))) + " |" for _, row in rows.iterrows()]
    return page[:start] + "\n".join(lines) + page[end:]


def main() -> None:
    """Replaces the tables of the page."""
    argparse.ArgumentParser(description=__doc__.split("\n")[0]).parse_args()
    table = pd.read_csv(RESULTS / "verdicts.csv", dtype={"prevalence": str})
    auroc, ours = table["metric"] == "auroc", table["tool"] == "cxrcompare"
    plain = table[["findings", "seeds", "units"]].eq(1).all(axis=1) & (table["effect"] == "equal")
    plain &= (table["correlation"] == 0.7) & (table["studies"] <= 5000) & auroc
    plain &= table["prevalence"].isin(["0.01", "0.02", "0.1", "0.3"])
    page = (RESULTS / "verdicts.md").read_text()
    page = replace_table(page, "## AUROC: sizes", table[plain & ours], core)
    page = replace_table(page, "## AUROC: one change", table[auroc & ~plain & ours], change)
    page = replace_table(page, "## Other metrics", table[~auroc & ours], metric)
    page = replace_table(page, "## Peers", table[~ours], peer)
    cases = pd.read_csv(RESULTS / "unusual_sets.csv")
    page = replace_table(page, "## Unusual test sets", cases, unusual)
    (RESULTS / "verdicts.md").write_text(page)


if __name__ == "__main__":
    main()

"""Optional results: non-inferiority, subgroup gaps, analytic tests, reader bootstrap."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cxrcompare.reporting.results import lookup, numbers
from cxrcompare.reporting.results.lookup import Results
from cxrcompare.reporting.results.pairs import pairs


def non_inferiority(results: Results) -> list[dict[str, Any]]:
    """Returns the non-inferiority tests for the headline scope."""
    return _rows(results.comparison.non_inferiority, results.scope)


def gaps(results: Results) -> list[dict[str, Any]]:
    """Returns each network's subgroup minus the rest of the test set, for the headline scope."""
    return _rows(results.comparison.subgroup_gaps, results.scope)


def significant_gaps(results: Results, name: str) -> list[str]:
    """Returns a sentence per subgroup in which the network is significantly worse."""
    return [
        f"{row['column']} = {row['value']}: AUROC significantly lower than in the rest by "
        f"{numbers.decimal(-row['difference'])} ({numbers.interval(-row['high'], -row['low'])}; "
        f"adjusted {numbers.p_value(row['p_adjusted'])})."
        for row in gaps(results)
        if row["model"] == name
        and row["difference"] < 0
        and numbers.defined(row.get("p_adjusted"))
        and row["p_adjusted"] < results.alpha
    ]


def analytic(results: Results, finding: str) -> list[dict[str, Any]]:
    """Returns the analytic tests of one finding, in the order of the pairs of the forest plot."""
    tests = _rows(results.comparison.analytic, finding)
    found = {(row["model_a"], row["model_b"]): row for row in tests}
    found |= {(row["model_b"], row["model_a"]): _swapped(row) for row in tests}
    shown = [(item.first, item.second) for item in pairs(results, finding)]
    return [found[pair] for pair in shown if pair in found]


def _swapped(row: dict[str, Any]) -> dict[str, Any]:
    """Returns the same test as second minus first."""
    low: Any = row.get("high")
    high: Any = row.get("low")
    return row | {
        "model_a": row["model_b"],
        "model_b": row["model_a"],
        "difference": -row["difference"],
        "low": -low if numbers.defined(low) else None,
        "high": -high if numbers.defined(high) else None,
    }


def gap_cells(results: Results) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Returns `gaps` as {(column, value, network): row}."""
    return {(row["column"], str(row["value"]), row["model"]): row for row in gaps(results)}


def readers_below(results: Results) -> dict[str, float]:
    """Returns each network's number of readers below its ROC curve, mean over findings."""
    return {
        name: mean
        for name, counts in results.comparison.readers_below.items()
        if (mean := counts.get("mean")) is not None and numbers.defined(mean)
    }


def noisy_reference(results: Results) -> dict[str, Any] | None:
    """Returns the reader bootstrap of the reference for the headline scope, or None.

    Keys: readers, rows of {model, value, low, high, reader_sd}.
    """
    size = results.comparison.reference_bootstrap
    rows = _rows(results.comparison.reference_resampled, results.scope, "value")
    return {"readers": size["readers"], "rows": rows} if size and rows else None


def _rows(table: pd.DataFrame, scope: str, number: str = "difference") -> list[dict[str, Any]]:
    found = [row for row in lookup.rows(table) if row["finding"] == scope]
    return [row for row in found if numbers.defined(row[number])]

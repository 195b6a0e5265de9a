"""Further results of a comparison, where it holds them: non-inferiority, gaps, noisy readers."""

from __future__ import annotations

from typing import Any

from cxrcompare.reporting.figures import overview
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results


def non_inferiority(results: Results) -> list[dict[str, Any]]:
    """Returns the rows of the headline: is the first network not worse by the margin?"""
    return _rows(results.comparison.extra.get("non_inferiority"), results.scope)


def gaps(results: Results) -> list[dict[str, Any]]:
    """Returns, of the headline, each network's difference of a subgroup from the rest."""
    return _rows(results.comparison.extra.get("subgroup_gaps"), results.scope)


def significant_gaps(results: Results, name: str) -> list[str]:
    """Returns a sentence per subgroup in which a test says that the network does worse."""
    return [
        f"{row['column']} = {row['value']}: AUROC lower than on the rest by "
        f"{numbers.decimal(-row['difference'])} ({numbers.interval(-row['high'], -row['low'])}; "
        f"adjusted {numbers.p_value(row['p_adjusted'])})."
        for row in gaps(results)
        if row["model"] == name
        and row["difference"] < 0
        and numbers.defined(row.get("p_adjusted"))
        and row["p_adjusted"] < results.alpha
    ]


def analytic(results: Results, finding: str) -> list[dict[str, Any]]:
    """Returns, of one finding, the analytic test of each pair of the forest plot, in its order."""
    held = _rows(results.comparison.extra.get("analytic"), finding)
    found = {(row["model_a"], row["model_b"]): row for row in held}
    found |= {(row["model_b"], row["model_a"]): _turned(row) for row in held}
    pairs = [(item.first, item.second) for item in overview.pairs(results, finding)]
    return [found[pair] for pair in pairs if pair in found]


def _turned(row: dict[str, Any]) -> dict[str, Any]:
    """The same test, second minus first."""
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
    """Returns `gaps` by subgroup's column, its value, and network."""
    return {(row["column"], str(row["value"]), row["model"]): row for row in gaps(results)}


def readers_below(results: Results) -> dict[str, float]:
    """Returns each network's mean number of readers below its curve, over findings."""
    held = results.comparison.extra.get("readers_below")
    if not isinstance(held, dict):
        return {}
    return {
        name: counts["mean"]
        for name, counts in held.items()
        if isinstance(counts, dict) and numbers.defined(counts.get("mean"))
    }


def noisy_reference(results: Results) -> dict[str, Any] | None:
    """Returns the headline with the reference resampled over its readers, or None.

    Keys: readers, replicates, rows of {model, value, low, high, reader_sd}.
    """
    held = results.comparison.extra.get("reference_resampled")
    if not isinstance(held, dict):
        return None
    rows = _rows(held.get("rows"), results.scope, "value")
    return {"readers": held.get("readers"), "rows": rows} if rows else None


def _rows(held: Any, scope: str, number: str = "difference") -> list[dict[str, Any]]:
    if not isinstance(held, list):
        return []
    found = [row for row in held if isinstance(row, dict) and row.get("finding") == scope]
    return [row for row in found if numbers.defined(row.get(number))]

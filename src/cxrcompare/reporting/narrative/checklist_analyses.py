"""What a comparison reports for the items of checklists on its further analyses."""

from __future__ import annotations

from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, title


def subgroups(results: Results) -> str:
    """Returns the groups of each column; empty if there is none."""
    return "; ".join(
        f"{column}: {numbers.listed(list(values))}"
        for column, values in results.comparison.subgroups.items()
    )


def sites(results: Results) -> str:
    """Returns the sites, and whether differences were pooled over them; empty if there is none."""
    table = results.comparison.site_metrics
    names = list(dict.fromkeys(table["site"].astype(str)))
    if not names:
        return ""
    pooled = len(results.comparison.site_pooled) > 0
    how = "; differences pooled with site as a random factor" if pooled else "; not pooled"
    return f"{numbers.plural(len(names), 'site')}: {numbers.listed(names)}{how}"


def site_results(results: Results) -> str:
    """Returns the spread of differences between sites; empty if there is none."""
    table = results.comparison.site_pooled
    chosen = table[table["finding"] == results.scope]
    spread = [
        f"{row.model_a} minus {row.model_b} {numbers.decimal(row.tau)} "
        f"({numbers.interval(row.tau_low, row.tau_high)})"
        for row in chosen.itertuples()
    ]
    if not spread:
        return ""
    return f"standard deviation of AUROC differences between sites, {results.scope}: " + "; ".join(
        spread
    )


def fairness(results: Results) -> str:
    """Returns the tested gaps between groups; empty if there is none."""
    table = results.comparison.subgroup_gaps
    if not table["p_adjusted"].notna().any():
        return ""
    columns = numbers.listed(list(dict.fromkeys(table["column"].astype(str))))
    margins = sorted(set(table[table["threshold"].isna()]["margin"].dropna()))
    within = f", margin {numbers.listed([f'{one:g}' for one in margins])}" if margins else ""
    return f"gaps between groups of {columns} tested{within}"


def recalibration(results: Results) -> str:
    """Returns how models were recalibrated; empty if there is none."""
    used = [
        one for one in dict.fromkeys(results.comparison.recalibrated["version"]) if one != "raw"
    ]
    return f"recalibration on validation: {numbers.listed(used)}" if used else ""


def ensembles(results: Results) -> str:
    """Returns the ensembles; empty if there is none."""
    return "; ".join(
        f"{row['name']}: {row['description'].removeprefix('ensemble, ')}"
        for row in results.comparison.models
        if row["kind"] == "ensemble"
    )


def robustness(results: Results) -> str:
    """Returns the sensitivity analyses; empty if there is none."""
    one = results.comparison
    parts = [
        subgroups(results),
        "a second reference standard" if len(one.reference_models) else "",
        "correction for error rates of the labeller" if len(one.label_correction) else "",
    ]
    return "; ".join(part for part in parts if part)


def explanation(results: Results) -> str:
    """Returns how maps of networks were measured; empty if there is none."""
    metrics = list(dict.fromkeys(results.comparison.localisation["metric"]))
    if not metrics:
        return ""
    return f"maps against regions of findings: {numbers.listed([title(one) for one in metrics])}"

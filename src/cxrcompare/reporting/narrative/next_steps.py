"""Next steps: what would make this comparison say more, only where its numbers ask for it."""

from __future__ import annotations

from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results


def seeds_matter(results: Results) -> list[str]:
    """Returns the networks whose seeds move the headline more than the patients do."""
    found = []
    for name in results.networks:
        estimate = results.estimate(name, results.scope)
        if (
            estimate
            and numbers.defined(estimate.seed_sd)
            and numbers.defined(estimate.patient_sd)
            and estimate.seed_sd > estimate.patient_sd
        ):
            found.append(name)
    return found


def next_steps(results: Results) -> list[str]:
    """Returns the next steps, one sentence each."""
    steps = []
    single = [name for name in results.networks if len(_seeds(results, name)) == 1]
    if single and len(results.networks) > 1:
        who = "Each network" if len(single) == len(results.networks) else numbers.listed(single)
        steps.append(
            f"{who} was trained with one seed: the intervals hold the noise of patients, not of "
            "training. Train each with at least three seeds before choosing between neighbours."
        )
    noisy = seeds_matter(results)
    if noisy:
        steps.append(
            f"Seeds move {numbers.listed(noisy)} more than patients do: more seeds, or an average "
            "of seeds, will narrow the interval more than a larger test set."
        )
    few = [
        row
        for row in results.comparison.counts.to_dict("records")
        if numbers.defined(row["positives"]) and row["positives"] < 20
    ]
    if few:
        told = numbers.listed(
            [f"{row['finding']} ({numbers.count(row['positives'])})" for row in few]
        )
        steps.append(
            f"Fewer than 20 positives: {told}. Collect more before judging these findings."
        )
    source = results.comparison.protocol.get("thresholds_source")
    if source == "none":
        steps.append(
            "There are no thresholds: give validation predictions for accuracy, sensitivity and "
            "specificity."
        )
    elif source in (None, "", "fixed", "0.5"):
        steps.append(
            "Thresholds were not chosen on validation data: give validation predictions before "
            "reading accuracy, sensitivity or specificity."
        )
    if results.comparison.protocol.get("synthetic"):
        steps.append(
            "The radiographs are synthetic: repeat the comparison on real ones. Nothing here says "
            "how these networks do on patients."
        )
    return steps


def _seeds(results: Results, name: str) -> list[object]:
    for row in results.comparison.models:
        if row["name"] == name:
            return list(row.get("seeds") or [])
    return []

"""Next steps: recommendations that follow from the numbers of the comparison."""

from __future__ import annotations

from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results


def seeds_matter(results: Results) -> list[str]:
    """Returns the networks whose headline varies more between seeds than over patients."""
    found = []
    for name in results.networks:
        estimate = results.estimate(name, results.scope)
        if estimate and estimate.seeds_dominate:
            found.append(name)
    return found


def next_steps(results: Results) -> list[str]:
    """Returns the next steps, one sentence each."""
    steps = []
    single = [name for name in results.networks if len(_seeds(results, name)) == 1]
    if single and len(results.networks) > 1:
        every = len(single) == len(results.networks)
        subject = "Every network" if every else numbers.listed(single)
        verb = "was" if every or len(single) == 1 else "were"
        steps.append(
            f"{subject} {verb} trained with one seed: the intervals cover the sampling of "
            "patients, but not the variation between trainings. Train at least three seeds each "
            "before choosing between networks with similar results."
        )
    noisy = seeds_matter(results)
    if noisy:
        steps.append(
            f"The variation between seeds of {numbers.listed(noisy)} is larger than that over "
            "patients: more seeds will narrow the interval more than a larger test set."
        )
    few = [
        row
        for row in results.comparison.counts.to_dict("records")
        if numbers.defined(row["positives"]) and row["positives"] < 20
    ]
    if few:
        counts = numbers.listed(
            [f"{row['finding']} ({numbers.count(row['positives'])})" for row in few]
        )
        steps.append(
            f"Fewer than 20 positives: {counts}. Collect more before drawing conclusions on these "
            "findings."
        )
    source = results.comparison.protocol.get("thresholds_source")
    if source == "none":
        steps.append(
            "There are no thresholds: provide validation predictions to obtain accuracy, "
            "sensitivity and specificity."
        )
    elif source in (None, "", "fixed", "0.5"):
        steps.append(
            "Thresholds were not chosen on validation data: provide validation predictions before "
            "interpreting accuracy, sensitivity or specificity."
        )
    if results.comparison.protocol.get("synthetic"):
        steps.append(
            "The radiographs are synthetic: repeat the comparison on real ones. These results do "
            "not show how the networks perform on patients."
        )
    return steps


def _seeds(results: Results, name: str) -> list[object]:
    for row in results.comparison.models:
        if row["name"] == name:
            return list(row.get("seeds") or [])
    return []

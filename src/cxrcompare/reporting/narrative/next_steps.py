"""Next steps: recommendations that follow from the numbers of the comparison."""

from __future__ import annotations

import itertools

from cxrcompare.comparison.row_types.main_rows import SampleSizeRow
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows


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
    steps += _sample_size(results)
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


def _sample_size(results: Results) -> list[str]:
    """Returns the sentence on the sample size that the headline needs, if pairs are undecided."""
    pairs = itertools.combinations(results.networks, 2)
    found = [results.difference(first, second, results.scope) for first, second in pairs]
    if not any(one is not None and one.verdict == "undecided" for one in found):
        return []
    for row in rows(results.comparison.sample_size, SampleSizeRow):
        if row.finding != results.scope or not numbers.defined(row.unit_variance):
            continue
        many = results.unit_words[1]
        wanted = (
            (row.studies_difference, f"to detect a difference of {row.margin:g} AUROC"),
            (row.studies_equivalence, "to show that equal networks differ by less than that"),
        )
        needed = [
            f"about {numbers.count(units)} {many} {purpose}"
            for units, purpose in wanted
            if numbers.defined(units)
        ]
        if not needed:
            return [
                f"No test set is large enough to detect a difference of {row.margin:g} AUROC: the "
                "variation between seeds is too large. Train more seeds."
            ]
        return [
            f"Two networks of this comparison need {numbers.listed(needed)}, with a power of "
            f"{numbers.percent(numbers.number(row.power))} and corrected for all pairs. This test "
            f"set has {numbers.count(row.studies_present)}."
        ]
    return []


def _seeds(results: Results, name: str) -> list[object]:
    for row in results.comparison.models:
        if row["name"] == name:
            return list(row.get("seeds") or [])
    return []

"""The section on decisions: use at a site, treating all or none, costs, ensembles."""

from __future__ import annotations

from cxrcompare.comparison.result.content_types import ModelRow
from cxrcompare.comparison.row_types.decision_rows import (
    AtPrevalenceRow,
    CostDifferenceRow,
    TreatmentRow,
)
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.estimated import Difference
from cxrcompare.reporting.results.lookup import OVER_FINDINGS, Results, rows
from cxrcompare.reporting.results.pairs import words as words_of_pairs
from cxrcompare.reporting.sections.section import Section, ShownTable, shown

_MOST_ROWS = 100
_MOST_NAMED = 3
_SHOWN = ("flags", "missed", "false_alarms", "ppv", "npv", "number_needed_to_evaluate", "cost")
_QUESTION = "Worth using here?"
_NOTE = (
    "Flags, missed cases, false alarms and cost are per 1,000 patients at the thresholds, "
    "and follow from sensitivity and specificity on this test set: patients at "
    "another site may differ in more than prevalence (spectrum), and the numbers then do not hold. "
    "net_benefit_opponents.csv has all tests against treating all and none, cost_differences.csv "
    "those of the costs."
)


def section(results: Results) -> Section | None:
    """Returns the section, or None if no network has a threshold."""
    site = rows(results.comparison.at_prevalence, AtPrevalenceRow)
    opponents = rows(results.comparison.net_benefit_opponents, TreatmentRow)
    ensembles = _ensembles(results)
    if not (site or opponents or ensembles):
        return None
    return Section(
        "decisions",
        "Use at a site",
        (*_of_opponents(opponents), *_of_costs(results), *_of_ensembles(results)),
        (*_site_table(site), *ensembles),
        _NOTE,
        question=_QUESTION,
        verdict=_worth_using(opponents),
        early=True,
    )


def _of_opponents(opponents: list[TreatmentRow]) -> list[str]:
    """Returns in how many tests a network is better than both treating all and treating none."""
    verdicts = _verdicts(opponents)
    if not verdicts:
        return []
    better = sum(_better_than_both(found) for found in verdicts.values())
    worse = sum("worse" in found.values() for found in verdicts.values())
    return [
        f"Net benefit is significantly higher than that of treating all and of treating none in "
        f"{better} of {len(verdicts)} cases (networks, findings and threshold probabilities), and "
        f"significantly lower than one of the two in {worse}; the others are undecided."
    ]


def _verdicts(opponents: list[TreatmentRow]) -> dict[tuple[str, str, float], dict[str, str]]:
    """Returns {(network, finding, threshold): {opponent: verdict}} of the tests."""
    found: dict[tuple[str, str, float], dict[str, str]] = {}
    for row in opponents:
        if row.verdict:
            key = row.model, row.finding, numbers.number(row.threshold)
            found.setdefault(key, {})[row.opponent] = row.verdict
    return found


def _better_than_both(verdicts: dict[str, str]) -> bool:
    return len(verdicts) == 2 and set(verdicts.values()) == {"better"}


def _worth_using(opponents: list[TreatmentRow]) -> str:
    """Returns for which findings a network is better than both treating all and treating none."""
    verdicts = _verdicts(opponents)
    findings = list(dict.fromkeys(key[1] for key in verdicts if key[1] not in OVER_FINDINGS))
    worth = {key[1] for key, found in verdicts.items() if _better_than_both(found)}
    missing = [name for name in findings if name not in worth]
    if not findings:
        return ""
    than = "flagging every patient and flagging none (net benefit)"
    if not worth:
        return f"No network is shown to be better than {than}."
    words = f"At least one network is shown to be better than {than}"
    if len(findings) == 1:
        return f"{words}."
    words += f" for {len(worth)} of {len(findings)} findings"
    if not missing:
        return f"{words}."
    if len(missing) > _MOST_NAMED:
        return f"{words}, but not for the other {len(missing)}."
    return f"{words}, but not for {numbers.alternatives(missing)}."


def _of_costs(results: Results) -> list[str]:
    pairs = rows(results.comparison.cost_differences, CostDifferenceRow)
    tested = [row for row in pairs if row.verdict]
    if not tested:
        return []
    decided = [row for row in tested if row.verdict != "undecided"]
    which = words_of_pairs((row.model_a, row.model_b) for row in tested)
    text = f"At the given costs, {len(decided)} of {len(tested)} {which} differ"
    if decided:
        most = max(decided, key=lambda row: abs(row.difference or 0.0))
        cheap, dear = most.model_a, most.model_b
        if most.verdict == "b_better":
            cheap, dear = dear, cheap
        text += (
            f"; most for {most.finding}, where {cheap} costs "
            f"{numbers.decimal(abs(most.difference or 0.0), 1)} less per 1,000 patients than {dear}"
        )
    return [f"{text}. A pair that does not differ significantly is undecided, not equal."]


def _of_ensembles(results: Results) -> list[str]:
    """Returns how many ensembles are significantly better than the best single network."""
    tested = [pair for _, pair in _against_single(results) if pair and pair.verdict]
    if not tested:
        return []
    better = sum(pair.verdict == "a_better" for pair in tested)
    return [
        f"Of {numbers.plural(len(tested), 'ensemble')}, {better} "
        f"{'is' if better == 1 else 'are'} significantly better than {tested[0].second}, the "
        "single network with the highest AUROC."
    ]


def _against_single(results: Results) -> list[tuple[ModelRow, Difference | None]]:
    """Returns each ensemble, and its difference to the first single network by rank."""
    models = [model for model in results.comparison.models if model["kind"] != "trivial"]
    single = [model["name"] for model in models if model["kind"] != "ensemble"]
    return [
        (model, results.difference(model["name"], single[0], results.scope) if single else None)
        for model in models
        if model["kind"] == "ensemble"
    ]


def _site_table(site: list[AtPrevalenceRow]) -> tuple[ShownTable, ...]:
    by_case: dict[tuple[str, str], dict[str, AtPrevalenceRow]] = {}
    for row in site:
        by_case.setdefault((row.finding, row.model), {})[row.quantity] = row
    quantities = [one for one in _SHOWN if any(one in found for found in by_case.values())]
    heads = {
        "flags": "Flags",
        "missed": "Missed",
        "false_alarms": "False alarms",
        "ppv": "PPV",
        "npv": "NPV",
        "number_needed_to_evaluate": "Flags per true one",
        "cost": "Cost",
    }
    body = []
    for (finding, model), found in by_case.items():
        first = next(iter(found.values()))
        cells = [_cell(found.get(one), 3 if one in ("ppv", "npv") else 1) for one in quantities]
        body.append(
            (finding, model, f"{numbers.decimal(first.prevalence)}, {first.source}", *cells)
        )
    head = ("Finding", "Network", "Prevalence", *(heads[one] for one in quantities))
    caption = "Per 1,000 patients at the site"
    return shown(caption, head, body, 3, _MOST_ROWS, "at_prevalence.csv")


def _cell(row: AtPrevalenceRow | None, digits: int) -> str:
    if row is None:
        return ""
    return numbers.with_interval(row.value, row.low, row.high, digits)


def _ensembles(results: Results) -> tuple[ShownTable, ...]:
    found = _against_single(results)
    costs = any((model["cost"] or {}).get("parameters") for model, _ in found)
    compared = next((pair.second for _, pair in found if pair), "")
    head = ["Ensemble", "Members", f"AUROC minus {compared}", "Interval", "Adjusted p"]
    body = []
    for model, pair in found:
        cells = [model["name"], model["description"]]
        if compared:
            cells += [
                numbers.signed(pair.value if pair else None),
                pair.interval if pair else "",
                numbers.p_value(pair.p_adjusted if pair else None),
            ]
        if costs:
            cells.append(numbers.compact((model["cost"] or {}).get("parameters")))
        body.append(cells)
    head = head if compared else head[:2]
    return shown("Ensembles", [*head, "Parameters"] if costs else head, body, 2)

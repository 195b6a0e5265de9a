"""The section on decisions: use at a site, treating all or none, calibration, ensembles."""

from __future__ import annotations

from cxrcompare.comparison.row_types.calibration_rows import (
    CalibrationDifferenceRow,
    CalibrationRow,
)
from cxrcompare.comparison.row_types.decision_rows import (
    AtPrevalenceRow,
    CostDifferenceRow,
    TreatmentRow,
)
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import OVER_FINDINGS, Results, rows
from cxrcompare.reporting.sections.section import Section, ShownTable, shown

_MOST_ROWS = 200
_MOST_NAMED = 3
_SHOWN = ("flags", "missed", "false_alarms", "ppv", "npv", "number_needed_to_evaluate", "cost")
_QUESTION = "Worth using here?"
_NOTE = (
    "Flags, missed cases, false alarms and cost are per 1,000 patients at the thresholds, "
    "and follow from sensitivity and specificity on this test set: patients at "
    "another site may differ in more than prevalence (spectrum), and the numbers then do not hold. "
    "The calibration error is smoothed, without bins and without bias: its interval contains 0 if "
    "a network is calibrated. recalibrated.csv has every network recalibrated on validation; "
    "net_benefit_opponents.csv has all tests against treating all and none."
)


def section(results: Results) -> Section | None:
    """Returns the section, or None if no network has a threshold or probabilities."""
    site = rows(results.comparison.at_prevalence, AtPrevalenceRow)
    opponents = rows(results.comparison.net_benefit_opponents, TreatmentRow)
    errors = rows(results.comparison.calibration_errors, CalibrationRow)
    if not (site or opponents or errors):
        return None
    return Section(
        "decisions",
        "Use at a site",
        (*_of_opponents(opponents), *_of_costs(results), *_of_calibration(results, errors)),
        (*_site_table(site), *_error_table(errors), *_ensembles(results)),
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
    text = f"At the given costs, {len(decided)} of {len(tested)} pairs of networks differ"
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


def _of_calibration(results: Results, errors: list[CalibrationRow]) -> list[str]:
    tested = [row for row in errors if numbers.defined(row.p_adjusted)]
    if not tested:
        return []
    wrong = [row for row in tested if (row.p_adjusted or 0.0) < results.alpha]
    pairs = rows(results.comparison.calibration_differences, CalibrationDifferenceRow)
    apart = sum(row.verdict in ("a_better", "b_better") for row in pairs)
    known = sum(row.verdict != "" for row in pairs)
    found = [
        f"Probabilities are significantly miscalibrated in {len(wrong)} of {len(tested)} cases "
        "(networks and findings)."
    ]
    if known:
        found.append(f"Calibration differs significantly in {apart} of {known} pairs of networks.")
    return found


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
    ends = numbers.interval(row.low, row.high, digits)
    return numbers.decimal(row.value, digits) + (f" ({ends})" if ends else "")


def _error_table(errors: list[CalibrationRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Smoothed calibration error, in probability",
        ("Finding", "Network", "Error", "Interval", "Calibrated, adjusted"),
        [
            (
                row.finding,
                row.model,
                numbers.decimal(row.error),
                numbers.interval(row.low, row.high),
                numbers.p_value(row.p_adjusted),
            )
            for row in errors
        ],
        2,
        _MOST_ROWS,
        "calibration_errors.csv",
    )


def _ensembles(results: Results) -> tuple[ShownTable, ...]:
    return shown(
        "Ensembles",
        ("Ensemble", "Members"),
        [
            (model["name"], model["description"])
            for model in results.comparison.models
            if model["kind"] == "ensemble"
        ],
        2,
    )

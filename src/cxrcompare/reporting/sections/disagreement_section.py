"""The section on where networks disagree: agreement, joint errors and the units to look at."""

from __future__ import annotations

from cxrcompare.comparison.row_types.agreement_rows import (
    DisagreementRow,
    JointErrorRow,
    ModelAgreementRow,
)
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import OVER_FINDINGS, Results, rows
from cxrcompare.reporting.sections.section import Section, ShownTable, percent, shown

_KINDS = {
    "one_right": "one network alone is right",
    "all_wrong": "all networks are wrong",
    "split": "the networks are divided",
}
_MOST_ROWS = 60
_PER_KIND = 3


def section(results: Results) -> Section | None:
    """Returns the section, or None if fewer than two networks have thresholds."""
    joint = rows(results.comparison.joint_errors, JointErrorRow)
    pairs = [
        row
        for row in rows(results.comparison.model_agreement, ModelAgreementRow)
        if row.finding == results.scope and numbers.defined(row.kappa)
    ]
    if not joint:
        return None
    scope = OVER_FINDINGS.get(results.scope, results.scope)
    return Section(
        "disagreement",
        "Where networks disagree",
        (*_errors(results, joint), *_agreement(pairs)),
        (
            *shown(
                f"Cohen’s kappa at the thresholds, {scope}",
                ("Network", "Network", "Kappa", "Interval", "Same call"),
                [
                    (
                        row.model_a,
                        row.model_b,
                        numbers.decimal(row.kappa),
                        numbers.interval(row.low, row.high),
                        percent(row.agreement or 0.0),
                    )
                    for row in sorted(pairs, key=lambda row: row.kappa or 0.0)
                ],
                2,
                _MOST_ROWS,
                "model_agreement.csv",
            ),
            *_alone(results, joint),
            *_cases(results),
        ),
        "A call is positive if the score is at least the threshold; of several seeds the majority "
        "counts. Kappa is 1 for the same calls and 0 for the agreement expected by chance. "
        "disagreements.csv has more units.",
        question="Which cases should we look at?",
    )


def _errors(results: Results, joint: list[JointErrorRow]) -> list[str]:
    once = {row.finding: row for row in joint}.values()
    units = sum(row.units or 0 for row in once)
    right = sum(row.all_right or 0 for row in once)
    wrong = sum(row.all_wrong or 0 for row in once)
    if not units:
        return []
    number = len(results.networks)
    every = "both" if number == 2 else f"all {numbers.spelled(number)}"
    return [
        f"Of {numbers.count(units)} calls (units and findings), {every} networks are right in "
        f"{percent(right / units)} and {every.split()[0]} are wrong in {percent(wrong / units)}; "
        f"they disagree in {percent((units - right - wrong) / units)}."
    ]


def _agreement(pairs: list[ModelAgreementRow]) -> list[str]:
    if not pairs:
        return []
    least, most = (choose(pairs, key=lambda row: row.kappa or 0.0) for choose in (min, max))
    found = [f"{least.model_a} and {least.model_b} agree least ({_kappa(least)})"]
    if most is not least:
        found.append(f"{most.model_a} and {most.model_b} most ({_kappa(most)})")
    return ["; ".join(found) + "."]


def _kappa(row: ModelAgreementRow) -> str:
    return f"kappa {numbers.decimal(row.kappa, 2)}, {numbers.interval(row.low, row.high, 2)}"


def _alone(results: Results, joint: list[JointErrorRow]) -> tuple[ShownTable, ...]:
    sums: dict[str, list[float]] = {name: [0.0, 0.0, 0.0] for name in results.networks}
    for row in joint:
        for column, value in enumerate((row.right_alone, row.wrong_alone, row.units)):
            sums[row.model][column] += value or 0.0
    return shown(
        "Calls in which one network alone is right or wrong, all findings",
        ("Network", "Right alone", "Wrong alone", "Calls"),
        [
            (name, *(numbers.count(value) for value in values))
            for name, values in sorted(sums.items(), key=lambda item: item[1][1] - item[1][0])
        ],
        1,
    )


def _cases(results: Results) -> tuple[ShownTable, ...]:
    seen: dict[tuple[str, str], int] = {}
    body: list[tuple[str, ...]] = []
    for row in rows(results.comparison.disagreements, DisagreementRow):
        key = row.finding, row.kind
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > _PER_KIND or len(body) == _MOST_ROWS:
            continue
        label = {1.0: "positive", 0.0: "negative"}.get(numbers.number(row.label), "unknown")
        body.append(
            (
                row.finding,
                _KINDS.get(row.kind, row.kind),
                row.id,
                label,
                row.right_alone,
                f"{numbers.count(row.positive)} of {numbers.count(row.models)}",
            )
        )
    return shown(
        f"The {_PER_KIND} strongest cases of each finding and kind",
        ("Finding", "Kind", "Id", "Reference", "Right alone", "Positive calls"),
        body,
        5,
    )

"""The section on operating points: what networks do at the same rate."""

from __future__ import annotations

from cxrcompare.comparison.row_types.decision_rows import OperatingPointRow
from cxrcompare.reporting.figures.analyses import rate_figures
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows
from cxrcompare.reporting.sections.section import Section, ShownTable, shown

_OWN = "own threshold"
_MOST_ROWS = 100
_NAMES = {
    "same sensitivity": "At the same sensitivity, specificity",
    "same specificity": "At the same specificity, sensitivity",
    "same flags": "With the same number of flags, sensitivity",
    _OWN: "At their own thresholds, sensitivity or specificity",
}
_NOTE = (
    "Flags and missed cases are per 1,000 patients at the prevalence of the site, or of the test "
    "set if none was given. A network that has fewer flags at the same sensitivity has fewer false "
    "alarms. At own thresholds a network is often better in one rate and worse in the other. The "
    "tests are paired and adjusted, and stand in differences.csv; a pair without a significant "
    "difference is undecided, not equal. operating_points.csv has all rows."
)


def section(results: Results) -> Section | None:
    """Returns the section, or None without operating points."""
    found = rows(results.comparison.operating_points, OperatingPointRow)
    found = [row for row in found if row.model in results.networks]
    if not found:
        return None
    return Section(
        "operating",
        "Operating points",
        tuple(_sentences(results, found)),
        _table(found),
        _NOTE,
        question="What do they do at the same sensitivity, or with the same number of flags?",
        figures=rate_figures.operating_points(results, found),
        early=True,
    )


def _sentences(results: Results, found: list[OperatingPointRow]) -> list[str]:
    tested = [row for row in found if row.tested]
    if not tested or len(results.networks) < 2:
        return ["Networks are not compared at operating points: nothing was tested."]
    sentences = []
    for point, words in _NAMES.items():
        own = [row for row in tested if row.point == point]
        if not own:
            continue
        findings = {row.finding for row in own}
        models = len({row.model for row in own})
        tests = len(findings) * models * (models - 1) // 2
        tests *= 2 if point == _OWN else 1
        clear = round(sum(row.better_than or 0 for row in own))
        sentences.append(
            f"{words} differs significantly in {clear} of {numbers.plural(tests, 'comparison')} "
            f"of two networks (each finding counts){_most(own)}."
        )
    return sentences


def _most(own: list[OperatingPointRow]) -> str:
    """Returns which one network is better than others most often at an operating point."""
    counts: dict[str, float] = {}
    for row in own:
        counts[row.model] = counts.get(row.model, 0) + (row.better_than or 0)
    most = max(counts.values())
    best = [name for name, count in counts.items() if count == most]
    return f"; {best[0]} is most often the better one" if most and len(best) == 1 else ""


def _table(found: list[OperatingPointRow]) -> tuple[ShownTable, ...]:
    return shown(
        "Each network at each operating point",
        (
            "Finding",
            "Operating point",
            "Network",
            "Sensitivity",
            "Specificity",
            "Flags",
            "Missed",
            "PPV",
            "Better than",
            "Worse than",
        ),
        [
            (
                row.finding,
                _point(row),
                row.model,
                _with(row.sensitivity, row.sensitivity_low, row.sensitivity_high, 3),
                _with(row.specificity, row.specificity_low, row.specificity_high, 3),
                _with(row.flags, row.flags_low, row.flags_high, 0),
                _with(row.missed, row.missed_low, row.missed_high, 1),
                _with(row.ppv, row.ppv_low, row.ppv_high, 3),
                numbers.count(row.better_than) if row.tested else numbers.UNDEFINED,
                numbers.count(row.worse_than) if row.tested else numbers.UNDEFINED,
            )
            for row in found
        ],
        3,
        _MOST_ROWS,
        "operating_points.csv",
    )


def _point(row: OperatingPointRow) -> str:
    if row.point == "same flags" and numbers.defined(row.target):
        return f"{row.point}, {numbers.decimal(row.target, 0)}"
    return rate_figures.target(row)


def _with(value: float | None, low: float | None, high: float | None, digits: int) -> str:
    """Returns an estimate with its interval; a rate that is given has none."""
    if low == high:
        return numbers.decimal(value, digits)
    return numbers.with_interval(value, low, high, digits)

"""The section on fairness: gaps between groups of patients, with three verdicts."""

from __future__ import annotations

from statistics import median

from cxrcompare.comparison.row_types.group_rows import GapDifferenceRow, SubgroupGapRow
from cxrcompare.comparison.subgroups.gap_rows import MOST_NETWORKS
from cxrcompare.reporting.figures.analyses import gap_figures
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows
from cxrcompare.reporting.sections.section import Section, shown

_NAMES = {
    "auroc": "AUROC",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "observed_minus_expected": "observed minus expected share of positives",
    "net_benefit": "net benefit",
}
_VERDICTS = {
    "higher": "higher",
    "lower": "lower",
    "no_relevant_gap": "no gap larger than the margin",
    "undecided": "not enough patients to tell",
}
_NOTE = (
    "A gap is the group minus the other group at the network’s threshold. A gap of false-negative "
    "or false-positive rate is minus that of sensitivity or specificity. Tests are adjusted over "
    "groups and networks for each metric. “No gap larger than the margin” needs two one-sided "
    "tests. “Not enough patients to tell” is no sign of fairness: the detectable gap is what one "
    "test finds with the stated power. Net benefit differs between groups of different prevalence."
    "The tables here are of the mean over findings; subgroup_gaps.csv has every finding, "
    f"gap_differences.csv too with up to {MOST_NETWORKS} networks."
)
_MOST_NAMED = 6
_MOST_ROWS = 200


def section(results: Results) -> Section | None:
    """Returns the section, or None without groups."""
    gaps = [
        row
        for row in rows(results.comparison.subgroup_gaps, SubgroupGapRow)
        if row.finding == results.scope and row.metric in _NAMES and row.verdict
    ]
    apart = [
        row
        for row in rows(results.comparison.gap_differences, GapDifferenceRow)
        if row.finding == results.scope and row.verdict
    ]
    if not gaps:
        return None
    return Section(
        "fairness",
        "Fairness",
        (_counts(gaps), *_significant(gaps), *_within(gaps), *_between(apart)),
        (
            *shown(
                "Gaps between groups, each network",
                (
                    "Network",
                    "Group",
                    "Against",
                    "Metric",
                    "Verdict",
                    "Gap",
                    "Interval",
                    "Margin",
                    "Detectable",
                ),
                [
                    (
                        row.model,
                        f"{row.column} = {row.value}",
                        row.against,
                        _metric(row),
                        _VERDICTS[row.verdict],
                        numbers.signed(row.difference),
                        numbers.interval(row.low, row.high),
                        numbers.decimal(row.margin),
                        numbers.decimal(row.detectable),
                    )
                    for row in sorted(gaps, key=_order)
                ],
                5,
                _MOST_ROWS,
                "subgroup_gaps.csv",
            ),
            *shown(
                "Differences of gaps between networks",
                ("Networks", "Group", "Against", "Metric", "Verdict", "Difference", "Interval"),
                [
                    (
                        f"{row.model_a} − {row.model_b}",
                        f"{row.column} = {row.value}",
                        row.against,
                        _metric(row),
                        row.verdict,
                        numbers.signed(row.difference),
                        numbers.interval(row.low, row.high),
                    )
                    for row in sorted(apart, key=lambda row: row.p_adjusted or 0.0)
                ],
                5,
                _MOST_ROWS,
                "gap_differences.csv",
            ),
        ),
        _NOTE,
        question="Safe for which groups?",
        verdict=_verdict(gaps),
        figures=gap_figures.gaps(results, gaps),
    )


def _verdict(gaps: list[SubgroupGapRow]) -> str:
    """Returns the answer for the first screen, on rates and calibration alone."""
    gaps = [row for row in gaps if row.metric != "net_benefit"]
    found = [row for row in gaps if row.verdict in ("higher", "lower")]
    left = sum(row.verdict == "undecided" for row in gaps)
    if found:
        worst = max(found, key=lambda row: abs(row.difference or 0.0))
        more = f", and {len(found) - 1} more gaps are significant" if len(found) > 1 else ""
        return (
            f"{worst.model} has a {worst.verdict} {_metric(worst)} for {worst.column} = "
            f"{worst.value} than for {_other(worst)} (by "
            f"{numbers.decimal(abs(worst.difference or 0.0), 2)}){more}."
        )
    if not left:
        return "No group has a gap larger than the margin."
    return (
        f"Not known: no gap between groups is significant, but {left} of {len(gaps)} gaps could be "
        "larger than the margin, as there are too few patients to tell."
    )


def _order(row: SubgroupGapRow) -> tuple[float, float]:
    return (list(_VERDICTS).index(row.verdict) // 2, numbers.number(row.p_adjusted))


def _metric(row: SubgroupGapRow | GapDifferenceRow) -> str:
    name = _NAMES.get(row.metric, row.metric)
    return f"{name} at {row.threshold:g}" if numbers.defined(row.threshold) else name


def _counts(gaps: list[SubgroupGapRow]) -> str:
    significant = sum(row.verdict in ("higher", "lower") for row in gaps)
    within = sum(row.verdict == "no_relevant_gap" for row in gaps)
    left = [row for row in gaps if row.verdict == "undecided"]
    words = (
        f"Of {numbers.plural(len(gaps), 'gap')} between groups of patients, {significant} "
        f"{'is' if significant == 1 else 'are'} significant, {within} "
        f"{'is' if within == 1 else 'are'} shown to be within the margin"
    )
    if not left:
        return f"{words}, and none is undecided."
    rates = [row.detectable for row in left if row.metric != "net_benefit"]
    sizes = [size for size in rates if numbers.defined(size)]
    detail = f" (median detectable gap {numbers.decimal(median(sizes), 2)})" if sizes else ""
    return f"{words}, and for {len(left)} there are not enough patients to tell{detail}."


def _significant(gaps: list[SubgroupGapRow]) -> list[str]:
    chosen = [
        row for row in gaps if row.verdict in ("higher", "lower") and row.metric != "net_benefit"
    ]
    chosen.sort(key=lambda row: -abs(row.difference or 0.0))
    found = [
        f"{row.model}: {_metric(row)} is {row.verdict} for {row.column} = {row.value} than for "
        f"{_other(row)} by {numbers.decimal(abs(row.difference or 0.0))} "
        f"({_size(row)}; adjusted {numbers.p_value(row.p_adjusted)})."
        for row in chosen[:_MOST_NAMED]
    ]
    more = len(chosen) - len(found)
    return found + ([f"{more} more significant gaps are in the table."] if more > 0 else [])


def _size(row: SubgroupGapRow) -> str:
    low, high = sorted((abs(row.low or 0.0), abs(row.high or 0.0)))
    return numbers.interval(low, high)


def _other(row: SubgroupGapRow) -> str:
    return "the rest" if row.against == "rest" else f"{row.column} = {row.against}"


def _within(gaps: list[SubgroupGapRow]) -> list[str]:
    by_metric: dict[str, list[SubgroupGapRow]] = {}
    for row in gaps:
        by_metric.setdefault(_metric(row), []).append(row)
    safe = [
        name
        for name, many in by_metric.items()
        if all(row.verdict == "no_relevant_gap" for row in many)
    ]
    if not safe:
        return []
    return [f"In {numbers.listed(safe)} no group has a gap larger than the margin in any network."]


def _between(apart: list[GapDifferenceRow]) -> list[str]:
    if not apart:
        return []
    verdicts = [row.verdict for row in apart]
    return [
        f"Between networks, {verdicts.count('different')} of {len(apart)} differences of gaps are "
        f"significant and {verdicts.count('equivalent')} are shown to be within the margin."
    ]

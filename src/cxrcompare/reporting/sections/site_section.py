"""The section on several sites: pooled differences, heterogeneity, and a new site."""

from __future__ import annotations

from cxrcompare.comparison.row_types.site_row_types import (
    SiteDifferenceRow,
    SiteMetricRow,
    SitePooledRow,
)
from cxrcompare.reporting.figures.analyses import site_figures
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows
from cxrcompare.reporting.sections.section import Section, percent, shown

_NOTE = (
    "Site is a random factor (REML; Hartung, Knapp, Sidik and Jonkman): the mean difference is "
    "over sites such as these. The prediction interval is for the true difference at a new site of "
    "this kind. Tau is the standard deviation of the difference between sites, I² the share of the "
    "variance that is between sites. With few sites tau is poorly known."
)
_MOST_NAMED = 4
_MOST_ROWS = 100
_VERDICTS = {
    "a_better": "first better",
    "b_better": "second better",
    "equivalent": "equivalent",
    "undecided": "undecided",
}


def section(results: Results) -> Section | None:
    """Returns the section, or None without sites."""
    metrics = [
        row
        for row in rows(results.comparison.site_metrics, SiteMetricRow)
        if row.finding == results.scope
    ]
    differences = [
        row
        for row in rows(results.comparison.site_differences, SiteDifferenceRow)
        if row.finding == results.scope
    ]
    pooled = [
        row
        for row in rows(results.comparison.site_pooled, SitePooledRow)
        if row.finding == results.scope
    ]
    sites = list(
        dict.fromkeys(row.site for row in rows(results.comparison.site_metrics, SiteMetricRow))
    )
    if not sites:
        return None
    return Section(
        "sites",
        "Sites",
        tuple(_sentences(results, sites, metrics, pooled)),
        (
            *shown(
                "Differences pooled over sites",
                ("Networks", "Verdict", "Difference", "Interval", "New site", "Tau", "I²"),
                [
                    (
                        f"{row.model_a} − {row.model_b}",
                        _VERDICTS.get(row.verdict, numbers.UNDEFINED),
                        numbers.signed(row.difference),
                        numbers.interval(row.low, row.high),
                        numbers.interval(row.prediction_low, row.prediction_high),
                        f"{numbers.decimal(row.tau)} ({_tau(row)})",
                        percent(row.i_squared or 0.0),
                    )
                    for row in pooled
                ],
                2,
                _MOST_ROWS,
                "site_pooled.csv",
            ),
            *shown(
                "Networks at each site",
                ("Site", "Network", "Patients", "AUROC", "Interval"),
                [
                    (
                        row.site,
                        row.model,
                        numbers.count(row.patients),
                        numbers.decimal(row.value),
                        numbers.interval(row.low, row.high),
                    )
                    for row in metrics
                ],
                2,
                _MOST_ROWS,
                "site_metrics.csv",
            ),
            *shown(
                "Differences at each site",
                ("Site", "Networks", "Difference", "Interval"),
                [
                    (
                        row.site,
                        f"{row.model_a} − {row.model_b}",
                        numbers.signed(row.difference),
                        numbers.interval(row.low, row.high),
                    )
                    for row in differences
                ],
                2,
                _MOST_ROWS,
                "site_differences.csv",
            ),
        ),
        _NOTE if pooled else "",
        question="Does it hold at other sites?",
        verdict=_verdict(pooled),
        figures=site_figures.forests(results, differences, pooled),
    )


def _sentences(
    results: Results,
    sites: list[str],
    metrics: list[SiteMetricRow],
    pooled: list[SitePooledRow],
) -> list[str]:
    found = []
    if pooled:
        found.append(_counts(pooled))
        found += [_pair(row) for row in _clear(pooled)[:_MOST_NAMED]]
    elif len(results.networks) > 1:
        found.append(
            f"Differences are not pooled over {numbers.plural(len(sites), 'site')}: the variance "
            "between sites needs at least three sites with enough patients."
        )
    values: dict[str, list[float]] = {}
    for row in metrics:
        if numbers.defined(row.value):
            values.setdefault(row.model, []).append(row.value)
    found += [
        f"{name}: AUROC from {numbers.decimal(min(many))} to {numbers.decimal(max(many))} at "
        f"{numbers.plural(len(many), 'site')}."
        for name, many in list(values.items())[:_MOST_NAMED]
    ]
    return found


def _clear(pooled: list[SitePooledRow]) -> list[SitePooledRow]:
    better = [row for row in pooled if row.verdict in ("a_better", "b_better")]
    return sorted(better, key=lambda row: -abs(row.difference or 0.0))


def _verdict(pooled: list[SitePooledRow]) -> str:
    """Returns the answer for the first screen."""
    if not pooled:
        return ""
    clear = _clear(pooled)
    where = f"Over {numbers.plural(round(pooled[0].sites or 0), 'site')}"
    if not clear:
        return f"{where}, no network is significantly better than another."
    holds = sum(_excludes_zero(row) for row in clear)
    if len(clear) == 1:
        new = "is expected at a new site too" if holds else "may not hold at a new site"
        better, worse = _better(clear[0])
        return f"{where}, {better} is better than {worse}; this {new}."
    return (
        f"{where}, {len(clear)} of {numbers.plural(len(pooled), 'difference')} between networks "
        f"are significant; {holds} of them are expected at a new site too."
    )


def _better(row: SitePooledRow) -> tuple[str, str]:
    names = (row.model_a, row.model_b)
    return names if row.verdict == "a_better" else names[::-1]


def _counts(pooled: list[SitePooledRow]) -> str:
    verdicts = [row.verdict for row in pooled]
    clear = len(_clear(pooled))
    holds = sum(_excludes_zero(row) for row in _clear(pooled))
    equal = verdicts.count("equivalent")
    return (
        f"Over {numbers.plural(round(pooled[0].sites or 0), 'site')}, {clear} of "
        f"{numbers.plural(len(pooled), 'difference')} of networks "
        f"{'is' if clear == 1 else 'are'} significant and {equal} "
        f"{'is' if equal == 1 else 'are'} equivalent within the margin; {holds} of the significant "
        f"ones {'is' if holds == 1 else 'are'} expected to keep the direction at a new site."
    )


def _tau(row: SitePooledRow) -> str:
    return numbers.interval(row.tau_low, row.tau_high)


def _excludes_zero(row: SitePooledRow) -> bool:
    low, high = numbers.number(row.prediction_low), numbers.number(row.prediction_high)
    return low > 0 or high < 0


def _pair(row: SitePooledRow) -> str:
    first, second = _better(row)
    value, low, high = (numbers.number(one) for one in (row.difference, row.low, row.high))
    new = (numbers.number(row.prediction_low), numbers.number(row.prediction_high))
    if value < 0:
        value, low, high = -value, -high, -low
        new = (-new[1], -new[0])
    return (
        f"{first} is better than {second} by {numbers.decimal(value)} "
        f"({numbers.interval(low, high)}; adjusted {numbers.p_value(row.p_adjusted)}); at a new "
        f"site the difference is expected between {numbers.decimal(new[0])} and "
        f"{numbers.decimal(new[1])}."
    )

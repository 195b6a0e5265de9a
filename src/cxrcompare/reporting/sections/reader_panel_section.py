"""The section on networks against the mean reader and against the panel of readers."""

from __future__ import annotations

from cxrcompare.comparison.row_types.reader_rows import ReaderNetBenefitRow, ReaderPanelRow
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.lookup import Results, rows
from cxrcompare.reporting.sections.section import Section, shown

_NAMES = {
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "balanced_accuracy": "balanced accuracy",
    "net_benefit": "net benefit",
}
_VERDICTS = {
    "model_better": "network better",
    "readers_better": "readers better",
    "equivalent": "equivalent within the margin",
    "undecided": "undecided",
    "": numbers.UNDEFINED,
}
_NOTE = (
    "The mean reader is tested with readers as a random factor (Obuchowski and Rockette, Hillis’s "
    "degrees of freedom), so the result is about readers such as these. The panel is the majority "
    "of these readers. Networks call at their thresholds, and for the net benefit at the threshold "
    "probability. A network can exceed readers in sensitivity and fall behind in specificity: "
    "balanced accuracy is the mean of both."
)
_OVERALL = "balanced_accuracy"


def section(results: Results) -> Section | None:
    """Returns the section, or None with fewer than three readers."""
    found = [
        row
        for row in rows(results.comparison.reader_panel, ReaderPanelRow)
        if row.finding == results.scope and numbers.defined(row.difference)
    ]
    if not found:
        return None
    sentences = _sentences(found)
    return Section(
        "reader-panel",
        "Networks against the mean reader and the panel",
        tuple(sentences),
        (
            *shown(
                "Network minus readers",
                (
                    "Network",
                    "Against",
                    "Metric",
                    "Verdict",
                    "Value",
                    "Readers",
                    "Difference",
                    "Interval",
                ),
                [
                    (
                        row.model,
                        row.against,
                        _metric(row),
                        _VERDICTS[row.verdict],
                        numbers.decimal(row.model_value),
                        numbers.decimal(row.reader_value),
                        numbers.signed(row.difference),
                        numbers.interval(row.low, row.high),
                    )
                    for row in found
                ],
                4,
            ),
            *shown(
                "Net benefit of readers",
                ("Finding", "Reader", "Threshold probability", "Net benefit", "Interval"),
                [
                    (
                        row.finding,
                        row.reader,
                        f"{row.threshold:g}",
                        numbers.decimal(row.net_benefit),
                        numbers.interval(row.low, row.high),
                    )
                    for row in rows(results.comparison.reader_net_benefit, ReaderNetBenefitRow)
                ],
                2,
            ),
        ),
        _NOTE,
        question="Better than our readers?",
        verdict=_verdict(results, found),
    )


def _verdict(results: Results, found: list[ReaderPanelRow]) -> str:
    """Returns the answer for the first screen: the first network by rank, then the others."""
    tested = _chosen(found)
    first = next((row for name in results.networks for row in tested if row.model == name), None)
    if first is None:
        return ""
    readers = f"the mean of {numbers.count(first.readers)} readers"
    size = numbers.decimal(abs(first.difference or 0.0), 2)
    words = {
        "model_better": f"{first.model} is better than {readers} in {_metric(first)} (by {size}).",
        "readers_better": f"No: {first.model} is worse than {readers} in {_metric(first)} "
        f"(by {size}).",
        "equivalent": f"{first.model} is as good as {readers} in {_metric(first)}, within the "
        "margin.",
        "undecided": f"Not known: {first.model} is not shown to be better or worse than {readers} "
        f"in {_metric(first)}.",
    }[first.verdict]
    rest = [row.verdict for row in tested if row is not first]
    better, worse = rest.count("model_better"), rest.count("readers_better")
    if not (better or worse):
        return words
    return (
        f"{words} Of the other {len(rest)}, {better} {'is' if better == 1 else 'are'} better and "
        f"{worse} {'is' if worse == 1 else 'are'} worse."
        if len(rest) > 1
        else f"{words} {tested[-1 if tested[0] is first else 0].model} is "
        f"{'better' if better else 'worse'}."
    )


def _chosen(found: list[ReaderPanelRow]) -> list[ReaderPanelRow]:
    """Returns the tests against the mean reader in one metric, balanced accuracy if tested."""
    against = [row for row in found if row.against == "mean reader" and row.verdict]
    overall = [row for row in against if row.metric == _OVERALL]
    return overall or [row for row in against if row.metric == against[0].metric]


def _metric(row: ReaderPanelRow) -> str:
    name = _NAMES.get(row.metric, row.metric)
    return f"{name} at {row.threshold:g}" if numbers.defined(row.threshold) else name


def _sentences(found: list[ReaderPanelRow]) -> list[str]:
    chosen = _chosen(found)
    sentences = []
    for verdict, words in (
        ("model_better", "better than"),
        ("readers_better", "worse than"),
        ("equivalent", "equivalent to"),
    ):
        many = [row for row in chosen if row.verdict == verdict]
        if many:
            sentences.append(_group(many, words))
    left = [row for row in chosen if row.verdict == "undecided"]
    if left:
        sentences.append(
            f"For {_listed(left)} the comparison with the mean reader in {_metric(left[0])} is "
            "undecided."
        )
    if not chosen:
        sentences.append("No network has a chosen threshold, so readers are not tested.")
    panel = [
        row
        for row in found
        if row.against == "panel" and row.metric == (chosen[0].metric if chosen else "")
    ]
    better = [row for row in panel if row.verdict == "model_better"]
    worse = [row for row in panel if row.verdict == "readers_better"]
    if panel and (better or worse):
        sentences.append(
            f"Against the panel (majority of {numbers.count(panel[0].readers)} readers), "
            f"{len(better)} of {numbers.plural(len(panel), 'network')} "
            f"{'is' if len(better) == 1 else 'are'} better and {len(worse)} worse."
        )
    return sentences


def _group(many: list[ReaderPanelRow], words: str) -> str:
    verb = "is" if len(many) == 1 else "are"
    first = max(many, key=lambda row: abs(row.difference or 0.0))
    return (
        f"{_listed(many)} {verb} {words} the mean of {numbers.count(first.readers)} readers in "
        f"{_metric(first)} ({first.model}: {numbers.signed(first.difference)}, "
        f"{numbers.interval(first.low, first.high)}; adjusted {numbers.p_value(first.p_adjusted)})."
    )


def _listed(many: list[ReaderPanelRow]) -> str:
    return numbers.listed(list(dict.fromkeys(row.model for row in many)))

"""The words of the report that page and Markdown share: question, answers, caveats, warnings."""

from __future__ import annotations

from collections.abc import Sequence

from cxrcompare.comparison.row_types.main_rows import WarningRow
from cxrcompare.reporting.figures.figure import Figure
from cxrcompare.reporting.narrative import first_screen, protocol_card, serious_warnings
from cxrcompare.reporting.results import numbers
from cxrcompare.reporting.results.estimated import Estimate
from cxrcompare.reporting.results.lookup import Results, rows, text
from cxrcompare.reporting.sections.section import Section


def verdicts(found: Sequence[Section]) -> list[first_screen.Answer]:
    """Returns the answers of the sections that change the decision."""
    return [
        first_screen.Answer(one.question, one.verdict, one.key)
        for one in found
        if one.question and one.verdict
    ]


def caveats(results: Results) -> list[str]:
    """Returns what may change the decision: baselines, chance, and serious warnings."""
    return [*first_screen.caveats(results), *serious_warnings.lines(warnings(results))]


def source(results: Results) -> str:
    """Returns the data of the comparison in one line: name, if stated, and sizes."""
    card = dict(protocol_card.card(results))
    findings = numbers.plural(len(results.comparison.findings), "finding")
    name = text(results.comparison.protocol.get("data"))
    return " · ".join(part for part in (name, card["Size"], findings) if part)


def headline_note(results: Results, drawn: dict[str, Figure]) -> str:
    """Returns what bars and marks of the headline figure mean."""
    notes = [one.note for one in drawn.values() if one.kind == "headline"]
    return " ".join([f"Bars: {protocol_card.interval_words(results)}.", *notes]).strip()


def question(results: Results) -> str:
    """Returns the question that the comparison answers."""
    networks, findings = len(results.networks), len(results.comparison.findings)
    where = numbers.plural(findings, "finding")
    if networks == 1:
        return f"How well does {results.networks[0]} classify {where}?"
    return (
        f"Which of {numbers.spelled(networks)} networks classifies {where} best, and which "
        "differences are statistically significant?"
    )


def warnings(results: Results) -> dict[str, list[str]]:
    """Returns the warnings by code, each with the network and finding that it concerns."""
    found: dict[str, list[str]] = {}
    for row in rows(results.comparison.warnings, WarningRow):
        about = " · ".join(part for part in (text(row.model), text(row.finding)) if part)
        words = text(row.message)
        line = f"{about}: {words}" if about and not words.startswith(about) else words
        found.setdefault(text(row.code), []).append(line)
    return found


def seeds(results: Results) -> list[tuple[str, list[tuple[str, Estimate]], Estimate]]:
    """Returns the headline estimate of every seed, for networks with several seeds."""
    found = []
    for name in results.networks:
        runs, whole = results.runs(name, results.scope), results.estimate(name, results.scope)
        if len(runs) > 1 and whole is not None:
            found.append((name, runs, whole))
    return found

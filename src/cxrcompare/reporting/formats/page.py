"""The HTML page: collects the content of the template from a comparison."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from cxrcompare.evaluation.metrics import LOWER_IS_BETTER
from cxrcompare.reporting.figures import (
    cost_figures,
    finding_curves,
    model_figures,
    net_benefit_figures,
    order_figures,
    overview,
)
from cxrcompare.reporting.figures.figure import Figure, named
from cxrcompare.reporting.formats import page_data, page_style, page_words, site_data
from cxrcompare.reporting.formats.topics import topics
from cxrcompare.reporting.narrative import (
    answer,
    checklist,
    first_screen,
    next_steps,
    protocol_card,
    strengths,
    terms,
)
from cxrcompare.reporting.results import (
    drawn_networks,
    further_results,
    main_table,
    reader_table,
)
from cxrcompare.reporting.results.lookup import (
    OVER_FINDINGS,
    Results,
    text,
    title,
)
from cxrcompare.reporting.results.pairs import MOST_PAIRS
from cxrcompare.reporting.sections.all_sections import sections
from cxrcompare.reporting.sections.section import Section

_MOST_CHIPS = 12
"""With more networks, the highlighted one is chosen from a list."""


def figures(results: Results) -> dict[str, Figure]:
    """Returns all figures of the report by name, in the order of the page."""
    shown = drawn_networks.drawn(results)
    drawn: list[Figure | None] = [overview.headline(results), *overview.by_finding(results)]
    drawn += [order_figures.forest(results, scope) for scope in results.scopes]
    drawn.append(order_figures.ranks(results))
    for finding in results.comparison.findings:
        drawn += [
            finding_curves.roc(results, finding),
            finding_curves.precision_recall(results, finding),
            net_benefit_figures.decision(results, finding),
        ]
        drawn += [finding_curves.calibration(results, finding, name) for name in shown]
    drawn += [figure for section in sections(results) for figure in section.figures]
    drawn += [model_figures.multilabel(results, name) for name in shown]
    drawn += [model_figures.training(results, name) for name in shown]
    drawn += [cost_figures.cost_against_quality(results, cost) for cost in cost_figures.COSTS]
    return named([figure for figure in drawn if figure is not None])


def render(results: Results, drawn: dict[str, Figure], cases: str = "") -> str:
    """Returns the page as one self-contained HTML document.

    Args:
        results: The comparison.
        drawn: The figures, from `figures`.
        cases: The case viewer as HTML; empty if there are no cases.
    """
    content = _context(results, drawn) | {"cases": Markup(cases)}
    return page_style.environment().get_template("report.html").render(content)


def _context(results: Results, drawn: dict[str, Figure]) -> dict[str, Any]:
    """Returns the values of the template's variables."""
    named_figures = {(figure.kind, figure.about): name for name, figure in drawn.items()}
    found = sections(results)
    return {
        "r": results,
        "c": results.comparison,
        "lower": LOWER_IS_BETTER,
        "most_chips": _MOST_CHIPS,
        "most_pairs": MOST_PAIRS,
        "figures": drawn,
        "named": named_figures,
        "sections": found,
        **_document(results, drawn),
        **_first_screen(results, drawn, found),
        **_tables(results),
        **_by_finding(results, named_figures),
        **_topics(results, named_figures, found),
    }


def _document(results: Results, drawn: dict[str, Figure]) -> dict[str, Any]:
    """Returns the title, and style, scripts and data that the document contains."""
    site = site_data.data(results)
    protocol = results.comparison.protocol
    return {
        "title": text(protocol.get("title")) or "Comparison of networks",
        "source": page_words.source(results),
        "synthetic": bool(protocol.get("synthetic")),
        "style": Markup(page_style.style(len(results.networks))),
        "script": Markup(page_style.packaged("report.js")),
        "data": Markup(page_data.embedded(page_data.data(results, drawn))),
        "downloadable": page_data.downloadable,
        "drawing": lambda name: Markup(
            drawn[name].axes.svg(f"f-{name}", drawn[name].title, drawn[name].alt_text)
        ),
        "site": Markup(site_data.embedded(site)) if site else "",
        "site_findings": list(site["findings"]) if site else [],
        "site_script": Markup(page_style.packaged("site.js")),
    }


def _first_screen(
    results: Results, drawn: dict[str, Figure], found: list[Section]
) -> dict[str, Any]:
    return {
        "answers": first_screen.answers(results, page_words.verdicts(found)),
        "caveats": page_words.caveats(results),
        "tests": answer.answer(results),
        "quality": answer.quality(results),
        "headline_note": page_words.headline_note(results, drawn),
        "interval_words": protocol_card.interval_words(results),
        "strips": [name for name, figure in drawn.items() if figure.kind == "findings"],
    }


def _tables(results: Results) -> dict[str, Any]:
    """Returns the tables over all findings, and the words about them."""
    gaps = further_results.gap_cells(results)
    findings = results.comparison.findings
    scopes = (*results.scopes[:1], *findings) if len(findings) > 1 else (results.scope,)
    return {
        "scope_names": {name: OVER_FINDINGS.get(name, name) for name in results.scopes},
        "tables": {name: main_table.table(results, name) for name in results.scopes},
        "entered": {name: main_table.entered(results, name) for name in results.scopes},
        "metric_names": {name: title(name) for name in results.metrics},
        "parts": main_table.parts(results),
        "part_notes": main_table.notes(results),
        "threshold_note": main_table.threshold_note(results),
        "correction": results.comparison.protocol.get("correction") or "bonferroni",
        "seeds": page_words.seeds(results),
        "readers": reader_table.tables(results),
        "readers_below": further_results.readers_below(results),
        "non_inferiority": further_results.non_inferiority(results),
        "added": [row for scope in scopes for row in further_results.added(results, scope)],
        "gaps": gaps,
        "gapped": {cell[:2] for cell in gaps},
        "costs": cost_figures.COSTS,
        "fronts": {cost: cost_figures.pareto(results, cost) for cost in cost_figures.COSTS},
    }


def _by_finding(
    results: Results, named_figures: dict[tuple[str, str], str]
) -> dict[str, dict[str, Any]]:
    """Returns what each finding has of its own."""
    findings = results.comparison.findings
    shown = drawn_networks.drawn(results)
    return {
        "calibrated": {
            finding: [
                name
                for name in results.networks
                if ("calibration", f"{finding}\n{name}") in named_figures
            ]
            for finding in findings
        },
        "decided": {name: further_results.net_benefit_pairs(results, name) for name in findings},
        "analytic": {name: further_results.analytic(results, name) for name in findings},
        "operating": {
            finding: [row for row in page_data.operating(results, finding) if row.model in shown]
            for finding in findings
        },
    }


def _topics(
    results: Results, named_figures: dict[tuple[str, str], str], found: list[Section]
) -> dict[str, Any]:
    """Returns the topics below the first screen, and the content of those that can be empty."""
    comparison = results.comparison
    shown, rest = drawn_networks.drawn(results), len(drawn_networks.others(results))
    profiles = [
        one
        for one in strengths.profiles(results)
        if (one.strengths or one.limits) and one.name in shown
    ]
    costed = [model for model in comparison.models if model["cost"]]
    trained = [about for kind, about in named_figures if kind == "training"]
    confused = [name for name in results.networks if ("multilabel", name) in named_figures]
    steps, warned = next_steps.next_steps(results), page_words.warnings(results)
    content = {
        "differences": len(results.networks) > 1,
        "ranks": ("ranks", "") in named_figures,
        "readers": len(comparison.readers) > 0,
        "subgroups": comparison.subgroups,
        "strengths": profiles,
        "cost": costed,
        "training": trained,
        "multilabel": confused,
        "next": steps,
        "warnings": warned,
    }
    return {
        "topics": topics(content, found),
        "detailed": shown,
        "shortened": f"The first {len(shown)} networks by rank; {rest} others are in {{}}."
        if rest
        else "",
        "profiled": profiles,
        "costed": costed,
        "trained": trained,
        "confused": confused,
        "steps": steps,
        "warnings": warned,
        "protocol": protocol_card.card(results),
        "terms": terms.TERMS,
        "checklists": checklist.checklists(results),
    }
